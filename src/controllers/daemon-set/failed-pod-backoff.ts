/**
 * How long a failed pod of a DaemonSet is left lying before the next one is tried on its node: 1 s, then
 * twice as long each time up to 15 minutes; after twice that without a failure it starts anew. Without it
 * the controller and a kubelet that refuses the pod would chase each other.
 *
 * Bound: what has expired is forgotten whenever something is noted.
 */

import type { Clock } from '../../host/host.ts';

const FIRST_MS = 1_000;
const MAX_MS = 15 * 60_000;
const EXPIRED_MS = 2 * MAX_MS;

interface Failure {
  readonly backoffMs: number;
  readonly atMs: number;
}

export class FailedPodBackoff {
  readonly #clock: Clock;
  /** The one that failed longest ago first. */
  readonly #failures = new Map<string, Failure>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long to wait from now; 0: not at all. */
  leftMs(key: string): number {
    const failure = this.#failures.get(key);
    if (failure === undefined) return 0;
    return Math.max(0, failure.atMs + failure.backoffMs - this.#clock.monotonicMs());
  }

  failed(key: string): void {
    const atMs = this.#clock.monotonicMs();
    for (const [old, failure] of this.#failures) {
      if (atMs - failure.atMs <= EXPIRED_MS) break;
      this.#failures.delete(old);
    }
    const before = this.#failures.get(key);
    const backoffMs = before === undefined ? FIRST_MS : Math.min(2 * before.backoffMs, MAX_MS);
    this.#failures.delete(key);
    this.#failures.set(key, { backoffMs, atMs });
  }
}
