/**
 * How long a Job waits before it replaces pods that failed: 10 s after the first failure, twice as long after
 * each further one, 10 minutes at most; a success begins anew. With a limit for each index, each index waits
 * for itself.
 */

import type { Pod } from '../../api/types.gen.ts';
import { finishedAtMs, ignoredIndexFailures, indexFailures } from './job-pods.ts';

const BACKOFF_MIN_MS = 10_000;
const BACKOFF_MAX_MS = 600_000;

export interface Backoff {
  readonly failuresAfterSuccess: number;
  readonly lastFailureMs: number;
}

export const NO_BACKOFF: Backoff = { failuresAfterSuccess: 0, lastFailureMs: 0 };

/** The record with the pods that ended since. */
export function withEnded(backoff: Backoff, succeeded: readonly Pod[], failed: readonly Pod[]): Backoff {
  const lastSuccessMs = Math.max(...succeeded.map(finishedAtMs));
  const failures = failed.map(finishedAtMs).filter((atMs) => atMs > lastSuccessMs);
  const before = succeeded.length > 0 ? NO_BACKOFF : backoff;
  if (failures.length === 0) return before;
  return {
    failuresAfterSuccess: before.failuresAfterSuccess + failures.length,
    lastFailureMs: Math.max(...failures),
  };
}

export function backoffLeftMs({ failuresAfterSuccess, lastFailureMs }: Backoff, nowMs: number): number {
  if (failuresAfterSuccess === 0) return 0;
  const doublings = Math.min(failuresAfterSuccess - 1, 30);
  const waitMs = Math.min(BACKOFF_MIN_MS * 2 ** doublings, BACKOFF_MAX_MS);
  return Math.max(0, lastFailureMs + waitMs - nowMs);
}

/** For one index; `last` is its latest pod, which failed. */
export function indexBackoffLeftMs(last: Pod | undefined, nowMs: number): number {
  if (last === undefined) return 0;
  const failuresAfterSuccess = indexFailures(last) + ignoredIndexFailures(last) + 1;
  return backoffLeftMs({ failuresAfterSuccess, lastFailureMs: finishedAtMs(last) }, nowMs);
}
