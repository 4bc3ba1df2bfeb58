/**
 * One step of a StatefulSet: which pods and claims to create, change and delete, and the status to report.
 * Pure; order and conditions are upstream's (`stateful_set_control.go`).
 *
 * The step has phases, each of which waits for the one before: pods in range from the lowest ordinal up, the
 * owners of claims out of range, pods out of range from the highest ordinal down, and the rollout from the
 * highest ordinal down to the partition. With OrderedReady the first pod that is not available ends the step,
 * and at most one pod is made or deleted; with Parallel a phase is done at once.
 *
 * Example: replicas 3, db-0 and db-1 available: db-2 is created. Then replicas 1: db-2 is deleted; when it
 * is gone, db-1. A new image: db-0 is deleted, and made anew with it.
 *
 * Invariants: a pod is created only when nothing has its name; under OrderedReady only when all lower ones
 * are available; a rollout deletes a pod of another revision only, and never a second one (or more than
 * `maxUnavailable`) while it lasts.
 */

import type {
  ControllerRevision,
  OwnerReference,
  PersistentVolumeClaim,
  Pod,
  StatefulSet,
  StatefulSetStatus,
} from '../../api/types.gen.ts';
import { isPodAvailable, isPodFinished } from '../pod-state/pod-state.ts';
import { nameOf, withRevision } from '../revision-history/revision-history.ts';
import { planClaims, type ClaimPlan } from './claims.ts';
import {
  isInRange,
  newPod,
  ordinalOf,
  podName,
  replicasOf,
  revisionOf,
  startOrdinal,
  withIdentity,
  type Named,
} from './identity.ts';
import { planRollout } from './rollout.ts';
import { countStatus, isRunningAndReady } from './status.ts';

export interface SetState {
  readonly set: StatefulSet;
  /** The pods that it controls. */
  readonly pods: readonly Pod[];
  /** The revision that it comes from, and the one that it goes to; the same when nothing rolls out. */
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
  readonly collisionCount: number;
  /** The reference that its pods carry. */
  readonly owner: OwnerReference;
  claim(name: string): PersistentVolumeClaim | undefined;
}

export type SetAction =
  | { readonly type: 'create'; readonly pod: Named<Pod>; readonly claims: ClaimPlan }
  /** Claims of a pod that waits for them. */
  | { readonly type: 'provide'; readonly pod: Pod; readonly claims: ClaimPlan }
  /** `pod` as it should be, `from` as it is. */
  | { readonly type: 'update'; readonly pod: Pod; readonly from: Pod; readonly claims: ClaimPlan }
  /** The owners of claims of a pod that is to go. */
  | { readonly type: 'hand-over'; readonly claims: ClaimPlan }
  | { readonly type: 'delete'; readonly pod: Pod };

export interface SetPlan {
  /** One after the other; the first failure ends the step. */
  readonly phases: readonly (readonly SetAction[])[];
  readonly status: StatefulSetStatus;
}

/** A place in the range of ordinals, empty or not. */
export interface Slot {
  readonly ordinal: number;
  readonly pod: Pod | undefined;
}

export function planStatefulSet(state: SetState, nowMs: number): SetPlan {
  return new Step(state, nowMs).run();
}

class Step {
  readonly #state: SetState;
  readonly #nowMs: number;
  readonly #isOrdered: boolean;
  readonly #slots: readonly Slot[];
  /** Out of range, the highest ordinal first. */
  readonly #condemned: readonly Slot[];
  readonly #phases: SetAction[][] = [];

