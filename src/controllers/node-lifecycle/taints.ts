/** The taints that a node carries because of its conditions. Pure; keys and effects are upstream's. */

import { formatTime } from '../../api/time/time.ts';
import type { Node, Taint } from '../../api/types.gen.ts';
import { nodeCondition } from './health.ts';

export const NOT_READY = 'node.kubernetes.io/not-ready';
export const UNREACHABLE = 'node.kubernetes.io/unreachable';
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';

const PRESSURES: readonly { readonly condition: string; readonly key: string }[] = [
  { condition: 'MemoryPressure', key: 'node.kubernetes.io/memory-pressure' },
  { condition: 'DiskPressure', key: 'node.kubernetes.io/disk-pressure' },
  { condition: 'NetworkUnavailable', key: 'node.kubernetes.io/network-unavailable' },
  { condition: 'PIDPressure', key: 'node.kubernetes.io/pid-pressure' },
];

const SCHEDULING_KEYS: ReadonlySet<string> = new Set([
  NOT_READY,
  UNREACHABLE,
  UNSCHEDULABLE,
  ...PRESSURES.map(({ key }) => key),
]);

/**
 * The node's taints with those that keep new pods away as its conditions ask; undefined when they are right.
 */
export function withSchedulingTaints(node: Node, nowMs: number): readonly Taint[] | undefined {
  const { taints = [] } = node.spec;
  const wanted = schedulingKeys(node);
  const isOurs = ({ key, effect }: Taint): boolean => effect === 'NoSchedule' && SCHEDULING_KEYS.has(key);
  return replaceTaints(taints, isOurs, wanted, 'NoSchedule', nowMs);
}

function schedulingKeys(node: Node): readonly string[] {
  const keys = PRESSURES.filter(({ condition }) => nodeCondition(node, condition)?.status === 'True').map(
    ({ key }) => key,
  );
  const ready = nodeCondition(node, 'Ready')?.status;
  if (ready === 'False') keys.push(NOT_READY);
  if (ready === 'Unknown') keys.push(UNREACHABLE);
  if (node.spec.unschedulable === true) keys.push(UNSCHEDULABLE);
  return keys;
}

/**
 * The taint that drives pods away from a node that is not ready; undefined while it is, or never said
 * anything.
 */
export function evictionKey(node: Node): string | undefined {
  const status = nodeCondition(node, 'Ready')?.status;
  if (status === undefined || status === 'True') return undefined;
  return status === 'False' ? NOT_READY : UNREACHABLE;
}

export function hasEvictionTaint({ spec }: Node): boolean {
  return (spec.taints ?? []).some(isEvictionTaint);
}

/** With exactly this NoExecute taint of the two, or with none; undefined when that is so already. */
export function withEvictionTaint(
  node: Node,
  key: string | undefined,
  nowMs: number,
): readonly Taint[] | undefined {
  const wanted = key === undefined ? [] : [key];
  return replaceTaints(node.spec.taints ?? [], isEvictionTaint, wanted, 'NoExecute', nowMs);
}

function isEvictionTaint({ key, effect }: Taint): boolean {
  return effect === 'NoExecute' && (key === NOT_READY || key === UNREACHABLE);
}

function replaceTaints(
  present: readonly Taint[],
  isOurs: (taint: Taint) => boolean,
  wanted: readonly string[],
  effect: Taint['effect'],
  nowMs: number,
): readonly Taint[] | undefined {
  const kept = present.filter((taint) => !isOurs(taint) || wanted.includes(taint.key));
  const missing = wanted.filter(
    (key) => !present.some((taint) => taint.key === key && taint.effect === effect),
  );
  if (kept.length === present.length && missing.length === 0) return undefined;
  return [...kept, ...missing.map((key) => ({ key, effect, timeAdded: formatTime(nowMs) }))];
}
