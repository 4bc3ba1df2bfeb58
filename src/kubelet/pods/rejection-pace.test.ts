import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RejectionPace } from './rejection-pace.ts';

test('ten are refused at once, then ten a second, and after a pause ten at once again', () => {
  const pace = new RejectionPace();
  const delays = (nowMs: number, count: number): readonly number[] =>
    Array.from({ length: count }, () => pace.delayMs(nowMs));
  assert.deepEqual(delays(0, 12), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 200]);
  assert.deepEqual(delays(1_000, 1), [0]);
  assert.deepEqual(delays(60_000, 11).slice(8), [0, 0, 100]);
});
