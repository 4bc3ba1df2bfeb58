/**
 * How the end of a pod is counted exactly once, though status and pods are written one after the other. Pure.
 *
 * Worked example: pod a of a Job succeeds.
 * 1. `planStatus`: its uid goes to `uncountedTerminatedPods`; the status is written.
 * 2. Its finalizer is taken off; from now on it may vanish.
 * 3. `settle`: uids in the list whose pod has no finalizer any more move into the counters; written again.
 * After a crash at any point the next reconcile goes on: a pod with the finalizer whose uid is listed is only
 * released; a uid without such a pod is only counted. With indexes, `completedIndexes` itself is the list.
 */

import { deepEqual } from '../../api/meta/equal.ts';
import { formatTime } from '../../api/time/time.ts';
import { countIndexes } from '../../api/groups/batch/job/index-list.ts';
import type { Job, JobStatus, Pod, UncountedTerminatedPods } from '../../api/types.gen.ts';
import type { Assessment, JobView, Verdict } from './assess.ts';
import { setCondition, withCondition, type Condition } from './conditions.ts';
import { judgeFailure } from './failure-policy.ts';
import { formatIndexes, hasIndex, readIndexes, toIndexes, union } from './indexes.ts';
import {
  canCount,
  completionIndex,
  hasFailed,
  indexWithin,
  isIndexed,
  isSuspended,
  isTracked,
} from './job-pods.ts';
import type { PodOutcome } from './plan.ts';

/** Keeps the list of uids below some 20 KB; the rest is counted in the next rounds. */
const UNCOUNTED_MAX = 500;

const SUSPENDED: Condition = {
  type: 'Suspended',
  status: 'True',
  reason: 'JobSuspended',
  message: 'Job suspended',
};
const RESUMED: Condition = {
  type: 'Suspended',
  status: 'False',
  reason: 'JobResumed',
  message: 'Job resumed',
};

export interface Count {
  /** To be written before anything of `release` is. */
  readonly status: JobStatus;
  /** Pods whose finalizer comes off. */
  readonly release: readonly Pod[];
  /** Some ended pods had to be left for the next round. */
  readonly isPartial: boolean;
}

export function planStatus(
  view: JobView,
  assessment: Assessment,
  after: PodOutcome,
  verdict: Verdict | undefined,
): Count {
  const { job, pods, nowMs } = view;
  const tracked = pods.filter(isTracked);
  const counted = settle(job, job.status, uidsOf(tracked));
  const { uncounted, newIndexes, release, isPartial } = collect(view, assessment, counted, verdict);
  const base: JobStatus = {
    ...counted,
    ...(assessment.startTimeMs === undefined ? {} : { startTime: formatTime(assessment.startTimeMs) }),
    active: after.active,
    ready: after.ready,
    terminating: after.terminating,
    uncountedTerminatedPods: uncounted,
    ...indexStatus(job, assessment, newIndexes),
  };
  const status = verdict === undefined ? withSuspension(job, base, nowMs) : withVerdict(base, verdict, nowMs);
  return { status: tidy(status), release, isPartial };
}

/** What the Job comes to is written down before a pod that proves it may vanish. */
function withVerdict(status: JobStatus, { outcome, reason, message }: Verdict, nowMs: number): JobStatus {
  const type = outcome === 'failed' ? 'FailureTarget' : 'SuccessCriteriaMet';
  return setCondition(status, { type, status: 'True', reason, message }, nowMs);
}

function uidsOf(pods: readonly Pod[]): ReadonlySet<string> {
  return new Set(pods.map(({ metadata }) => metadata.uid ?? ''));
}

/** Moves the uids of pods that are not `tracked` any more from the list into the counters. */
export function settle(job: Job, status: JobStatus, tracked: ReadonlySet<string>): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const left = (uids: readonly string[]): readonly string[] => uids.filter((uid) => tracked.has(uid));
  const [succeededLeft, failedLeft] = [left(succeeded), left(failed)];
  // Indexes are counted by what `completedIndexes` says.
  const newlySucceeded = isIndexed(job) ? 0 : succeeded.length - succeededLeft.length;
  return tidy({
    ...status,
    succeeded: (status.succeeded ?? 0) + newlySucceeded,
    failed: (status.failed ?? 0) + failed.length - failedLeft.length,
    uncountedTerminatedPods: { succeeded: succeededLeft, failed: failedLeft },
  });
}

interface Collected {
  readonly uncounted: UncountedTerminatedPods;
  readonly newIndexes: readonly number[];
  readonly release: readonly Pod[];
  readonly isPartial: boolean;
}

