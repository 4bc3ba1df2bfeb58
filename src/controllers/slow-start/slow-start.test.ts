import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slowStart } from './slow-start.ts';

test('batches double, and every write happens once', async () => {
  const running: number[] = [];
  let now = 0;
  let most = 0;
  const outcome = await slowStart(10, async (index) => {
    running.push(index);
    most = Math.max(most, ++now);
    await Promise.resolve();
    now--;
  });
  assert.deepEqual(outcome, { succeeded: 10 });
  assert.deepEqual(running, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(most, 4);
});

test('after a failure no further batch is tried', async () => {
  let tried = 0;
  const outcome = await slowStart(100, async (index) => {
    tried++;
    await Promise.resolve();
    if (index >= 3) throw new Error('quota');
  });
  assert.equal(tried, 7);
  assert.equal(outcome.succeeded, 3);
  assert.match(String(outcome.error), /quota/);
});
