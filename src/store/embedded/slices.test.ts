import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slices } from './slices.ts';

test('work goes on for a slice, then rests in proportion to what that took, and ends when it is aborted', async () => {
  let nowMs = 0;
  const rests: number[] = [];
  const clock = {
    monotonicMs: () => nowMs,
    sleep: async (ms: number) => {
      rests.push(ms);
      nowMs += ms;
    },
  };
  const abort = new AbortController();
  const slices = new Slices(clock, abort.signal, 2);
  for (const tookMs of [1, 2, 2, 3, 100, 1]) {
    nowMs += tookMs;
    await slices.turn();
  }
  assert.deepEqual(rests, [10, 206]);
  const eager = new Slices(clock, abort.signal);
  nowMs += 50;
  await eager.turn();
  assert.equal(rests.at(-1), 0, 'others have a turn at least');
  abort.abort(new Error('enough'));
  await assert.rejects(slices.turn(), /enough/);
});
