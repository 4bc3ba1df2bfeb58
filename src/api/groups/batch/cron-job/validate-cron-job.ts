/** Rules for CronJobs, worded as upstream words them (`pkg/apis/batch/validation`). Pure. */

import { parseCron, zoneInSchedule } from '../../../cron/cron.ts';
import { openTimeZone } from '../../../cron/time-zone.ts';
import {
  invalid,
  notSupported,
  ROOT_PATH,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { laterRule } from '../../../field/later-rule.ts';
import { asJson, nonNegative } from '../../../field/rules.ts';
import type { CronJob, JobSpec } from '../../../types.gen.ts';
import { validateJobSpec } from '../job/validate-job-spec.ts';

const SPEC = ROOT_PATH.child('spec');
const SCHEDULE = SPEC.child('schedule');
const TIME_ZONE = SPEC.child('timeZone');
/** A job's name is the CronJob's and eleven characters of its own, and has to be a label. */
const NAME_LENGTH_MAX = 52;
const ZONE_PART = /^[A-Za-z.\-_0-9+]{1,14}$/;

export function validateCronJob({ spec }: CronJob): FieldError[] {
  return [
    ...validateSchedule(SCHEDULE, spec.schedule),
    ...nonNegative(SPEC.child('startingDeadlineSeconds'), spec.startingDeadlineSeconds),
    ...validateTemplate(SPEC.child('jobTemplate', 'spec'), spec.jobTemplate.spec),
    ...nonNegative(SPEC.child('successfulJobsHistoryLimit'), spec.successfulJobsHistoryLimit),
    ...nonNegative(SPEC.child('failedJobsHistoryLimit'), spec.failedJobsHistoryLimit),
  ];
}

export function validateNewCronJob({ metadata: { name = '' }, spec }: CronJob): FieldError[] {
  const errors = validateTimeZone(spec.timeZone);
  if (name.length <= NAME_LENGTH_MAX) return errors;
  const detail = `must be no more than ${NAME_LENGTH_MAX} bytes`;
  return [...errors, invalid(ROOT_PATH.child('metadata', 'name'), name, detail)];
}

/** A zone that was known once stays; one within the schedule stays alone. */
export function validateCronJobUpdate({ spec }: CronJob, { spec: old }: CronJob): FieldError[] {
  const { schedule, timeZone } = spec;
  const errors = timeZone === old.timeZone ? [] : validateTimeZone(timeZone);
  if (timeZone === undefined || !namesZone(schedule) || !namesZone(old.schedule)) return errors;
  const detail = 'cannot use both timeZone field and TZ or CRON_TZ in schedule';
  return [invalid(SCHEDULE, schedule, detail), ...errors];
}

function namesZone(schedule: string): boolean {
  return schedule.includes('TZ');
}

function validateSchedule(path: FieldPath, schedule: string): FieldError[] {
  if (schedule === '') return [];
  const problem = scheduleProblem(schedule);
  const errors = problem === undefined ? [] : [invalid(path, schedule, problem)];
  if (!namesZone(schedule)) return errors;
  const detail = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
  return [...errors, ...laterRule('time zones in schedules', [invalid(path, schedule, detail)])];
}

function scheduleProblem(schedule: string): string | undefined {
  const { zone, rest } = zoneInSchedule(schedule);
  if (zone !== undefined && zone !== '' && openTimeZone(zone) === undefined) {
    return `provided bad location ${zone}: unknown time zone ${zone}`;
  }
  const parsed = parseCron(rest);
  return parsed.ok ? undefined : parsed.error;
}

function validateTimeZone(name: string | undefined): FieldError[] {
  if (name === undefined) return [];
  const refuse = (detail: string): FieldError[] => [invalid(TIME_ZONE, name, detail)];
  if (name === '') return refuse('timeZone must be nil or non-empty string');
  const isPart = (part: string): boolean =>
    part !== '.' && part !== '..' && !part.startsWith('-') && ZONE_PART.test(part);
  if (!name.split('/').every(isPart)) return refuse(`unknown time zone ${name}`);
  if (name.toLowerCase() === 'local') {
    return refuse('timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones');
  }
  return openTimeZone(name) === undefined ? refuse(`unknown time zone ${name}`) : [];
}

function validateTemplate(path: FieldPath, spec: JobSpec): FieldError[] {
  const errors = validateJobSpec(path, spec);
  const { selector, manualSelector } = spec;
  if (selector !== undefined) {
    errors.push(invalid(path.child('selector'), asJson(selector), '`selector` will be auto-generated'));
  }
  if (manualSelector === true) {
    errors.push(notSupported(path.child('manualSelector'), manualSelector, ['nil', 'false']));
  }
  return errors;
}
