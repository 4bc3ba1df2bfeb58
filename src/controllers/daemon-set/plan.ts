/**
 * One step of a DaemonSet: on which nodes a pod is made, which pods go, and the status to report. Pure; rules
 * are upstream's (`daemon_controller.go`, `update.go`).
 *
 * First every node gets what it should have: one pod where it belongs, none where it does not, no failed or
 * finished ones. Only when that is so does the rollout go on (`rollout.ts`), so that a step never deletes for
 * both reasons.
 *
 * Invariants: a pod is created only on a node without one (with maxSurge, also beside one of another
 * revision); where several are, the oldest stays.
 */

import type { Pod } from '../../api/types.gen.ts';
import { isPodAvailable, isPodFinished, isPodReady } from '../pod-state/pod-state.ts';
import { hashOf } from './daemon-pod.ts';
import type { Eligibility } from './eligibility.ts';
import { isLeaving, type DaemonState, type Place } from './places.ts';
import { allowsSurge, planRollout } from './rollout.ts';

/** Upstream's burst: what one step creates or deletes at most. */
export const BURST_MAX = 250;

export interface DaemonPlan {
  /** Names of the nodes that get a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
  /** Among them those that ended by themselves; for events and backoff. */
  readonly ended: readonly { readonly pod: Pod; readonly node: string }[];
  /** When a backoff is over, in milliseconds from now. */
  readonly lookAgainMs: number | undefined;
}

export function planDaemonSet(state: DaemonState, places: readonly Place[], nowMs: number): DaemonPlan {
  const step = new Step(state, nowMs);
  for (const place of places) step.visit(place);
  if (step.create.length + step.remove.length > 0) return step.bounded();
  const { create, remove } = planRollout(state, places, nowMs);
  step.create.push(...create);
  step.remove.push(...remove);
  return step.bounded();
}

class Step {
  readonly create: string[] = [];
  readonly remove: Pod[] = [];
  readonly #ended: { pod: Pod; node: string }[] = [];
  readonly #state: DaemonState;
  readonly #nowMs: number;
  #lookAgainMs: number | undefined;

  constructor(state: DaemonState, nowMs: number) {
    this.#state = state;
    this.#nowMs = nowMs;
  }

  bounded(): DaemonPlan {
    const remove = this.remove.slice(0, BURST_MAX);
    const doomed = new Set(remove);
    return {
      create: this.create.slice(0, BURST_MAX),
      remove,
      ended: this.#ended.filter(({ pod }) => doomed.has(pod)),
      lookAgainMs: this.#lookAgainMs,
    };
  }

  visit({ name, node, eligibility, pods }: Place): void {
    const staying = pods.filter((pod) => !isLeaving(pod));
    if (node === undefined) {
      // Pods that were bound are the pod garbage collector's; these were never bound and never will be.
      this.remove.push(...staying.filter(({ spec }) => (spec.nodeName ?? '') === ''));
    } else if (eligibility.shouldRun && pods.length === 0) {
      this.create.push(name);
    } else if (eligibility.shouldContinue) {
      this.#keepOne(name, eligibility, this.#withoutEnded(name, staying));
    } else {
      this.remove.push(...staying);
    }
  }

  /** Those that run or will; the others go, failed ones in their time. */
  #withoutEnded(node: string, pods: readonly Pod[]): readonly Pod[] {
    for (const pod of pods.filter(isPodFinished)) {
      const waitMs = pod.status.phase === 'Failed' ? this.#state.backoffMs(node) : 0;
      if (waitMs > 0) {
        this.#lookAgainMs = Math.min(this.#lookAgainMs ?? waitMs, waitMs);
        continue;
      }
      this.remove.push(pod);
      this.#ended.push({ pod, node });
    }
    return pods.filter((pod) => !isPodFinished(pod));
  }

  #keepOne(node: string, { shouldRun }: Eligibility, pods: readonly Pod[]): void {
    if (!allowsSurge(this.#state.set)) {
      this.remove.push(...pods.slice(1));
      return;
    }
    if (pods.length === 0 && shouldRun) this.create.push(node);
    if (pods.length <= 1) return;
    const isNew = (pod: Pod): boolean => hashOf(pod) === this.#state.hash;
    const fresh = pods.find(isNew);
    const old = pods.find((pod) => !isNew(pod));
    this.remove.push(...pods.filter((pod) => pod !== fresh && pod !== old));
    if (fresh === undefined || old === undefined) return;
    // Two only as long as the old one still serves and the new one does not yet.
    const { minReadySeconds = 0 } = this.#state.set.spec;
    if (!isPodReady(old) || isPodAvailable(fresh, minReadySeconds, this.#nowMs)) this.remove.push(old);
  }
}
