/** Which preemption hurts least. Pure. */

import type { Pod } from '../../api/types.gen.ts';
import { timeMs } from '../../api/time/time.ts';
import type { NodeInfo } from '../cache/node-info.ts';

export interface Candidate {
  readonly node: NodeInfo;
  /** The most important one first. */
  readonly victims: readonly Pod[];
  /** Victims whose going breaks a disruption budget. */
  readonly violations: number;
}

const priorityOf = ({ spec }: Pod): number => spec.priority ?? 0;

/** One that has not started yet counts as started just now. */
function startedMs({ status }: Pod): number {
  return status.startTime === undefined ? Number.POSITIVE_INFINITY : timeMs(status.startTime);
}

/** By priority, then by how long they run already. */
export function moreImportantFirst(a: Pod, b: Pod): number {
  const difference = priorityOf(b) - priorityOf(a);
  if (difference !== 0) return difference;
  const [startedA, startedB] = [startedMs(a), startedMs(b)];
  return startedA === startedB ? 0 : startedA - startedB;
}

/** Keeps sums of negative priorities from making more victims look cheaper. */
const PRIORITY_SHIFT = 2 ** 31;

/** What is compared, in this order; the lower the better. */
const COSTS: readonly ((candidate: Candidate) => number)[] = [
  ({ violations }) => violations,
  ({ victims }) => priorityOfFirst(victims),
  ({ victims }) => victims.reduce((sum, pod) => sum + priorityOf(pod) + PRIORITY_SHIFT, 0),
  ({ victims }) => victims.length,
  // Of the most important victims the one that runs longest should have started as late as possible.
  ({ victims }) => -earliestStart(victims),
];

function priorityOfFirst([first]: readonly Pod[]): number {
  return first === undefined ? Number.NEGATIVE_INFINITY : priorityOf(first);
}

function earliestStart(victims: readonly Pod[]): number {
  const most = priorityOfFirst(victims);
  const important = victims.filter((pod) => priorityOf(pod) === most);
  return important.reduce((earliest, pod) => Math.min(earliest, startedMs(pod)), Number.POSITIVE_INFINITY);
}

export function cheapest(candidates: readonly Candidate[]): Candidate | undefined {
  let left = candidates;
  for (const cost of COSTS) {
    if (left.length <= 1) break;
    const costs = left.map(cost);
    const least = costs.reduce((min, one) => Math.min(min, one), Number.POSITIVE_INFINITY);
    left = left.filter((_one, i) => costs[i] === least);
  }
  return left[0];
}
