import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectorThreads, nextPeriodMs, shareOfOthers, timesOf } from './collector-threads.ts';

test('what others took of the cores, a host that takes them away included', () => {
  const before = timesOf('cpu  100 0 50 1000 20 0 5 0 0 0', 400);
  assert.deepEqual(before, { all: 11_750, busy: 1_550, own: 400 });
  // Two cores for five seconds: this process took four seconds, others one, the host another.
  const now = timesOf('cpu  550 20 75 1400 20 0 10 100 0 0', 4_400);
  assert.equal(now.all - before.all, 10_000);
  assert.equal(shareOfOthers(before, now), 0.2);
  assert.equal(shareOfOthers(now, now), 1, 'nothing is known');
});

test('an idle process looks seldom, one that works for a tenth of the time often', () => {
  assert.deepEqual([nextPeriodMs(499, 5_000), nextPeriodMs(500, 5_000)], [30_000, 5_000]);
  assert.deepEqual([nextPeriodMs(2_999, 30_000), nextPeriodMs(3_000, 30_000)], [30_000, 5_000]);
});

test('the engine names its threads as it did', () => {
  assert.equal(collectorThreads().length > 0, process.platform === 'linux');
});
