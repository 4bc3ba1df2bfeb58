/** The status of a StatefulSet: its counters and revisions. Pure. */

import { deepEqual } from '../../api/meta/equal.ts';
import type { ControllerRevision, Pod, StatefulSet, StatefulSetStatus } from '../../api/types.gen.ts';
import { isPodAvailable, isPodReady } from '../pod-state/pod-state.ts';
import { nameOf } from '../revision-history/revision-history.ts';
import { replicasOf, revisionOf } from './identity.ts';

export function isRunningAndReady(pod: Pod): boolean {
  return pod.status.phase === 'Running' && isPodReady(pod);
}

interface Counted {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
  readonly collisionCount: number;
}

export function countStatus(state: Counted, nowMs: number): StatefulSetStatus {
  const { set, pods, current, update, collisionCount } = state;
  const { minReadySeconds = 0 } = set.spec;
  const count = (test: (pod: Pod) => boolean): number => pods.filter(test).length;
  const ready = pods.filter(isRunningAndReady);
  const at = ({ metadata }: ControllerRevision): number =>
    count((pod) => pod.metadata.deletionTimestamp === undefined && revisionOf(pod) === metadata.name);
  return {
    ...set.status,
    observedGeneration: set.metadata.generation ?? 0,
    replicas: pods.length,
    readyReplicas: ready.length,
    availableReplicas: ready.filter((pod) => isPodAvailable(pod, minReadySeconds, nowMs)).length,
    currentReplicas: at(current),
    updatedReplicas: at(update),
    currentRevision: nameOf(current),
    updateRevision: nameOf(update),
    collisionCount,
  };
}

/** A rollout is over when every pod has the new revision and is ready. */
export function completed(set: StatefulSet, status: StatefulSetStatus): StatefulSetStatus {
  const { updatedReplicas = 0, readyReplicas, replicas, updateRevision } = status;
  const wanted = replicasOf(set);
  const isOver = [updatedReplicas, readyReplicas, replicas].every((count) => count === wanted);
  if (set.spec.updateStrategy.type !== 'RollingUpdate' || !isOver) return status;
  return {
    ...status,
    currentReplicas: updatedReplicas,
    ...(updateRevision === undefined ? {} : { currentRevision: updateRevision }),
  };
}

/** Counters of 0 are left out where the API leaves them out. */
export function reported(status: StatefulSetStatus): StatefulSetStatus {
  const { readyReplicas = 0, currentReplicas = 0, updatedReplicas = 0, ...rest } = status;
  return {
    ...rest,
    ...(readyReplicas > 0 ? { readyReplicas } : {}),
    ...(currentReplicas > 0 ? { currentReplicas } : {}),
    ...(updatedReplicas > 0 ? { updatedReplicas } : {}),
  };
}

export function sameStatus(a: StatefulSetStatus, b: StatefulSetStatus): boolean {
  return deepEqual(reported(a), reported(b));
}
