/**
 * What a Job's pods mean for it: how many succeeded and failed, counted or not yet, which indexes are done,
 * and whether the Job has thereby come to its end. Pure.
 *
 * A verdict once written to the status (conditions SuccessCriteriaMet, FailureTarget) is never judged again.
 * Of several reasons that hold at the same time the first one counts: failure before success, and among
 * failures the order of `failureOf`.
 */

import { timeMs } from '../../api/time/time.ts';
import { countIndexes } from '../../api/groups/batch/job/index-list.ts';
import type { Job, Pod } from '../../api/types.gen.ts';
import { isPodActive, isPodTerminating } from '../pod-state/pod-state.ts';
import { withEnded, type Backoff } from './backoff.ts';
import { judgeFailure } from './failure-policy.ts';
import { countCommon, hasIndex, NO_INDEXES, readIndexes, toIndexes, union, type Indexes } from './indexes.ts';
import {
  canCount,
  completionIndex,
  finishedAtMs,
  hasFailed,
  ignoredIndexFailures,
  indexFailures,
  indexWithin,
  isIndexed,
  isSuspended,
  isTracked,
} from './job-pods.ts';

export interface JobView {
  readonly job: Job;
  /** Its own, whatever their state. */
  readonly pods: readonly Pod[];
  readonly backoff: Backoff;
  readonly nowMs: number;
}

/** How a Job ends, and why. */
export interface Verdict {
  readonly outcome: 'succeeded' | 'failed';
  readonly reason: string;
  readonly message: string;
}

export interface Assessment {
  readonly active: readonly Pod[];
  readonly terminating: number;
  /** Counted and uncounted ones together; of a Job with indexes, the indexes that are done. */
  readonly succeeded: number;
  readonly succeededIndexes: Indexes;
  /** Undefined without a limit for each index. */
  readonly failedIndexes: Indexes | undefined;
  /** By index: the failed pod that is kept until its successor, which carries its failures on, is there. */
  readonly held: ReadonlyMap<number, Pod>;
  readonly backoff: Backoff;
  readonly startTimeMs: number | undefined;
  /** Until the active deadline; undefined when none runs. */
  readonly deadlineInMs: number | undefined;
  readonly verdict: Verdict | undefined;
}

export function assess(view: JobView): Assessment {
  const { job, pods, nowMs } = view;
  const { status, spec } = job;
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const listed = new Set([...succeeded, ...failed]);
  const uncounted = pods.filter(
    (pod) => isTracked(pod) && !listed.has(pod.metadata.uid ?? '') && canCount(job, pod),
  );
  const newSucceeded = uncounted.filter((pod) => pod.status.phase === 'Succeeded');
  const newFailed = uncounted.filter((pod) => hasFailed(job, pod));
  const counting = newFailed.filter((pod) => judgeFailure(spec.podFailurePolicy, pod).counts);
  const started = status.startTime === undefined ? undefined : timeMs(status.startTime);
  const active = pods.filter(isPodActive);
  const facts = {
    active,
    terminating: pods.filter(isPodTerminating).length,
    failed: (status.failed ?? 0) + failed.length + counting.length,
    succeeded: (status.succeeded ?? 0) + succeeded.length + newSucceeded.length,
    ...indexFacts(job, pods, active),
    backoff: withEnded(view.backoff, newSucceeded, newFailed),
    startTimeMs: started ?? (isSuspended(job) ? undefined : nowMs),
  };
  const deadlineInMs = deadlineLeftMs(job, facts.startTimeMs, nowMs);
  return { ...facts, deadlineInMs, verdict: judge(view, facts, deadlineInMs) };
}

type Facts = Omit<Assessment, 'verdict' | 'deadlineInMs'> & { readonly failed: number };

type IndexFacts = Pick<Assessment, 'succeededIndexes' | 'failedIndexes' | 'held'>;

function indexFacts(
  job: Job,
  pods: readonly Pod[],
  active: readonly Pod[],
): IndexFacts & { readonly succeeded?: number } {
  if (!isIndexed(job)) return { succeededIndexes: NO_INDEXES, failedIndexes: undefined, held: new Map() };
  const { completions = 0, backoffLimitPerIndex } = job.spec;
  const tracked = pods.filter(isTracked);
  const done = indexesOf(
    job,
    tracked.filter(({ status }) => status.phase === 'Succeeded'),
  );
  const succeededIndexes = union(readIndexes(job.status.completedIndexes, completions), done);
  const succeeded = countIndexes(succeededIndexes);
  if (backoffLimitPerIndex === undefined) {
    return { succeeded, succeededIndexes, failedIndexes: undefined, held: new Map() };
  }
  const lost = indexesOf(
    job,
    tracked.filter((pod) => failsItsIndex(job, pod, backoffLimitPerIndex)),
  );
  const failedIndexes = union(readIndexes(job.status.failedIndexes, completions), lost);
  const settled = union(succeededIndexes, failedIndexes);
  return { succeeded, succeededIndexes, failedIndexes, held: heldPods(job, tracked, active, settled) };
}

