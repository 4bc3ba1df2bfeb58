/**
 * Which pods a Job makes or lets go now. Pure.
 *
 * Invariant: with an up-to-date view, active pods after the plan are at most `parallelism` and at most as many
 * as there are completions left; a step either makes or deletes, `BURST_MAX` pods at most.
 */

import type { Job, Pod } from '../../api/types.gen.ts';
import { isPodTerminating, podReadySinceMs } from '../pod-state/pod-state.ts';
import { timeMs } from '../../api/time/time.ts';
import { backoffLeftMs, indexBackoffLeftMs } from './backoff.ts';
import type { Assessment, JobView, Verdict } from './assess.ts';
import { firstMissing, toIndexes, union } from './indexes.ts';
import { completionIndex, indexWithin, isIndexed, isSuspended, replacesOnlyFailed } from './job-pods.ts';

/** What one reconcile makes or deletes at most. */
export const BURST_MAX = 500;

export type PodPlan =
  | { readonly type: 'keep' }
  /** After a failure, time has to pass first. */
  | { readonly type: 'wait'; readonly forMs: number }
  /** One pod per entry: its index, or undefined where there are none. */
  | { readonly type: 'create'; readonly indexes: readonly (number | undefined)[] }
  /** `uncounted`: they are surplus, so their end is to count for nothing. */
  | { readonly type: 'delete'; readonly pods: readonly Pod[]; readonly uncounted: boolean };

const KEEP: PodPlan = { type: 'keep' };

export function planPods(view: JobView, assessment: Assessment): PodPlan {
  const { job } = view;
  const { active, verdict } = assessment;
  if (verdict !== undefined) return remove(active, false);
  if (job.metadata.deletionTimestamp !== undefined) return KEEP;
  if (isSuspended(job)) return remove(active, true);
  const wanted = wantedActive(job, assessment);
  const surplus = surplusPods(job, active, Math.max(0, active.length - wanted));
  if (surplus.length > 0) return remove(surplus, true);
  const leaving = replacesOnlyFailed(job) ? assessment.terminating : 0;
  const missing = wanted - leaving - active.length;
  return missing > 0 ? create(view, assessment, Math.min(missing, BURST_MAX)) : KEEP;
}

function remove(pods: readonly Pod[], uncounted: boolean): PodPlan {
  return pods.length === 0 ? KEEP : { type: 'delete', pods: pods.slice(0, BURST_MAX), uncounted };
}

/** Without a number of completions the first success is a sign to start nothing more. */
function wantedActive({ spec }: Job, { active, succeeded }: Assessment): number {
  const { completions, parallelism = 1 } = spec;
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(parallelism, completions - succeeded));
}

function create({ job, pods, nowMs }: JobView, assessment: Assessment, count: number): PodPlan {
  const perIndex = job.spec.backoffLimitPerIndex !== undefined;
  const leftMs = perIndex ? 0 : backoffLeftMs(assessment.backoff, nowMs);
  if (leftMs > 0) return { type: 'wait', forMs: leftMs };
  if (!isIndexed(job)) return { type: 'create', indexes: Array.from({ length: count }, () => undefined) };
  const leaving = replacesOnlyFailed(job) ? pods.filter(isPodTerminating) : [];
  const busy = [...assessment.active, ...leaving].map(completionIndex).filter((index) => index !== undefined);
  const settled = union(assessment.succeededIndexes, assessment.failedIndexes ?? []);
  const indexes = firstMissing(union(settled, toIndexes(busy)), job.spec.completions ?? 0, count);
  if (!perIndex) return indexes.length === 0 ? KEEP : { type: 'create', indexes };
  const waits = indexes.map((index) => indexBackoffLeftMs(assessment.held.get(index), nowMs));
  const ready = indexes.filter((_index, i) => waits[i] === 0);
  if (ready.length > 0) return { type: 'create', indexes: ready };
  return waits.length === 0 ? KEEP : { type: 'wait', forMs: Math.min(...waits) };
}

/**
 * At least `count` pods: first those without an index of their own, then what costs the least to lose.
 */
function surplusPods(job: Job, active: readonly Pod[], count: number): readonly Pod[] {
  const ordered = active.toSorted(byProgress);
  if (!isIndexed(job)) return ordered.slice(0, count);
  const best = new Map<number, Pod>();
  for (const pod of ordered) {
    const index = indexWithin(job, pod);
    if (index !== undefined) best.set(index, pod);
  }
  const kept = new Set(best.values());
  const surplus = ordered.filter((pod) => !kept.has(pod));
  const rest = ordered.filter((pod) => kept.has(pod));
  return [...surplus, ...rest.slice(0, Math.max(0, count - surplus.length))];
}

/** Upstream's `ActivePods`: those that got least far come first. */
function byProgress(a: Pod, b: Pod): number {
  const assigned = ({ spec }: Pod): number => ((spec.nodeName ?? '') === '' ? 0 : 1);
  const phase = ({ status }: Pod): number =>
    status.phase === 'Running' ? 2 : status.phase === 'Unknown' ? 1 : 0;
  const since = (pod: Pod): number => -(podReadySinceMs(pod) ?? Infinity);
  const restarts = ({ status }: Pod): number =>
    -Math.max(0, ...(status.containerStatuses ?? []).map(({ restartCount }) => restartCount));
  const created = ({ metadata }: Pod): number =>
    metadata.creationTimestamp === undefined ? -Infinity : -timeMs(metadata.creationTimestamp);
  for (const rank of [assigned, phase, since, restarts, created]) {
    const [left, right] = [rank(a), rank(b)];
    if (left !== right) return left < right ? -1 : 1;
  }
  return (a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1;
}

/** Of the pod writes of this reconcile. */
export interface PodOutcome {
  readonly active: number;
  readonly ready: number;
  readonly terminating: number;
  /** Not all that was planned could be written. */
  readonly error?: unknown;
}

/** With what the writes have changed: a Job is also at its end when all its completions are there. */
export function finalVerdict(
  job: Job,
  { verdict, succeeded }: Assessment,
  after: PodOutcome,
): Verdict | undefined {
  // While pods are left to stop, the end is not declared.
  if (verdict !== undefined) return after.active > 0 ? undefined : verdict;
  // Without a number of completions, the first success and the end of all others complete it.
  if (succeeded < (job.spec.completions ?? 1) || after.active > 0) return undefined;
  const message = 'Reached expected number of succeeded pods';
  return { outcome: 'succeeded', reason: 'CompletionsReached', message };
}
