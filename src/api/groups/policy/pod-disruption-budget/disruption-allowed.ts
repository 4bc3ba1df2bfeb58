/**
 * The condition by which a PodDisruptionBudget says whether a pod may go now. The disruption controller and
 * the eviction of pods both keep it in step with `disruptionsAllowed`. Pure.
 */

import { formatTime } from '../../../time/time.ts';
import type { Condition, PodDisruptionBudgetStatus } from '../../../types.gen.ts';

const TYPE = 'DisruptionAllowed';

/** The status with the condition that its counters ask for. */
export function withDisruptionAllowed(
  status: PodDisruptionBudgetStatus,
  nowMs: number,
): PodDisruptionBudgetStatus {
  const isAllowed = status.disruptionsAllowed > 0;
  const reason = isAllowed ? 'SufficientPods' : 'InsufficientPods';
  return withCondition(status, { status: isAllowed ? 'True' : 'False', reason, message: '' }, nowMs);
}

/** When the controller could not find out, nothing may go. */
export function withSyncFailed(
  status: PodDisruptionBudgetStatus,
  message: string,
  nowMs: number,
): PodDisruptionBudgetStatus {
  const none = { ...status, disruptionsAllowed: 0 };
  return withCondition(none, { status: 'False', reason: 'SyncFailed', message }, nowMs);
}

function withCondition(
  status: PodDisruptionBudgetStatus,
  wanted: Pick<Condition, 'status' | 'reason' | 'message'>,
  nowMs: number,
): PodDisruptionBudgetStatus {
  const { conditions = [], observedGeneration } = status;
  const present = conditions.find(({ type }) => type === TYPE);
  const since = present?.status === wanted.status ? present.lastTransitionTime : formatTime(nowMs);
  const condition: Condition = {
    type: TYPE,
    ...wanted,
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
    lastTransitionTime: since,
  };
  return { ...status, conditions: [...conditions.filter(({ type }) => type !== TYPE), condition] };
}
