/**
 * The patch that brings a pod's status from what the API has to what the node says; pure. Conditions are
 * merged by type, so those of others stay; everything else of the kubelet is replaced, and removed when it
 * is gone.
 */

import { deepEqual } from '../../api/meta/equal.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import type { Pod, PodStatus } from '../../api/types.gen.ts';
import { RESIZE_CONDITIONS } from './pod-conditions.ts';
import type { KubeletPodStatus } from './pod-status.ts';

const OWN_FIELDS = [
  'observedGeneration',
  'phase',
  'reason',
  'message',
  'hostIP',
  'hostIPs',
  'podIP',
  'podIPs',
  'startTime',
  'initContainerStatuses',
  'containerStatuses',
  'ephemeralContainerStatuses',
] as const satisfies readonly (keyof PodStatus)[];

/** Lists that the API merges by key; the node knows all of their items. */
const WHOLE_LISTS: ReadonlySet<string> = new Set(['hostIPs', 'podIPs']);

/** A strategic merge patch; undefined when nothing differs. */
export function statusPatch(pod: Pod, next: KubeletPodStatus): JsonObject | undefined {
  const status: Record<string, JsonValue> = {};
  for (const field of OWN_FIELDS) {
    const [value, old] = [next[field], pod.status[field]];
    if (deepEqual(value, old)) continue;
    if (value === undefined) status[field] = null;
    else status[field] = asPatch(field, value as unknown as JsonValue);
  }
  const changed = (next.conditions ?? []).filter(
    (condition) =>
      !deepEqual(
        condition,
        pod.status.conditions?.find(({ type }) => type === condition.type),
      ),
  );
  const over = RESIZE_CONDITIONS.filter(
    (type) =>
      pod.status.conditions?.some((condition) => condition.type === type) === true &&
      next.conditions?.some((condition) => condition.type === type) !== true,
  );
  const conditions = [
    ...changed.map((condition) => conditionPatch(pod, condition)),
    ...over.map((type): JsonObject => ({ $patch: 'delete', type })),
  ];
  if (conditions.length > 0) status['conditions'] = conditions;
  if (Object.keys(status).length === 0) return undefined;
  return { metadata: { uid: pod.metadata.uid ?? '' }, status };
}

function asPatch(field: string, value: JsonValue): JsonValue {
  return WHOLE_LISTS.has(field) && Array.isArray(value) ? [{ $patch: 'replace' }, ...value] : value;
}

/** Reasons and messages that no longer hold have to be named to go. */
function conditionPatch(
  { status }: Pod,
  condition: NonNullable<KubeletPodStatus['conditions']>[number],
): JsonValue {
  const old = status.conditions?.find(({ type }) => type === condition.type);
  return {
    ...(condition as unknown as JsonObject),
    ...(old?.reason !== undefined && condition.reason === undefined ? { reason: null } : {}),
    ...(old?.message !== undefined && condition.message === undefined ? { message: null } : {}),
  };
}
