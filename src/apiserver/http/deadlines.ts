/**
 * When requests must be done. Almost every request ends long before, so those that begin within one second
 * share one signal and one timer; a deadline comes up to a second late.
 */

import { timeoutError } from '../../api/meta/api-error.ts';
import type { Clock } from '../../host/host.ts';

export interface Deadline {
  readonly signal: AbortSignal;
  /** The request has ended; frees what the deadline holds. */
  cancel(): void;
}

const SHARED_MS = 1_000;

export class Deadlines {
  readonly #clock: Clock;
  readonly #maxMs: number;
  #shared: Deadline | undefined;
  #sharedUntilMs = 0;

  /** `maxMs`: how long a request may take that asks for nothing else. */
  constructor(clock: Clock, maxMs: number) {
    this.#clock = clock;
    this.#maxMs = maxMs;
  }

  /** Of a request that asks for nothing else. */
  usual(): Deadline {
    const now = this.#clock.now();
    if (this.#shared === undefined || now >= this.#sharedUntilMs) {
      const { signal } = this.after(this.#maxMs + SHARED_MS);
      this.#shared = { signal, cancel: () => {} };
      this.#sharedUntilMs = now + SHARED_MS;
    }
    return this.#shared;
  }

  after(ms: number): Deadline {
    const abort = new AbortController();
    const timer = this.#clock.after(ms, () =>
      abort.abort(timeoutError('request did not complete within the allowed time')),
    );
    return { signal: abort.signal, cancel: () => timer.cancel() };
  }
}
