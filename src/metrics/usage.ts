/**
 * From counters to rates, as metrics-server makes them; pure.
 *
 * Worked example, period 15 s: a container that started at 2 s has used 1 s of processor time at 15 s, and
 * 4 s at 30 s. At 15 s there is one point only, but the container is 13 s old, and its start counts as a
 * point with nothing used: 77m over 13 s. At 30 s two points are there: 200m over 15 s.
 */

import { formatDuration, formatTime } from '../api/time/time.ts';
import { formatQuantity } from '../api/quantity/quantity.ts';
import type { NodeMetrics } from '../api/types.gen.ts';
import type { Point } from './exposition.ts';

export interface Usage {
  readonly cpuNanoCores: number;
  readonly memoryBytes: number;
  /** The end of the time in which that was used. */
  readonly atMs: number;
  readonly windowMs: number;
}

/** As upstream: over less time a rate says little. */
const FRESH_MIN_MS = 10_000;

/**
 * Undefined while there is not enough to tell. `startedMs` of a container; a start after `before` makes that
 * point one of another life.
 */
export function usageBetween(
  before: Point | undefined,
  last: Point,
  periodMs: number,
  startedMs?: number,
): Usage | undefined {
  const sameLife = before !== undefined && (startedMs === undefined || startedMs <= before.atMs);
  const ageMs = startedMs === undefined ? 0 : last.atMs - startedMs;
  const isFresh = startedMs !== undefined && ageMs >= FRESH_MIN_MS && ageMs < periodMs;
  const from = sameLife ? before : isFresh ? { atMs: startedMs, cpuNanoSeconds: 0 } : undefined;
  if (from === undefined || last.atMs <= from.atMs || last.cpuNanoSeconds < from.cpuNanoSeconds) {
    return undefined;
  }
  const windowMs = last.atMs - from.atMs;
  const cpuNanoCores = Math.trunc(((last.cpuNanoSeconds - from.cpuNanoSeconds) / windowMs) * 1000);
  return { cpuNanoCores, memoryBytes: last.memoryBytes, atMs: last.atMs, windowMs };
}

type Measured = Pick<NodeMetrics, 'timestamp' | 'window'>;

export function timesOf({ atMs, windowMs }: Usage): Measured {
  return { timestamp: formatTime(atMs), window: formatDuration(BigInt(Math.round(windowMs * 1e6))) };
}

export function quantitiesOf({ cpuNanoCores, memoryBytes }: Usage): NodeMetrics['usage'] {
  return {
    cpu: formatQuantity({ nanos: BigInt(Math.round(cpuNanoCores)), format: 'DecimalSI' }),
    memory: formatQuantity({ nanos: BigInt(Math.round(memoryBytes)) * 1_000_000_000n, format: 'BinarySI' }),
  };
}
