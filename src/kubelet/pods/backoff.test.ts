import assert from 'node:assert/strict';
import { test } from 'node:test';

import { afterStart, CRASH_LOOP, dueAtMs, type Backoff } from './backoff.ts';

test('the first restart is immediate, then delays double up to five minutes', () => {
  let backoff: Backoff | undefined;
  const delays: number[] = [];
  let nowMs = 0;
  for (let i = 0; i < 8; i++) {
    const due = dueAtMs(backoff, nowMs, nowMs, CRASH_LOOP);
    delays.push((due ?? nowMs) - nowMs);
    const endedAtMs = nowMs;
    nowMs = due ?? nowMs;
    backoff = afterStart(backoff, endedAtMs, nowMs, CRASH_LOOP);
  }
  assert.deepEqual(delays, [0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
});

test('ten minutes of good behaviour are forgiven', () => {
  const backoff: Backoff = { delayMs: 300_000, updatedAtMs: 0 };
  assert.equal(dueAtMs(backoff, 600_000, 600_001, CRASH_LOOP), 900_000);
  assert.equal(dueAtMs(backoff, 600_001, 600_001, CRASH_LOOP), undefined);
  assert.equal(afterStart(backoff, 600_001, 600_001, CRASH_LOOP).delayMs, 10_000);
});
