/**
 * What a PodDisruptionBudget allows, from its pods and what their owners want. Pure.
 *
 * Invariant: `disruptionsAllowed` never exceeds what is healthy beyond what has to be; a pod that an eviction
 * was granted for counts as gone at once, until it is gone, or two minutes have shown that it stays.
 */

import { deepEqual } from '../../api/meta/equal.ts';
import { amountOf } from '../../api/groups/apps/rolling-update.ts';
import { withDisruptionAllowed } from '../../api/groups/policy/pod-disruption-budget/disruption-allowed.ts';
import { timeMs } from '../../api/time/time.ts';
import type {
  LabelSelector,
  Pod,
  PodDisruptionBudget,
  PodDisruptionBudgetStatus,
} from '../../api/types.gen.ts';
import { isPodFinished, isPodReady, podCondition } from '../pod-state/pod-state.ts';

/** So long a granted eviction is waited for. */
const DELETION_TIMEOUT_MS = 120_000;
/** A pod that somebody meant to disrupt, and that is still not being deleted after so long, stays. */
const STALE_AFTER_MS = 120_000;

export interface Expectation {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
}

/** Whether the budget is about what the owners want, rather than about a number of pods. */
export function asksForScale({ spec }: PodDisruptionBudget): boolean {
  return spec.maxUnavailable !== undefined || typeof spec.minAvailable === 'string';
}

/** `pods`: how many there are; `scale`: how many their owners want together, for budgets that ask for it. */
export function expectation({ spec }: PodDisruptionBudget, pods: number, scale: number): Expectation {
  const { minAvailable, maxUnavailable } = spec;
  if (maxUnavailable !== undefined) {
    const desiredHealthy = Math.max(0, scale - amountOf(maxUnavailable, scale, Math.ceil));
    return { expectedPods: scale, desiredHealthy };
  }
  if (minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0 };
  if (typeof minAvailable === 'number') return { expectedPods: pods, desiredHealthy: minAvailable };
  return { expectedPods: scale, desiredHealthy: amountOf(minAvailable, scale, Math.ceil) };
}

export interface BudgetPlan {
  readonly status: PodDisruptionBudgetStatus;
  /** Evictions were granted for them, and nothing came of it. */
  readonly notDeleted: readonly Pod[];
  /** When the next grant is to be given up. */
  readonly lookAgainMs: number | undefined;
}

export function planBudget(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  { expectedPods, desiredHealthy }: Expectation,
  nowMs: number,
): BudgetPlan {
  const { metadata, status } = budget;
  const { waiting, notDeleted, lookAgainMs } = grants(budget, pods, nowMs);
  const healthy = pods.filter(
    (pod) =>
      pod.metadata.deletionTimestamp === undefined &&
      !waiting.has(pod.metadata.name ?? '') &&
      isPodReady(pod),
  );
  const currentHealthy = healthy.length;
  // Without pods nothing is allowed: the first of them may come before this is counted again.
  const disruptionsAllowed = expectedPods <= 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy);
  const counted: PodDisruptionBudgetStatus = {
    observedGeneration: metadata.generation ?? 0,
    ...(waiting.size === 0 ? {} : { disruptedPods: Object.fromEntries(waiting) }),
    ...{ disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods },
    ...(status.conditions === undefined ? {} : { conditions: status.conditions }),
  };
  return { status: withDisruptionAllowed(counted, nowMs), notDeleted, lookAgainMs };
}

interface Grants {
  readonly waiting: ReadonlyMap<string, string>;
  readonly notDeleted: readonly Pod[];
  readonly lookAgainMs: number | undefined;
}

function grants({ status }: PodDisruptionBudget, pods: readonly Pod[], nowMs: number): Grants {
  const waiting = new Map<string, string>();
  const notDeleted: Pod[] = [];
  let lookAgainMs: number | undefined;
  for (const pod of pods) {
    const { name = '', deletionTimestamp } = pod.metadata;
    const grantedAt = status.disruptedPods?.[name];
    if (deletionTimestamp !== undefined || grantedAt === undefined) continue;
    const leftMs = timeMs(grantedAt) + DELETION_TIMEOUT_MS - nowMs;
    if (leftMs <= 0) notDeleted.push(pod);
    else {
      waiting.set(name, grantedAt);
      lookAgainMs = Math.min(lookAgainMs ?? leftMs, leftMs);
    }
  }
  return { waiting, notDeleted, lookAgainMs };
}

export function sameStatus(a: PodDisruptionBudgetStatus, b: PodDisruptionBudgetStatus): boolean {
  const normal = ({ disruptedPods = {}, conditions = [], ...rest }: PodDisruptionBudgetStatus): unknown => [
    disruptedPods,
    conditions,
    rest,
  ];
  return deepEqual(normal(a), normal(b));
}

/**
 * Milliseconds until the pod's DisruptionTarget condition is taken back; undefined: it has none that can be
 * stale. What the kubelet says of itself may take any time, and ends stay as they are told.
 */
export function staleDisruptionInMs(pod: Pod, nowMs: number): number | undefined {
  if (pod.metadata.deletionTimestamp !== undefined || isPodFinished(pod)) return undefined;
  const condition = podCondition(pod, 'DisruptionTarget');
  if (condition?.status !== 'True' || condition.reason === 'TerminationByKubelet') return undefined;
  const sinceMs = condition.lastTransitionTime === undefined ? 0 : timeMs(condition.lastTransitionTime);
  return Math.max(0, sinceMs + STALE_AFTER_MS - nowMs);
}

/** As Go prints one: upstream's events name selectors so. */
export function selectorGoText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return 'nil';
  const labels = Object.entries(selector.matchLabels ?? {}).toSorted();
  const map = labels.map(([key, value]) => `${key}: ${value},`).join('');
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  const list = `[]LabelSelectorRequirement{${expressions.join('')}}`;
  return `&LabelSelector{MatchLabels:map[string]string{${map}},MatchExpressions:${list},}`;
}