  constructor(state: SetState, nowMs: number) {
    const { set, pods } = state;
    this.#state = state;
    this.#nowMs = nowMs;
    this.#isOrdered = set.spec.podManagementPolicy !== 'Parallel';
    const byOrdinal = new Map<number, Pod>();
    for (const pod of pods) {
      const ordinal = ordinalOf(set, pod);
      if (ordinal !== undefined && pod.metadata.name === podName(set, ordinal)) byOrdinal.set(ordinal, pod);
    }
    const start = startOrdinal(set);
    this.#slots = Array.from({ length: replicasOf(set) }, (_, i) => ({
      ordinal: start + i,
      pod: byOrdinal.get(start + i),
    }));
    this.#condemned = [...byOrdinal]
      .filter(([ordinal]) => !isInRange(set, ordinal))
      .map(([ordinal, pod]) => ({ ordinal, pod }))
      .toSorted((a, b) => b.ordinal - a.ordinal);
  }

  run(): SetPlan {
    const status = countStatus(this.#state, this.#nowMs);
    const isLeaving = this.#state.set.metadata.deletionTimestamp !== undefined;
    if (isLeaving || !this.#fill() || !this.#shrink()) return { phases: this.#phases, status };
    const busy = new Set(
      this.#phases.flat().map((action) => (action.type === 'delete' ? action.pod : undefined)),
    );
    const outdated = planRollout(this.#state, this.#slots, this.#nowMs).filter((pod) => !busy.has(pod));
    this.#phases.push(outdated.map((pod) => ({ type: 'delete', pod })));
    const current = outdated.filter((pod) => revisionOf(pod) === nameOf(this.#state.current));
    const currentReplicas = (status.currentReplicas ?? 0) - current.length;
    return { phases: this.#phases, status: { ...status, currentReplicas } };
  }

  /** Pods in range; false when the step ends here. */
  #fill(): boolean {
    const phase: SetAction[] = [];
    this.#phases.push(phase);
    for (const slot of this.#slots) {
      const isDone = this.#fillSlot(slot, phase);
      if (!isDone && this.#isOrdered) return false;
    }
    return true;
  }

  /** Adds to `phase`; false when those behind have to wait. */
  #fillSlot({ ordinal, pod }: Slot, phase: SetAction[]): boolean {
    if (pod === undefined) return this.#create(ordinal, phase);
    const isLeaving = pod.metadata.deletionTimestamp !== undefined;
    if (isPodFinished(pod)) {
      // Whatever the exit code: pods of a set run for ever. The next one comes when this one is gone.
      if (!isLeaving) phase.push({ type: 'delete', pod });
      return false;
    }
    const claims = this.#claims(ordinal, pod, false);
    const isPending = pod.status.phase === 'Pending';
    if (isPending && !claims.isDone) phase.push({ type: 'provide', pod, claims });
    if (this.#isOrdered && (isLeaving || !this.#isServing(pod))) return false;
    this.#correct(ordinal, pod, isPending, phase);
    return true;
  }

  #create(ordinal: number, phase: SetAction[]): boolean {
    const { set, current, update, owner } = this.#state;
    const isOld = this.#startsOld(ordinal);
    const template = withRevision(set, isOld ? current : update);
    const pod = newPod(template, nameOf(isOld ? current : update), ordinal, owner);
    const claims = this.#claims(ordinal, pod, false);
    // A claim that goes with a former pod of this name has to be gone first.
    if (!claims.isBlocked) phase.push({ type: 'create', pod, claims });
    return false;
  }

  /** Below the partition pods stay at the revision that the set comes from. */
  #startsOld(ordinal: number): boolean {
    const { set } = this.#state;
    const { type, rollingUpdate } = set.spec.updateStrategy;
    const start = startOrdinal(set);
    if (rollingUpdate !== undefined) return ordinal < start + (rollingUpdate.partition ?? 0);
    return type === 'RollingUpdate' && ordinal < start + (set.status.currentReplicas ?? 0);
  }

  #isServing(pod: Pod): boolean {
    const { minReadySeconds = 0 } = this.#state.set.spec;
    return isRunningAndReady(pod) && isPodAvailable(pod, minReadySeconds, this.#nowMs);
  }

  /** Identity, storage and the owners of claims. */
  #correct(ordinal: number, from: Pod, isProvided: boolean, phase: SetAction[]): void {
    const pod = withIdentity(this.#state.set, from, ordinal);
    const all = this.#claims(ordinal, pod, false);
    const hasStorage = pod.spec === from.spec;
    // A running pod that has lost a claim is not helped by another one.
    const claims: ClaimPlan = hasStorage ? { ...all, missing: [], leaving: [] } : all;
    if (pod === from && (isProvided || claims.owners.length === 0)) return;
    phase.push({ type: 'update', pod, from, claims });
  }

  /** Pods out of range; false when the step ends here. */
  #shrink(): boolean {
    const owners: SetAction[] = [];
    const phase: SetAction[] = [];
    this.#phases.push(owners, phase);
    for (const { ordinal, pod } of this.#condemned) {
      if (pod === undefined) continue;
      const claims = this.#claims(ordinal, pod, true);
      if (claims.owners.length > 0) owners.push({ type: 'hand-over', claims });
    }
    const firstUnavailable = this.#firstUnavailable();
    for (const { pod } of this.#condemned) {
      if (pod === undefined) continue;
      const isLeaving = pod.metadata.deletionTimestamp !== undefined;
      if (!isLeaving && (!this.#isOrdered || this.#isServing(pod) || pod === firstUnavailable)) {
        phase.push({ type: 'delete', pod });
      }
      if (this.#isOrdered) return false;
    }
    return true;
  }

  /** The lowest in range, else the lowest out of range: the one pod that may go though it is not available. */
  #firstUnavailable(): Pod | undefined {
    const all = [...this.#slots, ...this.#condemned.toReversed()];
    const first = all.find(
      ({ pod }) => pod === undefined || pod.metadata.deletionTimestamp !== undefined || !this.#isServing(pod),
    );
    return first?.pod;
  }

  #claims(ordinal: number, pod: Pod | Named<Pod>, isScaledDown: boolean): ClaimPlan {
    return planClaims(this.#state.set, ordinal, pod, isScaledDown, this.#state.claim);
  }
}
