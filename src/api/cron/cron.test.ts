import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCron, type CronSchedule } from './cron.ts';
import { nextTime } from './next-time.ts';
import { openTimeZone, UTC } from './time-zone.ts';

function schedule(text: string): CronSchedule {
  const outcome = parseCron(text);
  assert.ok(outcome.ok, text);
  return outcome.schedule;
}

test('fields', () => {
  const fields = schedule('0,30,5/20 9-17/4 1 jan-MAR mon,5');
  assert.ok(fields.type === 'fields');
  assert.deepEqual(
    [...fields.minutes].toSorted((a, b) => a - b),
    [0, 5, 25, 30, 45],
  );
  assert.deepEqual([...fields.hours], [9, 13, 17]);
  assert.deepEqual([...fields.months], [1, 2, 3]);
  assert.deepEqual([...fields.weekdays], [1, 5]);
  assert.equal(fields.needsBothDays, false);
  assert.deepEqual(schedule('@weekly'), schedule('0 0 * * sun'));
  assert.deepEqual(schedule('@every 1h30m0.7s'), { type: 'every', intervalMs: 5_400_000 });
  assert.deepEqual(schedule('@every 1ms'), { type: 'every', intervalMs: 1000 });
});

const REFUSED: { readonly [text: string]: string } = {
  '': 'empty spec string',
  '* * * *': 'expected exactly 5 fields, found 4: [* * * *]',
  '* * * * * *': 'expected exactly 5 fields, found 6: [* * * * * *]',
  '60 * * * *': 'end of range (60) above maximum (59): 60',
  '* * 0 * *': 'beginning of range (0) below minimum (1): 0',
  '* * * * 7': 'end of range (7) above maximum (6): 7',
  '5-3 * * * *': 'beginning of range (5) beyond end of range (3): 5-3',
  '*/0 * * * *': 'step of range should be a positive number: */0',
  '1-2-3 * * * *': 'too many hyphens: 1-2-3',
  '1/2/3 * * * *': 'too many slashes: 1/2/3',
  'x * * * *': 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax',
  '*/-5 * * * *': 'negative number (-5) not allowed: -5',
  '@often': 'unrecognized descriptor: @often',
  '@every soon': 'failed to parse duration @every soon: time: invalid duration "soon"',
  'TZ=UTC * * * * *': 'a time zone cannot be part of the schedule',
};

test('what is no schedule, and why', () => {
  for (const [text, error] of Object.entries(REFUSED)) {
    assert.deepEqual(parseCron(text), { ok: false, error }, text);
  }
});

/** Zone, schedule, after, next. */
const DUE: readonly (readonly [zone: string, text: string, after: string, next: string])[] = [
  ['', '*/15 * * * *', '2012-07-09T14:45:00Z', '2012-07-09T15:00:00Z'],
  ['', '*/15 * * * *', '2012-07-09T14:59:59.5Z', '2012-07-09T15:00:00Z'],
  ['', '20-35/15 * * * *', '2012-07-09T23:46:00Z', '2012-07-10T00:20:00Z'],
  ['', '0 0 9 apr-oct ?', '2012-07-09T23:35:00Z', '2012-08-09T00:00:00Z'],
  ['', '0 0 1,15 * mon', '2012-07-02T00:00:00Z', '2012-07-09T00:00:00Z'],
  ['', '0 0 */2 * mon', '2012-07-01T00:00:00Z', '2012-07-02T00:00:00Z'],
  ['', '0 0 * * mon', '2012-07-09T23:35:00Z', '2012-07-16T00:00:00Z'],
  ['', '0 0 29 feb ?', '2012-07-09T23:35:00Z', '2016-02-29T00:00:00Z'],
  ['', '@every 90s', '2012-07-09T14:45:00.9Z', '2012-07-09T14:46:30Z'],
  // The clock leaps from 2 to 3: what is skipped is skipped.
  ['America/New_York', '30 2 11 mar ?', '2012-03-11T00:00:00-05:00', '2013-03-11T02:30:00-04:00'],
  ['America/New_York', '0 * * * *', '2012-03-11T01:00:00-05:00', '2012-03-11T03:00:00-04:00'],
  ['America/New_York', '0 2 * * *', '2012-03-11T00:00:00-05:00', '2012-03-12T02:00:00-04:00'],
  ['America/New_York', '0 3 * * *', '2012-03-11T01:30:00-05:00', '2012-03-11T03:00:00-04:00'],
  // The clock goes back from 2 to 1: what comes twice is due twice.
  ['America/New_York', '30 1 4 nov ?', '2012-11-04T00:00:00-04:00', '2012-11-04T01:30:00-04:00'],
  ['America/New_York', '30 1 4 nov ?', '2012-11-04T01:45:00-04:00', '2012-11-04T01:30:00-05:00'],
  ['America/New_York', '0 * * * *', '2012-11-04T01:00:00-04:00', '2012-11-04T01:00:00-05:00'],
  ['America/New_York', '0 1 * * *', '2012-11-04T01:00:00-04:00', '2012-11-04T01:00:00-05:00'],
  ['America/New_York', '0 1 * * *', '2012-11-04T01:00:00-05:00', '2012-11-05T01:00:00-05:00'],
  ['America/New_York', '0 2 * * *', '2012-11-04T00:00:00-04:00', '2012-11-04T02:00:00-05:00'],
  // Here the clock changes at midnight.
  ['America/Sao_Paulo', '0 9 10 * *', '2018-10-17T05:00:00-04:00', '2018-11-10T06:00:00-05:00'],
  ['America/Sao_Paulo', '0 9 22 * *', '2018-02-14T05:00:00-05:00', '2018-02-22T07:00:00-05:00'],
  ['Asia/Kolkata', '0 9 * * *', '2020-01-01T00:00:00Z', '2020-01-01T03:30:00Z'],
];

test('when a schedule is due next', () => {
  for (const [name, text, after, next] of DUE) {
    const zone = name === '' ? UTC : openTimeZone(name);
    assert.ok(zone !== undefined);
    const due = nextTime(schedule(text), Date.parse(after), zone);
    assert.equal(due, Date.parse(next), `${name} ${text} after ${after}: ${String(due)}`);
  }
  assert.equal(nextTime(schedule('0 0 30 feb ?'), Date.parse('2012-07-09T23:35:00Z'), UTC), undefined);
});

test('names of time zones', () => {
  for (const name of ['Europe/Berlin', 'UTC', 'Etc/UTC', 'US/Eastern', 'Etc/GMT+5']) {
    assert.ok(openTimeZone(name) !== undefined, name);
  }
  for (const name of ['', 'Europe/Nowhere', 'europe/berlin', '+01:00', '-0100']) {
    assert.equal(openTimeZone(name), undefined, name);
  }
});
