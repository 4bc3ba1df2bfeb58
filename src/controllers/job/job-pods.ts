/** What a Job asks of its pods: are they counted yet, which index do they work on, did they fail? Pure. */

import { timeMs } from '../../api/time/time.ts';
import type { Job, Pod } from '../../api/types.gen.ts';
import { podCondition } from '../pod-state/pod-state.ts';

/** Held by a pod until the Job's status has counted it. */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';
/** Annotation and label. */
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';
/** Failures of earlier pods of the same index. */
export const INDEX_FAILURES = 'batch.kubernetes.io/job-index-failure-count';
/** Those that the failure policy does not count. */
export const INDEX_IGNORED_FAILURES = 'batch.kubernetes.io/job-index-ignored-failure-count';

const INT32_MAX = 0x7fffffff;

export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(TRACKING_FINALIZER) ?? false;
}

export function isIndexed({ spec }: Job): boolean {
  return spec.completionMode === 'Indexed';
}

export function isSuspended({ spec }: Job): boolean {
  return spec.suspend === true;
}

/** The number that its author gave the pod; undefined: none that counts. */
export function completionIndex({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[COMPLETION_INDEX] ?? '';
  return /^\+?\d+$/.test(text) ? Number(text) : undefined;
}

/** Its index, when the Job has one of that number. */
export function indexWithin(job: Job, pod: Pod): number | undefined {
  const index = completionIndex(pod);
  return index !== undefined && index < (job.spec.completions ?? 0) ? index : undefined;
}

/** Whether the pod's end can count: any pod of a Job without indexes, else one that works on an index. */
export function canCount(job: Job, pod: Pod): boolean {
  return !isIndexed(job) || indexWithin(job, pod) !== undefined;
}

/** Whether a pod that is being deleted keeps its place until it has ended. */
export function replacesOnlyFailed({ spec }: Job): boolean {
  return spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined;
}

/** A pod on its way out counts as failed, since it may never get to say so; unless the Job waits for that. */
export function hasFailed(job: Job, { metadata, status }: Pod): boolean {
  if (status.phase === 'Failed') return true;
  if (replacesOnlyFailed(job)) return false;
  return metadata.deletionTimestamp !== undefined && status.phase !== 'Succeeded';
}

export function indexFailures(pod: Pod): number {
  return annotatedCount(pod, INDEX_FAILURES);
}

export function ignoredIndexFailures(pod: Pod): number {
  return annotatedCount(pod, INDEX_IGNORED_FAILURES);
}

function annotatedCount({ metadata }: Pod, annotation: string): number {
  const text = metadata.annotations?.[annotation] ?? '';
  const count = /^\+?\d+$/.test(text) ? Number(text) : 0;
  return count > INT32_MAX ? 0 : count;
}

/** When its last container ended; else since when it is not ready; else when it was deleted, or made. */
export function finishedAtMs(pod: Pod): number {
  const { metadata, status } = pod;
  const ends = (status.containerStatuses ?? []).map(({ state }) => state?.terminated?.finishedAt);
  const known = ends.filter((end) => end !== undefined);
  if (known.length > 0 && known.length === ends.length) return Math.max(...known.map(timeMs));
  const ready = podCondition(pod, 'Ready');
  if (ready?.status === 'False' && ready.lastTransitionTime !== undefined) {
    return timeMs(ready.lastTransitionTime);
  }
  if (metadata.deletionTimestamp !== undefined) {
    return timeMs(metadata.deletionTimestamp) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  }
  return metadata.creationTimestamp === undefined ? 0 : timeMs(metadata.creationTimestamp);
}
