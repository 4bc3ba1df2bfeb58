/**
 * Delays between restarts of a container that keeps ending: 10 s, doubling to 5 min, forgotten after 10 min
 * of good behaviour. Pure, and equal to upstream's `flowcontrol.Backoff` as the kubelet uses it.
 *
 * Example: first end → restarted at once, delay becomes 10 s; second end → restarted 10 s after it ended,
 * delay 20 s.
 */

export interface BackoffLimits {
  readonly initialMs: number;
  readonly maxMs: number;
}

export interface Backoff {
  readonly delayMs: number;
  readonly updatedAtMs: number;
}

export const CRASH_LOOP: BackoffLimits = { initialMs: 10_000, maxMs: 300_000 };

/** When the next start is due, given when the last run ended; undefined: now. */
export function dueAtMs(
  backoff: Backoff | undefined,
  endedAtMs: number,
  nowMs: number,
  limits: BackoffLimits,
): number | undefined {
  if (backoff === undefined || isExpired(backoff, endedAtMs, limits)) return undefined;
  const due = endedAtMs + backoff.delayMs;
  return nowMs < due ? due : undefined;
}

/** What holds after a start at `nowMs`. */
export function afterStart(
  backoff: Backoff | undefined,
  endedAtMs: number,
  nowMs: number,
  limits: BackoffLimits,
): Backoff {
  if (backoff === undefined || isExpired(backoff, endedAtMs, limits))
    return { delayMs: limits.initialMs, updatedAtMs: nowMs };
  return { delayMs: Math.min(backoff.delayMs * 2, limits.maxMs), updatedAtMs: nowMs };
}

function isExpired({ updatedAtMs }: Backoff, endedAtMs: number, { maxMs }: BackoffLimits): boolean {
  return endedAtMs - updatedAtMs > 2 * maxMs;
}
