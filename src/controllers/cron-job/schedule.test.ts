import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CronJob } from '../../api/types.gen.ts';
import { dueNow, nextLookMs, timetableOf, type Timetable } from './schedule.ts';
import { zonedTime } from './zoned-time.ts';

const at = (text: string): number => Date.parse(`2026-${text}Z`);

function cronJob(schedule: string, lastRun: string, more: Partial<CronJob['spec']> = {}): CronJob {
  return {
    metadata: { name: 'tidy', creationTimestamp: `2026-${lastRun}Z` },
    spec: { schedule, ...more },
    status: {},
  } as unknown as CronJob;
}

function timetable(job: CronJob): Timetable {
  const outcome = timetableOf(job);
  assert.ok(outcome.ok);
  return outcome;
}

function due(job: CronJob, now: string): string {
  const found = dueNow(job, timetable(job), at(now));
  if (found.type !== 'missed') return found.type;
  const when = found.atMs === undefined ? 'nothing' : new Date(found.atMs).toISOString().slice(5, 16);
  return found.isMany ? `${when} of many` : when;
}

test('the latest time that has passed is due, and many missed ones are told', () => {
  const often = cronJob('*/10 * * * *', '03-01T10:00:00');
  assert.equal(due(often, '03-01T10:09:59'), 'none');
  assert.equal(due(often, '03-01T10:10:00'), '03-01T10:10');
  assert.equal(due(often, '03-01T10:35:00'), '03-01T10:30');
  assert.equal(due(often, '03-02T10:35:00'), '03-02T10:30 of many');
  const every = cronJob('@every 90m', '03-01T10:00:00');
  assert.equal(due(every, '03-01T15:00:00'), '03-01T14:30');
  const uneven = cronJob('30 6-16/4 * * 1-5', '03-02T00:00:00');
  assert.equal(due(uneven, '03-06T09:00:00'), '03-06T06:30');
  assert.equal(due(uneven, '03-09T06:00:00'), 'nothing', 'upstream finds none here either');
  assert.equal(due(cronJob('59 23 31 2 *', '03-01T10:00:00'), '03-02T00:00:00'), 'never');
});

test('what is too late to start is not looked for', () => {
  const job = cronJob('0 * * * *', '03-01T10:00:00', { startingDeadlineSeconds: 60 });
  assert.equal(due(job, '03-01T12:00:30'), '03-01T12:00');
  assert.equal(due(job, '03-01T12:01:30'), 'none');
});

test('the next look is a little after the next time', () => {
  const next = (job: CronJob, now: string): number | undefined => nextLookMs(job, timetable(job), at(now));
  const hourly = cronJob('@hourly', '03-01T10:00:00');
  assert.equal(next(hourly, '03-01T10:20:00'), 40 * 60_000 + 100);
  assert.equal(next(hourly, '03-01T13:20:00'), 40 * 60_000 + 100);
  assert.equal(next(cronJob('0 0 30 2 *', '03-01T10:00:00'), '03-01T10:20:00'), undefined);
});

test('schedules go by the clocks of their zone', () => {
  const berlin = cronJob('30 7 * * *', '03-28T00:00:00', { timeZone: 'Europe/Berlin' });
  assert.equal(due(berlin, '03-28T12:00:00'), '03-28T06:30');
  assert.equal(
    due({ ...berlin, status: { lastScheduleTime: '2026-03-28T06:30:00Z' } }, '03-29T12:00:00'),
    '03-29T05:30',
  );
  const inner = cronJob('TZ=Asia/Tokyo 0 9 * * *', '03-28T00:00:01');
  assert.equal(due(inner, '03-29T01:00:00'), '03-29T00:00');
  assert.equal(zonedTime(at('03-29T05:30:00'), 'Europe/Berlin'), '2026-03-29T07:30:00+02:00');
  assert.equal(zonedTime(at('01-01T03:15:00'), 'America/St_Johns'), '2025-12-31T23:45:00-03:30');
  assert.equal(zonedTime(at('01-01T03:15:00'), undefined), '2026-01-01T03:15:00Z');
});

test('what is no schedule is said in words', () => {
  const refused = (schedule: string, timeZone?: string): string => {
    const outcome = timetableOf(
      cronJob(schedule, '03-01T10:00:00', timeZone === undefined ? {} : { timeZone }),
    );
    assert.ok(!outcome.ok);
    return `${outcome.reason}: ${outcome.message}`;
  };
  assert.equal(
    refused('@hourly', 'Mars/North'),
    'UnknownTimeZone: invalid timeZone: "Mars/North": unknown time zone Mars/North',
  );
  assert.equal(
    refused('61 * * * *'),
    'UnparseableSchedule: unparseable schedule: "61 * * * *" : end of range (61) above maximum (59): 61',
  );
  assert.match(refused('TZ=Mars/North @hourly'), /provided bad location Mars\/North/);
});
