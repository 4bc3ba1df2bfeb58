/**
 * The status of a Deployment: counters, whether it is available, whether it moves forward. Pure.
 *
 * Progressing goes: NewReplicaSetCreated → ReplicaSetUpdated (each time something got better) →
 * NewReplicaSetAvailable; or ProgressDeadlineExceeded when nothing got better for `progressDeadlineSeconds`.
 */

import { deepEqual } from '../../api/meta/equal.ts';
import { timeMs } from '../../api/time/time.ts';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../api/types.gen.ts';
import {
  condition,
  conditionOf,
  progressDeadlineMs,
  removeCondition,
  replaceCondition,
  replicaFailure,
  setCondition,
} from './conditions.ts';
import { maxUnavailable, replicasOf, totalAvailable, totalReplicas } from './scale.ts';

/** Counters and availability, from what the ReplicaSets report. */
export function countStatus(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
  nowMs: number,
): DeploymentStatus {
  const sum = (value: (set: ReplicaSet) => number): number =>
    sets.reduce((total, set) => total + value(set), 0);
  const available = totalAvailable(sets);
  const { collisionCount, conditions = [] } = deployment.status;
  const counted: DeploymentStatus = {
    observedGeneration: deployment.metadata.generation ?? 0,
    ...withoutZeros({
      replicas: sum(({ status }) => status.replicas),
      updatedReplicas: newSet?.status.replicas ?? 0,
      readyReplicas: sum(({ status }) => status.readyReplicas ?? 0),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, totalReplicas(sets) - available),
    }),
    terminatingReplicas: sum(({ status }) => status.terminatingReplicas ?? 0),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions,
  };
  const enough = available >= replicasOf(deployment) - maxUnavailable(deployment);
  return setCondition(
    counted,
    enough
      ? condition(
          'Available',
          'True',
          'MinimumReplicasAvailable',
          'Deployment has minimum availability.',
          nowMs,
        )
      : condition(
          'Available',
          'False',
          'MinimumReplicasUnavailable',
          'Deployment does not have minimum availability.',
          nowMs,
        ),
  );
}

/** Counters of zero are left out, as upstream writes them. */
function withoutZeros<T extends { readonly [name: string]: number }>(counters: T): Partial<T> {
  return Object.fromEntries(Object.entries(counters).filter(([, value]) => value !== 0)) as Partial<T>;
}

export function sameStatus(a: DeploymentStatus, b: DeploymentStatus): boolean {
  const normal = ({ conditions = [], ...rest }: DeploymentStatus): unknown => [
    Object.entries(rest)
      .filter(([, value]) => value !== 0)
      .toSorted(),
    conditions,
  ];
  return deepEqual(normal(a), normal(b));
}

/** The status while a rollout is under way; `deployment.status` is what was reported last. */
export function rolloutStatus(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
  nowMs: number,
): DeploymentStatus {
  let status = countStatus(deployment, sets, newSet, nowMs);
  if (progressDeadlineMs(deployment) === undefined) status = removeCondition(status, 'Progressing');
  else status = withProgress(deployment, status, newSet, nowMs);
  const failure = replicaFailure(sets, newSet);
  return failure === undefined ? removeCondition(status, 'ReplicaFailure') : setCondition(status, failure);
}

function withProgress(
  deployment: Deployment,
  status: DeploymentStatus,
  newSet: ReplicaSet | undefined,
  nowMs: number,
): DeploymentStatus {
  const current = conditionOf(deployment.status, 'Progressing');
  // A finished rollout stays finished: pods that fail later are no lack of progress.
  const finished = status.replicas === status.updatedReplicas && current?.reason === 'NewReplicaSetAvailable';
  if (finished) return status;
  const what =
    newSet === undefined
      ? `Deployment ${JSON.stringify(deployment.metadata.name)}`
      : `ReplicaSet ${JSON.stringify(newSet.metadata.name)}`;
  if (isComplete(deployment, status)) {
    const text = `${what} has successfully progressed.`;
    return setCondition(status, condition('Progressing', 'True', 'NewReplicaSetAvailable', text, nowMs));
  }
  if (madeProgress(deployment.status, status)) {
    const text = `${what} is progressing.`;
    return replaceCondition(status, condition('Progressing', 'True', 'ReplicaSetUpdated', text, nowMs));
  }
  if (hasTimedOut(deployment, status, nowMs)) {
    const text = `${what} has timed out progressing.`;
    return setCondition(status, condition('Progressing', 'False', 'ProgressDeadlineExceeded', text, nowMs));
  }
  return status;
}

/** Every pod is current and available, and the report is about the present spec. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wanted = replicasOf(deployment);
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

function madeProgress(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus): number => replicas - updatedReplicas;
  const grew = (name: 'updatedReplicas' | 'readyReplicas' | 'availableReplicas'): boolean =>
    (after[name] ?? 0) > (before[name] ?? 0);
  return (
    grew('updatedReplicas') || old(after) < old(before) || grew('readyReplicas') || grew('availableReplicas')
  );
}

function hasTimedOut(deployment: Deployment, status: DeploymentStatus, nowMs: number): boolean {
  const leftMs = deadlineInMs(deployment, status, nowMs);
  if (leftMs !== undefined) return leftMs < 0;
  return conditionOf(status, 'Progressing')?.reason === 'ProgressDeadlineExceeded';
}

/** Milliseconds until the deadline; undefined when none runs. */
export function deadlineInMs(
  deployment: Deployment,
  status: DeploymentStatus,
  nowMs: number,
): number | undefined {
  const deadline = progressDeadlineMs(deployment);
  const current = conditionOf(status, 'Progressing');
  if (deadline === undefined || current?.lastUpdateTime === undefined) return undefined;
  if (current.reason === 'NewReplicaSetAvailable' || current.reason === 'ProgressDeadlineExceeded')
    return undefined;
  return timeMs(current.lastUpdateTime) + deadline - nowMs;
}