function collect(
  { job, pods }: JobView,
  { held }: Assessment,
  counted: JobStatus,
  verdict: Verdict | undefined,
): Collected {
  const succeeded = [...(counted.uncountedTerminatedPods?.succeeded ?? [])];
  const failed = [...(counted.uncountedTerminatedPods?.failed ?? [])];
  const listed = new Set([...succeeded, ...failed]);
  const before = readIndexes(job.status.completedIndexes, job.spec.completions ?? 0);
  const newIndexes: number[] = [];
  const release: Pod[] = [];
  let isPartial = false;
  for (const pod of isIndexed(job) ? pods.toSorted(byIndex) : pods) {
    if (!isTracked(pod) || !mayRelease(job, pod, held, verdict)) continue;
    if (newIndexes.length + succeeded.length + failed.length >= UNCOUNTED_MAX) {
      isPartial = true;
      break;
    }
    release.push(pod);
    const { uid = '' } = pod.metadata;
    if (listed.has(uid) || !canCount(job, pod)) continue;
    if (pod.status.phase === 'Succeeded') {
      const index = indexWithin(job, pod);
      if (!isIndexed(job)) succeeded.push(uid);
      else if (index !== undefined && !hasIndex(before, index)) newIndexes.push(index);
    } else if (hasFailed(job, pod) || verdict?.outcome === 'failed') {
      if (judgeFailure(job.spec.podFailurePolicy, pod).counts) failed.push(uid);
    }
  }
  return { uncounted: { succeeded, failed }, newIndexes, release, isPartial };
}

function byIndex(a: Pod, b: Pod): number {
  return (completionIndex(a) ?? -1) - (completionIndex(b) ?? -1);
}

/** When the Job or the pod is at its end; a pod whose failures are yet to be carried on stays. */
function mayRelease(job: Job, pod: Pod, held: Assessment['held'], verdict: Verdict | undefined): boolean {
  if (job.metadata.deletionTimestamp !== undefined || verdict !== undefined) return true;
  if (pod.status.phase === 'Succeeded') return true;
  if (!hasFailed(job, pod)) return false;
  const index = completionIndex(pod);
  return index === undefined || held.get(index)?.metadata.uid !== pod.metadata.uid;
}

function indexStatus(job: Job, assessment: Assessment, newIndexes: readonly number[]): Partial<JobStatus> {
  if (!isIndexed(job)) return {};
  const { succeededIndexes, failedIndexes } = assessment;
  const completed = union(succeededIndexes, toIndexes(newIndexes));
  return {
    succeeded: countIndexes(completed),
    completedIndexes: formatIndexes(completed),
    ...(failedIndexes === undefined ? {} : { failedIndexes: formatIndexes(failedIndexes) }),
  };
}

/** The time in suspension counts for nothing, so a Job that goes on starts anew. */
function withSuspension(job: Job, status: JobStatus, nowMs: number): JobStatus {
  if (job.metadata.deletionTimestamp !== undefined) return status;
  const next = setCondition(status, isSuspended(job) ? SUSPENDED : RESUMED, nowMs);
  if (next === status) return status;
  const { startTime: _ended, ...rest } = next;
  return isSuspended(job) ? rest : { ...rest, startTime: formatTime(nowMs) };
}

/** The status once the finalizers are off: `tracked` are the pods that still have theirs. */
export function planEnd(
  job: Job,
  written: JobStatus,
  tracked: ReadonlySet<string>,
  verdict: Verdict | undefined,
  nowMs: number,
): { readonly status: JobStatus; readonly isFinished: boolean } {
  const status = settle(job, written, tracked);
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const isOpen = succeeded.length + failed.length > 0 || (status.terminating ?? 0) > 0;
  if (verdict === undefined || isOpen) return { status, isFinished: false };
  const { outcome, reason, message } = verdict;
  if (outcome === 'failed') {
    const finished = withCondition(status, { type: 'Failed', status: 'True', reason, message }, nowMs);
    return { status: finished, isFinished: true };
  }
  const finished = withCondition(status, { type: 'Complete', status: 'True', reason, message }, nowMs);
  return { status: { ...finished, completionTime: formatTime(nowMs) }, isFinished: true };
}

/** As upstream writes it: no zeros but where they say something, and the lists only with entries. */
function tidy(status: JobStatus): JobStatus {
  const { active, succeeded, failed, completedIndexes, uncountedTerminatedPods: pods, ...rest } = status;
  return {
    ...rest,
    ...(active === undefined || active === 0 ? {} : { active }),
    ...(succeeded === undefined || succeeded === 0 ? {} : { succeeded }),
    ...(failed === undefined || failed === 0 ? {} : { failed }),
    ...(completedIndexes === undefined || completedIndexes === '' ? {} : { completedIndexes }),
    uncountedTerminatedPods: {
      ...(pods?.succeeded === undefined || pods.succeeded.length === 0 ? {} : { succeeded: pods.succeeded }),
      ...(pods?.failed === undefined || pods.failed.length === 0 ? {} : { failed: pods.failed }),
    },
  };
}

export function sameStatus(a: JobStatus, b: JobStatus): boolean {
  return deepEqual(tidy(a), tidy(b)) && a.uncountedTerminatedPods !== undefined;
}
