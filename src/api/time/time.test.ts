import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  canonicalDuration,
  canonicalMicroTime,
  canonicalTime,
  formatMicroTime,
  formatTime,
  isZeroTime,
} from './time.ts';

test('times become UTC with seconds', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['2026-11-21T04:47:02Z', '2026-11-21T04:47:02Z'],
    ['2026-11-21T04:47:02.999Z', '2026-11-21T04:47:02Z'],
    ['2026-11-21T04:47:02+02:00', '2026-11-21T02:47:02Z'],
    ['2026-01-01T00:00:00-01:30', '2026-01-01T01:30:00Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
    ['2026-04-30T23:59:59Z', '2026-04-30T23:59:59Z'],
    ['2026-12-31T23:59:59Z', '2026-12-31T23:59:59Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ];
  for (const [text, expected] of cases) assert.deepEqual(canonicalTime(text), { text: expected });
});

test('refused times carry the wording of Go', () => {
  const layout = '2006-01-02T15:04:05Z07:00';
  const cases: readonly (readonly [string, string])[] = [
    ['foo', `parsing time "foo" as "${layout}": cannot parse "foo" as "2006"`],
    ['2026-11-21', `parsing time "2026-11-21" as "${layout}": cannot parse "" as "T"`],
    ['2026-13-21T00:00:00Z', 'parsing time "2026-13-21T00:00:00Z": month out of range'],
    ['2026-02-29T00:00:00Z', 'parsing time "2026-02-29T00:00:00Z": day out of range'],
    ['2026-04-31T00:00:00Z', 'parsing time "2026-04-31T00:00:00Z": day out of range'],
    ['2026-02-30T00:00:00Z', 'parsing time "2026-02-30T00:00:00Z": day out of range'],
    ['2026-02-20T00:00:00Zx', 'parsing time "2026-02-20T00:00:00Zx": extra text: "x"'],
  ];
  for (const [text, error] of cases) assert.deepEqual(canonicalTime(text), { error });
});

test('micro times', () => {
  assert.deepEqual(canonicalMicroTime('2026-11-21T04:47:02.123456+01:00'), {
    text: '2026-11-21T03:47:02.123456Z',
  });
  assert.deepEqual(canonicalMicroTime('2026-11-21T04:47:02Z'), {
    error:
      'parsing time "2026-11-21T04:47:02Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"',
  });
  assert.equal(formatMicroTime(1000.25), '1970-01-01T00:00:01.000250Z');
  assert.equal(formatTime(1999), '1970-01-01T00:00:01Z');
  assert.ok(isZeroTime('0001-01-01T00:00:00.000000Z'));
});

test('durations', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['0', '0s'], ['90m', '1h30m0s'], ['1.5s', '1.5s'], ['300ms', '300ms'], ['-1m', '-1m0s'], ['1h', '1h0m0s'],
    ['100us', '100µs'], ['5ns', '5ns'], ['1m1.05s', '1m1.05s'],
  ]; // prettier-ignore
  for (const [text, expected] of cases) assert.deepEqual(canonicalDuration(text), { text: expected });
  assert.deepEqual(canonicalDuration('5'), { error: 'time: missing unit in duration "5"' });
  assert.deepEqual(canonicalDuration('5x'), { error: 'time: unknown unit "x" in duration "5x"' });
  assert.deepEqual(canonicalDuration('x'), { error: 'time: invalid duration "x"' });
});
