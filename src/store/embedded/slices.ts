/** Long work in short slices, between which everybody else has a turn. */

import type { Clock } from '../../host/host.ts';

/** The event loop is held no longer than this at a time. */
const SLICE_MS = 4;

export class Slices {
  readonly #clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  readonly #signal: AbortSignal;
  #ends: number;

  constructor(clock: Pick<Clock, 'monotonicMs' | 'sleep'>, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    this.#ends = clock.monotonicMs() + SLICE_MS;
  }

  /** To be called often. Rejects when the signal has aborted. */
  async turn(): Promise<void> {
    this.#signal.throwIfAborted();
    if (this.#clock.monotonicMs() < this.#ends) return;
    await this.#clock.sleep(0);
    this.#ends = this.#clock.monotonicMs() + SLICE_MS;
  }
}
