/**
 * When a CronJob's next Job is due, and whether one is overdue. Pure.
 *
 * Worked example: every ten minutes, last run 10:00, now 10:35. Due were 10:10, 10:20 and 10:30; only the
 * last of them is made up for, so the answer is 10:30, and the next look is at 10:40.
 */

import { parseCron, zoneInSchedule, type CronSchedule } from '../../api/cron/cron.ts';
import { nextTime } from '../../api/cron/next-time.ts';
import { openTimeZone, UTC, type TimeZone } from '../../api/cron/time-zone.ts';
import { timeMs } from '../../api/time/time.ts';
import type { CronJob } from '../../api/types.gen.ts';

/** Looks come that much later than the time they are for, so that a clock set back a little does no harm. */
const LATE_MS = 100;
/** That many missed runs mean that something is wrong. */
const MISSED_MAX = 100;

export interface Timetable {
  readonly schedule: CronSchedule;
  readonly zone: TimeZone;
}

export type TimetableOutcome =
  | ({ readonly ok: true } & Timetable)
  | { readonly ok: false; readonly reason: string; readonly message: string };

/** Remembers what was made of a schedule, since opening a time zone costs as much as all the rest. */
export class Timetables {
  readonly #known = new Map<string, { readonly spec: string; readonly outcome: TimetableOutcome }>();

  /** `key` is the CronJob's. */
  of(key: string, cronJob: CronJob): TimetableOutcome {
    const { schedule, timeZone } = cronJob.spec;
    const spec = JSON.stringify([schedule, timeZone]);
    const known = this.#known.get(key);
    if (known?.spec === spec) return known.outcome;
    const outcome = timetableOf(cronJob);
    this.#known.set(key, { spec, outcome });
    return outcome;
  }

  forget(key: string): void {
    this.#known.delete(key);
  }
}

export function timetableOf({ spec }: CronJob): TimetableOutcome {
  const { timeZone, schedule: text } = spec;
  if (timeZone !== undefined && openTimeZone(timeZone) === undefined) {
    const message = `invalid timeZone: ${JSON.stringify(timeZone)}: unknown time zone ${timeZone}`;
    return { ok: false, reason: 'UnknownTimeZone', message };
  }
  const { zone: inner, rest } = zoneInSchedule(text);
  const name = inner ?? timeZone;
  const zone = name === undefined || name === '' ? UTC : openTimeZone(name);
  const unparseable = (why: string): TimetableOutcome => {
    const message = `unparseable schedule: ${JSON.stringify(text)} : ${why}`;
    return { ok: false, reason: 'UnparseableSchedule', message };
  };
  if (zone === undefined) return unparseable(`provided bad location ${name}: unknown time zone ${name}`);
  const parsed = parseCron(rest);
  return parsed.ok ? { ok: true, schedule: parsed.schedule, zone } : unparseable(parsed.error);
}

export type Due =
  /** Nothing since the last run. */
  | { readonly type: 'none' }
  /** `atMs` is the latest time that has passed; undefined: runs were missed, but none can be made up for. */
  | { readonly type: 'missed'; readonly atMs: number | undefined; readonly isMany: boolean }
  /** The schedule names no time at all: 31 February. */
  | { readonly type: 'never' };

/** `sinceMs`: the last run, or when the CronJob was made. */
export function dueSince({ schedule, zone }: Timetable, sinceMs: number, nowMs: number): Due {
  const first = nextTime(schedule, sinceMs, zone);
  const second = first === undefined ? undefined : nextTime(schedule, first, zone);
  if (first === undefined || second === undefined) return { type: 'never' };
  if (nowMs < first) return { type: 'none' };
  if (nowMs < second) return { type: 'missed', atMs: first, isMany: false };
  // Counted by the first interval, as upstream does: an estimate where intervals differ.
  const periodMs = second - first;
  const missed = Math.floor((nowMs - first) / periodMs) + 1;
  let atMs: number | undefined;
  let next = nextTime(schedule, first + (missed - 2) * periodMs, zone);
  while (next !== undefined && next <= nowMs) {
    atMs = next;
    next = nextTime(schedule, next, zone);
  }
  return { type: 'missed', atMs, isMany: missed > MISSED_MAX };
}

export function lastRunMs({ metadata, status }: CronJob): number {
  return timeMs(status.lastScheduleTime ?? metadata.creationTimestamp ?? '1970-01-01T00:00:00Z');
}

/**
 * What is due, runs that are too late to start left out. `@every` counts from the last run, so leaving time out
 * would move it on for ever, as it does upstream.
 */
export function dueNow(cronJob: CronJob, timetable: Timetable, nowMs: number): Due {
  const { startingDeadlineSeconds } = cronJob.spec;
  const isBounded = startingDeadlineSeconds !== undefined && timetable.schedule.type === 'fields';
  const deadlineMs = isBounded ? nowMs - startingDeadlineSeconds * 1000 : 0;
  return dueSince(timetable, Math.max(lastRunMs(cronJob), deadlineMs), nowMs);
}

/** Until the time after the latest one that has passed; undefined: there is none. */
export function nextLookMs(cronJob: CronJob, timetable: Timetable, nowMs: number): number | undefined {
  const sinceMs = lastRunMs(cronJob);
  const due = dueSince(timetable, sinceMs, nowMs);
  const fromMs = due.type === 'none' ? sinceMs : due.type === 'missed' ? (due.atMs ?? nowMs) : nowMs;
  const next = nextTime(timetable.schedule, fromMs, timetable.zone);
  return next === undefined ? undefined : next + LATE_MS - nowMs;
}
