/**
 * What a CronJob does now: which of its Jobs are over, which go, and whether one begins. Pure.
 *
 * Invariants: the name of a Job is made of the time that it is for, so no time is run twice, whoever tries;
 * with `Forbid` none begins while the status lists another one.
 */

import { formatTime, timeMs } from '../../api/time/time.ts';
import type { Draft } from '../../api/meta/object.ts';
import { isFinished, isTrue } from '../../api/groups/batch/job/job-conditions.ts';
import type { CronJob, CronJobStatus, Job, ObjectReference, OwnerReference } from '../../api/types.gen.ts';
import { dueNow, type Timetable, type TimetableOutcome } from './schedule.ts';
import { zonedTime } from './zoned-time.ts';

const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

export interface CronEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** The oldest finished Jobs beyond the limits. */
export function surplusHistory({ spec }: CronJob, jobs: readonly Job[]): readonly Job[] {
  const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = spec;
  const beyond = (type: string, limit: number | undefined): readonly Job[] => {
    if (limit === undefined) return [];
    const finished = jobs.filter(({ status }) => isTrue(status.conditions, type)).toSorted(byStart);
    return finished.slice(0, Math.max(0, finished.length - limit));
  };
  const surplus = [
    ...beyond('Complete', successfulJobsHistoryLimit),
    ...beyond('Failed', failedJobsHistoryLimit),
  ];
  return surplus.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/** Those that never began come last. */
function byStart(a: Job, b: Job): number {
  const start = ({ status }: Job): number =>
    status.startTime === undefined ? Infinity : timeMs(status.startTime);
  const [left, right] = [start(a), start(b)];
  if (left !== right) return left < right ? -1 : 1;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}

export function withoutActive(status: CronJobStatus, uid: string | undefined): CronJobStatus {
  const { active = [], ...rest } = status;
  const left = active.filter((reference) => reference.uid !== uid);
  return left.length === 0 ? rest : { ...rest, active: left };
}

/**
 * The status with what the Jobs say of the times that were run. Upstream trusts its own status alone; but
 * that is not written when the controller dies right after it made a Job, which then would run twice, or
 * beside another one that `Forbid` forbids.
 */
export function remember(cronJob: CronJob, jobs: readonly Job[]): CronJobStatus {
  const { status } = cronJob;
  let { lastScheduleTime } = status;
  const active = [...(status.active ?? [])];
  for (const job of jobs) {
    const scheduledMs = Date.parse(job.metadata.annotations?.[SCHEDULED_AT] ?? '');
    if (Number.isNaN(scheduledMs) || job.metadata.name !== jobName(cronJob, scheduledMs)) continue;
    const scheduledAt = formatTime(scheduledMs);
    if (isLater(scheduledAt, lastScheduleTime)) lastScheduleTime = scheduledAt;
    const isGoing = job.metadata.deletionTimestamp !== undefined;
    if (isGoing || isFinished(job.status.conditions)) continue;
    if (!active.some(({ uid }) => uid === job.metadata.uid)) active.push(referenceTo(job));
  }
  return {
    ...status,
    ...(active.length === 0 ? {} : { active }),
    ...(lastScheduleTime === undefined ? {} : { lastScheduleTime }),
  };
}

/** The status with what has become of the Jobs; `missing` are listed ones that the server does not have. */
export function follow(
  before: CronJobStatus,
  jobs: readonly Job[],
  missing: readonly ObjectReference[],
): { readonly status: CronJobStatus; readonly events: readonly CronEvent[] } {
  const events: CronEvent[] = [];
  let status = before;
  for (const job of jobs) {
    const { name = '', uid } = job.metadata;
    const isListed = (status.active ?? []).some((reference) => reference.uid === uid);
    if (!isFinished(job.status.conditions)) {
      const message = `Saw a job that the controller did not create or forgot: ${name}`;
      if (!isListed) events.push({ type: 'Warning', reason: 'UnexpectedJob', message });
      continue;
    }
    const isComplete = isTrue(job.status.conditions, 'Complete');
    if (isListed) {
      const condition = isComplete ? 'Complete' : 'Failed';
      const message = `Saw completed job: ${name}, condition: ${condition}`;
      events.push({ type: 'Normal', reason: 'SawCompletedJob', message });
      status = withoutActive(status, uid);
    }
    const { completionTime } = job.status;
    if (isComplete && isLater(completionTime, status.lastSuccessfulTime)) {
      status = { ...status, lastSuccessfulTime: completionTime };
    }
  }
  for (const { name = '', uid } of missing) {
    const message = `Active job went missing: ${name}`;
    events.push({ type: 'Normal', reason: 'MissingJob', message });
    status = withoutActive(status, uid);
  }
  return { status, events };
}

function isLater(time: string | undefined, than: string | undefined): time is string {
  return time !== undefined && (than === undefined || timeMs(time) > timeMs(than));
}

export interface CronPlan {
  readonly events: readonly CronEvent[];
  /** The time for which a Job begins; undefined: none does. */
  readonly startMs: number | undefined;
  /** Those that are still listed as active go first. */
  readonly replaces: boolean;
  /** Undefined: only a change of the object makes a look worthwhile. */
  readonly timetable: Timetable | undefined;
}

const IDLE: CronPlan = { events: [], startMs: undefined, replaces: false, timetable: undefined };

export function planRun(cronJob: CronJob, outcome: TimetableOutcome, nowMs: number): CronPlan {
  const { metadata, spec, status } = cronJob;
  if (metadata.deletionTimestamp !== undefined) return IDLE;
  const warn = (reason: string, message: string): CronEvent => ({ type: 'Warning', reason, message });
  if (!outcome.ok && outcome.reason === 'UnknownTimeZone') {
    return { ...IDLE, events: [warn(outcome.reason, outcome.message)] };
  }
  if (spec.suspend === true) return IDLE;
  const events: CronEvent[] = [];
  if (spec.schedule.includes('TZ')) {
    const what = `CRON_TZ or TZ used in schedule ${JSON.stringify(spec.schedule)} is not officially supported`;
    const where = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/';
    events.push(warn('UnsupportedSchedule', `${what}, see ${where} for more details`));
  }
  if (!outcome.ok) return { ...IDLE, events: [...events, warn(outcome.reason, outcome.message)] };
  const due = dueNow(cronJob, outcome, nowMs);
  if (due.type === 'never') {
    const why = 'time difference between two schedules is less than 1 second';
    const message = `invalid schedule: ${spec.schedule} : ${why}`;
    return { ...IDLE, events: [...events, warn('InvalidSchedule', message)] };
  }
  const waits: CronPlan = { ...IDLE, events, timetable: outcome };
  if (due.type === 'none' || due.atMs === undefined) return waits;
  if (due.isMany) {
    const what =
      'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
    events.push(warn('TooManyMissedTimes', what));
  }
  const { startingDeadlineSeconds } = spec;
  if (startingDeadlineSeconds !== undefined && due.atMs + startingDeadlineSeconds * 1000 < nowMs) {
    const message = `Missed scheduled time to start a job: ${rfc1123(due.atMs)}`;
    return { ...waits, events: [...events, warn('MissSchedule', message)] };
  }
  const { active = [] } = status;
  const name = jobName(cronJob, due.atMs);
  const isDone = status.lastScheduleTime === formatTime(due.atMs);
  if (isDone || active.some((reference) => reference.name === name)) return waits;
  if (spec.concurrencyPolicy === 'Forbid' && active.length > 0) {
    const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
    return { ...waits, events: [...events, { type: 'Normal', reason: 'JobAlreadyActive', message }] };
  }
  return { ...waits, startMs: due.atMs, replaces: spec.concurrencyPolicy === 'Replace' };
}

/** `Mon, 02 Jan 2006 15:04:05 +0000`: Go's RFC1123Z. */
function rfc1123(ms: number): string {
  return new Date(ms).toUTCString().replace('GMT', '+0000');
}

function jobName({ metadata }: CronJob, scheduledMs: number): string {
  return `${metadata.name ?? ''}-${Math.floor(scheduledMs / 60_000)}`;
}

export function jobFor(cronJob: CronJob, owner: OwnerReference, scheduledMs: number): Draft<Job> {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  const { namespace } = cronJob.metadata;
  const annotations = {
    ...metadata.annotations,
    [SCHEDULED_AT]: zonedTime(scheduledMs, cronJob.spec.timeZone),
  };
  return {
    metadata: {
      name: jobName(cronJob, scheduledMs),
      namespace,
      ...(metadata.labels === undefined ? {} : { labels: metadata.labels }),
      annotations,
      ownerReferences: [owner],
    },
    spec,
  };
}

/** The status once `job` has begun for this time. */
export function withStarted(status: CronJobStatus, job: Job, scheduledMs: number): CronJobStatus {
  const active = [...(status.active ?? []), referenceTo(job)];
  return { ...status, active, lastScheduleTime: formatTime(scheduledMs) };
}

function referenceTo({ metadata }: Job): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}
