/** The conditions of a Deployment, as a list in which each type stands once. Pure. */

import { formatTime } from '../../api/time/time.ts';
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../../api/types.gen.ts';

export type ConditionType = 'Available' | 'Progressing' | 'ReplicaFailure';

/** Upstream's reasons; kubectl and people match on them. */
export type ConditionReason =
  | 'MinimumReplicasAvailable'
  | 'MinimumReplicasUnavailable'
  | 'NewReplicaSetCreated'
  | 'FoundNewReplicaSet'
  | 'ReplicaSetUpdated'
  | 'NewReplicaSetAvailable'
  | 'ProgressDeadlineExceeded'
  | 'ReplicaSetCreateError'
  | 'DeploymentPaused'
  | 'DeploymentResumed';

export function conditionOf(status: DeploymentStatus, type: ConditionType): DeploymentCondition | undefined {
  return status.conditions?.find((condition) => condition.type === type);
}

export function condition(
  type: ConditionType,
  status: 'True' | 'False' | 'Unknown',
  reason: ConditionReason,
  message: string,
  nowMs: number,
): DeploymentCondition {
  const now = formatTime(nowMs);
  return { type, status, lastUpdateTime: now, lastTransitionTime: now, reason, message };
}

/** Leaves a condition of the same status and reason alone, so that its times say since when. */
export function setCondition(status: DeploymentStatus, next: DeploymentCondition): DeploymentStatus {
  const current = status.conditions?.find(({ type }) => type === next.type);
  if (current?.status === next.status && current.reason === next.reason) return status;
  return replaceCondition(status, next);
}

/** As `setCondition`, but takes the new times and message even when the reason stays. */
export function replaceCondition(status: DeploymentStatus, next: DeploymentCondition): DeploymentStatus {
  const current = status.conditions?.find(({ type }) => type === next.type);
  const since = current?.status === next.status ? current.lastTransitionTime : next.lastTransitionTime;
  const others = (status.conditions ?? []).filter(({ type }) => type !== next.type);
  const kept = { ...next, ...(since === undefined ? {} : { lastTransitionTime: since }) };
  return { ...status, conditions: [...others, kept] };
}

export function removeCondition(status: DeploymentStatus, type: ConditionType): DeploymentStatus {
  if (conditionOf(status, type) === undefined) return status;
  const conditions = (status.conditions ?? []).filter((present) => present.type !== type);
  return { ...status, conditions };
}

/** What keeps the sets from writing their pods; the current one's word counts first. */
export function replicaFailure(
  sets: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
): DeploymentCondition | undefined {
  const ordered = newSet === undefined ? sets : [newSet, ...sets];
  for (const { status } of ordered) {
    const failure = status.conditions?.find(({ type }) => type === 'ReplicaFailure');
    if (failure === undefined) continue;
    const { lastTransitionTime } = failure;
    return {
      ...failure,
      ...(lastTransitionTime === undefined ? {} : { lastUpdateTime: lastTransitionTime }),
    };
  }
  return undefined;
}

/** An unset deadline and the largest number both mean: wait for ever. */
export function progressDeadlineMs({ spec }: Deployment): number | undefined {
  const seconds = spec.progressDeadlineSeconds;
  return seconds === undefined || seconds === 0x7fffffff ? undefined : seconds * 1000;
}
