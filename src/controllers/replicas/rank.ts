/**
 * Which pods go first when there are too many. Pure; the order is upstream's `ActivePodsWithRanks`: what
 * costs the least to lose comes first, and among equals the pods are spread over nodes.
 */

import { podReadySinceMs } from '../pod-state/pod-state.ts';
import { timeMs } from '../../api/time/time.ts';
import type { Pod } from '../../api/types.gen.ts';

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const INT32 = /^-?(0|[1-9]\d*)$/;

interface Ranked {
  readonly pod: Pod;
  readonly assigned: number;
  readonly phase: number;
  readonly ready: number;
  readonly cost: number;
  /** Related pods on the same node: the more, the sooner one of them goes. */
  readonly neighbours: number;
  readonly readySinceMs: number | undefined;
  readonly restarts: number;
  readonly createdMs: number | undefined;
}

/**
 * All of `pods`, those to delete first in front. `related` are the active pods of all sets of the same owner.
 */
export function rankForDeletion(
  pods: readonly Pod[],
  related: readonly Pod[],
  nowMs: number,
): readonly Pod[] {
  const perNode = new Map<string, number>();
  for (const { spec } of related)
    perNode.set(spec.nodeName ?? '', (perNode.get(spec.nodeName ?? '') ?? 0) + 1);
  const ranked = pods.map((pod) => rank(pod, perNode));
  return ranked.toSorted((a, b) => compare(a, b, nowMs)).map(({ pod }) => pod);
}

function rank(pod: Pod, perNode: ReadonlyMap<string, number>): Ranked {
  const { spec, status, metadata } = pod;
  const readySinceMs = podReadySinceMs(pod);
  const assigned = (spec.nodeName ?? '') !== '';
  return {
    pod,
    assigned: assigned ? 1 : 0,
    phase: status.phase === 'Running' ? 2 : status.phase === 'Unknown' ? 1 : 0,
    ready: readySinceMs === undefined ? 0 : 1,
    cost: deletionCost(pod),
    neighbours: assigned ? (perNode.get(spec.nodeName ?? '') ?? 0) : 0,
    readySinceMs,
    restarts: Math.max(0, ...(status.containerStatuses ?? []).map(({ restartCount }) => restartCount)),
    createdMs: metadata.creationTimestamp === undefined ? undefined : timeMs(metadata.creationTimestamp),
  };
}

/** What its author says it costs to lose this pod; what is not a 32-bit number counts as 0. */
export function deletionCost({ metadata }: Pod): number {
  const text = metadata.annotations?.[DELETION_COST];
  if (text === undefined || !INT32.test(text)) return 0;
  const cost = Number(text);
  return cost > 0x7fffffff || cost < -0x80000000 ? 0 : cost;
}

function compare(a: Ranked, b: Ranked, nowMs: number): number {
  return (
    a.assigned - b.assigned ||
    a.phase - b.phase ||
    a.ready - b.ready ||
    a.cost - b.cost ||
    b.neighbours - a.neighbours ||
    younger(a.readySinceMs, b.readySinceMs, nowMs) ||
    b.restarts - a.restarts ||
    younger(a.createdMs, b.createdMs, nowMs) ||
    byUid(a.pod, b.pod)
  );
}

/**
 * The younger first, but ages of the same order of magnitude are equal: comparing exact times would always
 * take the pods of the same last scale-up, wherever they run.
 */
function younger(a: number | undefined, b: number | undefined, nowMs: number): number {
  if (a === undefined || b === undefined) return (a === undefined ? 0 : 1) - (b === undefined ? 0 : 1);
  return magnitude(nowMs - a) - magnitude(nowMs - b);
}

function magnitude(ageMs: number): number {
  return ageMs <= 0 ? -1 : Math.floor(Math.log2(ageMs * 1e6));
}

function byUid(a: Pod, b: Pod): number {
  const [left = '', right = ''] = [a.metadata.uid, b.metadata.uid];
  return left < right ? -1 : left > right ? 1 : 0;
}
