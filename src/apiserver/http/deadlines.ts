/**
 * When requests must be done. Almost every request ends long before, so those that begin within one second
 * share one signal and one timer; a deadline comes up to a second late.
 */

import { badRequestError, timeoutError } from '../../api/meta/api-error.ts';
import { parseDuration } from '../../api/time/time.ts';
import { Slots } from '../../base/slots.ts';
import type { Clock } from '../../host/host.ts';

export interface Deadline {
  readonly signal: AbortSignal;
  /** Calls `run` when the time is over, unless the deadline was cancelled. At most one `run`. */
  onExpire(run: () => void): void;
  /** The request has ended; frees what the deadline holds. */
  cancel(): void;
}

/** Upstream's default, and the most that a request may ask for. Watches have their own. */
export const REQUEST_MAX_MS = 60_000;
const SHARED_MS = 1_000;

/**
 * How long a request that is no watch may take: what its `timeout` says, up to the most that there is. Throws
 * `ApiError` for what is no duration; none, nothing and more than there is mean the most.
 */
export function allowedMs(timeout: string | null): number {
  if (timeout === null || timeout === '') return REQUEST_MAX_MS;
  const nanos = parseDuration(timeout);
  if (typeof nanos !== 'bigint') {
    throw badRequestError(`invalid timeout specified in the request URL - ${nanos.error}`);
  }
  const ms = Number(nanos) / 1e6;
  return ms > 0 && ms < REQUEST_MAX_MS ? ms : REQUEST_MAX_MS;
}

export function expiredRequestError(): Error {
  return timeoutError('request did not complete within the allotted timeout');
}

interface Shared {
  readonly signal: AbortSignal;
  readonly expiring: Slots<() => void>;
}

export class Deadlines {
  readonly #clock: Clock;
  readonly #maxMs: number;
  #shared: Shared | undefined;
  #sharedUntilMs = 0;

  /** `maxMs`: how long a request may take that asks for nothing else. */
  constructor(clock: Clock, maxMs: number = REQUEST_MAX_MS) {
    this.#clock = clock;
    this.#maxMs = maxMs;
  }

  /** Of a request that asks for nothing else. */
  usual(): Deadline {
    const now = this.#clock.now();
    let shared = this.#shared;
    if (shared === undefined || now >= this.#sharedUntilMs) {
      shared = this.#begin(this.#maxMs + SHARED_MS).shared;
      this.#shared = shared;
      this.#sharedUntilMs = now + SHARED_MS;
    }
    return handleOf(shared, () => {});
  }

  after(ms: number): Deadline {
    const { shared, stop } = this.#begin(ms);
    return handleOf(shared, stop);
  }

  #begin(ms: number): { readonly shared: Shared; readonly stop: () => void } {
    const abort = new AbortController();
    const expiring = new Slots<() => void>();
    const timer = this.#clock.after(ms, () => {
      abort.abort(expiredRequestError());
      for (const run of expiring) run();
    });
    return { shared: { signal: abort.signal, expiring }, stop: () => timer.cancel() };
  }
}

function handleOf({ signal, expiring }: Shared, stop: () => void): Deadline {
  let slot: number | undefined;
  return {
    signal,
    onExpire: (run) => {
      slot = expiring.add(run);
    },
    cancel: () => {
      if (slot !== undefined) expiring.remove(slot);
      slot = undefined;
      stop();
    },
  };
}
