/**
 * What an owner of equal pods needs: more of them, fewer, or none, and the status that describes what is
 * there. Pure.
 *
 * Invariant: with an up-to-date view, the number of active pods after the plan is at most `spec.replicas`
 * when it was above, and at least when it was below, up to `BURST_MAX` pods per step.
 */

import { deepEqual } from '../../api/meta/equal.ts';
import { formatTime } from '../../api/time/time.ts';
import { fromLabelMap, matches, type LabelMap } from '../../api/labels/selector.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Pod, ReplicaSetCondition, ReplicaSetStatus } from '../../api/types.gen.ts';
import { isPodAvailable, isPodReady } from '../pod-state/pod-state.ts';
import { rankForDeletion } from './rank.ts';

/** Upstream's burst: what one reconcile creates or deletes at most. */
export const BURST_MAX = 500;

/** ReplicaSets, and ReplicationControllers, whose status is the same but for one counter. */
export interface ReplicaOwner extends KubernetesObject {
  readonly spec: { readonly replicas?: number; readonly minReadySeconds?: number };
  readonly status: ReplicaSetStatus;
}

export type ReplicaPlan =
  | { readonly type: 'keep' }
  | { readonly type: 'create'; readonly count: number }
  | { readonly type: 'delete'; readonly pods: readonly Pod[] };

/** `related` yields the active pods of all that share an owner; it is asked only when pods must go. */
export function planReplicas(
  { metadata, spec }: ReplicaOwner,
  active: readonly Pod[],
  related: () => readonly Pod[],
  nowMs: number,
): ReplicaPlan {
  if (metadata.deletionTimestamp !== undefined) return { type: 'keep' };
  const missing = (spec.replicas ?? 1) - active.length;
  if (missing > 0) return { type: 'create', count: Math.min(missing, BURST_MAX) };
  if (missing === 0) return { type: 'keep' };
  const count = Math.min(-missing, BURST_MAX);
  // When all must go, their order does not matter.
  const ranked = count < active.length ? rankForDeletion(active, related(), nowMs) : active;
  return { type: 'delete', pods: ranked.slice(0, count) };
}

export interface ReplicaState {
  readonly active: readonly Pod[];
  /** Those of the template. */
  readonly labels: LabelMap;
  /** Absent where the kind does not count them. */
  readonly terminating?: number;
  /** Of the pod writes of this reconcile. */
  readonly failure:
    | { readonly reason: 'FailedCreate' | 'FailedDelete'; readonly message: string }
    | undefined;
}

export function planStatus(owner: ReplicaOwner, state: ReplicaState, nowMs: number): ReplicaSetStatus {
  const { minReadySeconds = 0 } = owner.spec;
  const labels = fromLabelMap(state.labels);
  const count = (test: (pod: Pod) => boolean): number => state.active.filter(test).length;
  const fullyLabeledReplicas = count((pod) => matches(labels, pod.metadata.labels));
  const readyReplicas = count(isPodReady);
  const availableReplicas = count((pod) => isPodAvailable(pod, minReadySeconds, nowMs));
  const conditions = planConditions(owner.status.conditions ?? [], state.failure, nowMs);
  return {
    replicas: state.active.length,
    ...(fullyLabeledReplicas > 0 ? { fullyLabeledReplicas } : {}),
    ...(readyReplicas > 0 ? { readyReplicas } : {}),
    ...(availableReplicas > 0 ? { availableReplicas } : {}),
    ...(state.terminating === undefined ? {} : { terminatingReplicas: state.terminating }),
    observedGeneration: owner.metadata.generation ?? 0,
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

/** The first failure is kept until writes succeed again, so that its time says since when. */
function planConditions(
  present: readonly ReplicaSetCondition[],
  failure: ReplicaState['failure'],
  nowMs: number,
): readonly ReplicaSetCondition[] {
  const others = present.filter(({ type }) => type !== 'ReplicaFailure');
  if (failure === undefined) return others.length === present.length ? present : others;
  if (others.length < present.length) return present;
  const lastTransitionTime = formatTime(nowMs);
  return [...others, { type: 'ReplicaFailure', status: 'True', lastTransitionTime, ...failure }];
}

export function sameStatus(a: ReplicaSetStatus, b: ReplicaSetStatus): boolean {
  return deepEqual(withoutZeros(a), withoutZeros(b));
}

/** The server may store an absent counter as 0; both mean the same. */
function withoutZeros(status: ReplicaSetStatus): unknown {
  const { conditions = [], ...counters } = status;
  return [
    Object.entries(counters)
      .filter(([, value]) => value !== 0)
      .toSorted(),
    conditions,
  ];
}
