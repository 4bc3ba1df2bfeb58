/** What keeps Jobs and CronJobs. Pure. */

import type { CronJob, Job } from '../api/types.gen.ts';
import { createFindings } from './create-findings.ts';
import { deletionFindings } from './deletion-findings.ts';
import { eventText, objectOf, type Finding, type Look } from './finding.ts';
import type { Graph } from './graph.ts';
import { podFindings } from './pod-findings.ts';

export function lookAtJob(job: Job, graph: Graph): Look {
  const { spec, status } = job;
  const { succeeded = 0, failed = 0, active = 0 } = status;
  const wanted = spec.completions ?? 1;
  const isComplete = conditionOf(job, 'Complete') !== undefined;
  return {
    state: `${succeeded} of ${wanted} completions are reached, ${active} pods are active, ${failed} have failed`,
    isDone: isComplete,
    findings: isComplete ? [] : jobFindings(job, graph),
  };
}

function conditionOf(
  { status }: Job,
  type: string,
): NonNullable<Job['status']['conditions']>[number] | undefined {
  return status.conditions?.find((one) => one.type === type && one.status === 'True');
}

function jobFindings(job: Job, graph: Graph): readonly Finding[] {
  const { namespace = '', name = '' } = job.metadata;
  const object = objectOf('Job', job);
  const failed = conditionOf(job, 'Failed') ?? conditionOf(job, 'FailureTarget');
  const pods = graph.podsOf(job);
  const findings: Finding[] = [...deletionFindings('Job', job, graph.all.nowMs)];
  if (job.spec.suspend === true) {
    const advice = `kubectl patch -n ${namespace} job/${name} -p '{"spec":{"suspend":false}}'`;
    findings.push({
      cause: 'paused',
      rank: 'cause',
      object,
      message: 'it is suspended',
      evidence: [],
      advice,
    });
  }
  const isShort = pods.length === 0 && job.spec.suspend !== true && failed === undefined;
  if (isShort) findings.push(...createFindings('Job', job, graph));
  // A failed job has failed for good; before that what is wrong with its pods is what matters.
  const ofPods = pods.flatMap((pod) => podFindings(pod, graph));
  if (failed !== undefined) {
    const { reason = '', message = '' } = failed;
    findings.push({
      cause: 'job-failed',
      rank: ofPods.some(({ rank }) => rank === 'cause') ? 'effect' : 'cause',
      object,
      message: `it has failed: ${reason}${message === '' ? '' : `: ${message}`}`,
      evidence: [`condition Failed: ${reason}`],
      advice: 'Correct what its pods do, and make it anew: a failed job is not tried again.',
    });
  }
  return [...findings, ...ofPods];
}

const SCHEDULE_REASONS = [
  'UnparseableSchedule',
  'UnknownTimeZone',
  'TooManyMissedTimes',
  'InvalidSchedule',
] as const;

export function lookAtCronJob(cronJob: CronJob, graph: Graph): Look {
  const { lastScheduleTime, active = [] } = cronJob.status;
  const { namespace = '', name = '' } = cronJob.metadata;
  const object = objectOf('CronJob', cronJob);
  const findings: Finding[] = [...deletionFindings('CronJob', cronJob, graph.all.nowMs)];
  if (cronJob.spec.suspend === true) {
    const advice = `kubectl patch -n ${namespace} cronjob/${name} -p '{"spec":{"suspend":false}}'`;
    const message = 'it is suspended: no jobs are made';
    findings.push({ cause: 'paused', rank: 'cause', object, message, evidence: [], advice });
  }
  const [wrong] = graph.warnings(cronJob, SCHEDULE_REASONS);
  if (wrong !== undefined) {
    const message = `its schedule cannot be followed: ${wrong.message ?? ''}`;
    const advice = 'Correct spec.schedule or spec.timeZone.';
    findings.push({
      cause: 'schedule',
      rank: 'cause',
      object,
      message,
      evidence: [eventText(wrong)],
      advice,
    });
  }
  if (active.length === 0) findings.push(...createFindings('CronJob', cronJob, graph));
  const [last] = graph.jobsOf(cronJob).toSorted((a, b) => (createdAt(a) < createdAt(b) ? 1 : -1));
  const ofJob = last === undefined ? [] : lookAtJob(last, graph).findings;
  return {
    state: `it last made a job ${lastScheduleTime === undefined ? 'never' : `at ${lastScheduleTime}`}, ${active.length} are active`,
    isDone: findings.length + ofJob.length === 0,
    findings: [...findings, ...ofJob],
  };
}

function createdAt({ metadata }: Job): string {
  return metadata.creationTimestamp ?? '';
}