function indexesOf(job: Job, pods: readonly Pod[]): Indexes {
  return toIndexes(pods.map((pod) => indexWithin(job, pod)).filter((index) => index !== undefined));
}

function failsItsIndex(job: Job, pod: Pod, limit: number): boolean {
  if (!hasFailed(job, pod)) return false;
  const { counts, failsIndex } = judgeFailure(job.spec.podFailurePolicy, pod);
  return failsIndex || (counts && indexFailures(pod) >= limit);
}

/** Of each index that is neither settled nor worked on, the pod that failed last. */
function heldPods(
  job: Job,
  tracked: readonly Pod[],
  active: readonly Pod[],
  settled: Indexes,
): ReadonlyMap<number, Pod> {
  const worked = new Set(active.map(completionIndex));
  const held = new Map<number, Pod>();
  for (const pod of tracked) {
    const index = indexWithin(job, pod);
    if (index === undefined || !hasFailed(job, pod) || worked.has(index) || hasIndex(settled, index))
      continue;
    const other = held.get(index);
    if (other === undefined || isLater(pod, other)) held.set(index, pod);
  }
  return held;
}

function isLater(pod: Pod, other: Pod): boolean {
  const failures = (each: Pod): number => indexFailures(each) + ignoredIndexFailures(each);
  return failures(pod) >= failures(other) && finishedAtMs(pod) >= finishedAtMs(other);
}

function deadlineLeftMs(job: Job, startTimeMs: number | undefined, nowMs: number): number | undefined {
  const { activeDeadlineSeconds } = job.spec;
  if (activeDeadlineSeconds === undefined || startTimeMs === undefined || isSuspended(job)) return undefined;
  return startTimeMs + activeDeadlineSeconds * 1000 - nowMs;
}

function judge(view: JobView, facts: Facts, deadlineInMs: number | undefined): Verdict | undefined {
  const { job } = view;
  return (
    recorded(job, 'SuccessCriteriaMet', 'succeeded') ??
    recorded(job, 'FailureTarget', 'failed') ??
    failureOf(view, facts, deadlineInMs) ??
    bySuccessPolicy(job, facts.succeededIndexes)
  );
}

function recorded({ status }: Job, type: string, outcome: Verdict['outcome']): Verdict | undefined {
  const found = status.conditions?.find((condition) => condition.type === type);
  if (found?.status !== 'True') return undefined;
  return { outcome, reason: found.reason ?? '', message: found.message ?? '' };
}

function failed(reason: string, message: string): Verdict {
  return { outcome: 'failed', reason, message };
}

function failureOf(
  { job, pods }: JobView,
  facts: Facts,
  deadlineInMs: number | undefined,
): Verdict | undefined {
  const { spec } = job;
  for (const pod of spec.podFailurePolicy === undefined ? [] : pods) {
    const why = hasFailed(job, pod) ? judgeFailure(spec.podFailurePolicy, pod).failsJob : undefined;
    if (why !== undefined) return failed('PodFailurePolicy', why);
  }
  if (facts.failed > (spec.backoffLimit ?? 0) || hasRestartedTooOften(job, pods)) {
    return failed('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  }
  if (deadlineInMs !== undefined && deadlineInMs <= 0) {
    return failed('DeadlineExceeded', 'Job was active longer than specified deadline');
  }
  if (facts.failedIndexes === undefined) return undefined;
  const lost = countIndexes(facts.failedIndexes);
  if (spec.maxFailedIndexes !== undefined && lost > spec.maxFailedIndexes) {
    const message = 'Job has exceeded the specified maximal number of failed indexes';
    return failed('MaxFailedIndexesExceeded', message);
  }
  const isDone = lost > 0 && lost + countIndexes(facts.succeededIndexes) >= (spec.completions ?? 0);
  return isDone ? failed('FailedIndexes', 'Job has failed indexes') : undefined;
}

/** Pods that restart their containers themselves fail in place. */
function hasRestartedTooOften({ spec }: Job, pods: readonly Pod[]): boolean {
  if (spec.template.spec.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status.phase !== 'Running' && status.phase !== 'Pending') continue;
    const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    for (const { restartCount } of containers) restarts += restartCount;
  }
  const { backoffLimit = 0 } = spec;
  return backoffLimit === 0 ? restarts > 0 : restarts >= backoffLimit;
}

function bySuccessPolicy({ spec }: Job, succeeded: Indexes): Verdict | undefined {
  if (succeeded.length === 0) return undefined;
  for (const [index, { succeededIndexes, succeededCount }] of (spec.successPolicy?.rules ?? []).entries()) {
    const wanted =
      succeededIndexes === undefined ? undefined : readIndexes(succeededIndexes, spec.completions ?? 0);
    if (wanted?.length === 0) continue;
    const reached = wanted === undefined ? countIndexes(succeeded) : countCommon(wanted, succeeded);
    const isMet =
      (wanted !== undefined && reached === countIndexes(wanted)) ||
      (succeededCount !== undefined && reached >= succeededCount);
    if (!isMet) continue;
    return { outcome: 'succeeded', reason: 'SuccessPolicy', message: `Matched rules at index ${index}` };
  }
  return undefined;
}
