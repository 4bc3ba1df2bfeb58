/** Long work in short slices, between which everybody else has a turn. */

import type { Clock } from '../../host/host.ts';

/** The event loop is held no longer than this at a time. */
const SLICE_MS = 4;

export class Slices {
  readonly #clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  readonly #signal: AbortSignal;
  readonly #rest: number;
  #beganMs: number;

  /** `rest`: how long the work is to rest after each slice, in times of what that took. */
  constructor(clock: Pick<Clock, 'monotonicMs' | 'sleep'>, signal: AbortSignal, rest = 0) {
    this.#clock = clock;
    this.#signal = signal;
    this.#rest = rest;
    this.#beganMs = clock.monotonicMs();
  }

  /** To be called often. Rejects when the signal has aborted. */
  async turn(): Promise<void> {
    this.#signal.throwIfAborted();
    const tookMs = this.#clock.monotonicMs() - this.#beganMs;
    if (tookMs < SLICE_MS) return;
    await this.#clock.sleep(tookMs * this.#rest);
    this.#beganMs = this.#clock.monotonicMs();
  }
}
