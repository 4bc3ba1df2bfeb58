import assert from 'node:assert/strict';
import { test } from 'node:test';

import { aborted, whenAborted } from './abort.ts';

test('what waits for an abort runs once, when it comes', () => {
  const controller = new AbortController();
  let runs = 0;
  whenAborted(controller.signal, () => runs++);
  assert.equal(runs, 0);
  controller.abort();
  assert.equal(runs, 1);
});

test('an abort that has been is not missed', async () => {
  let runs = 0;
  whenAborted(AbortSignal.abort(), () => runs++);
  assert.equal(runs, 1);
  await aborted(AbortSignal.abort());
});

test('what stopped listening is left alone', () => {
  const controller = new AbortController();
  let runs = 0;
  const stop = whenAborted(controller.signal, () => runs++);
  stop();
  controller.abort();
  assert.equal(runs, 0);
});
