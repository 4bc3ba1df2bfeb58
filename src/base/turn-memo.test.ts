import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TurnMemo } from './turn-memo.ts';
import { megabytesLeft } from './young.fixture.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what was remembered is there until the turn is over, and can be remembered anew', async () => {
  const memo = new TurnMemo<object, string>();
  const key = {};
  for (const value of ['first', 'second']) {
    memo.set(key, value);
    assert.equal(memo.get({}), undefined);
    await Promise.resolve();
    assert.equal(memo.get(key), value);
    await turn();
    assert.equal(memo.get(key), undefined);
  }
});

test('a value that is set late in a turn is forgotten with the others', async () => {
  const memo = new TurnMemo<number, number>();
  memo.set(1, 1);
  await Promise.resolve();
  memo.set(2, 2);
  assert.deepEqual([memo.get(1), memo.get(2)], [1, 2]);
  await turn();
  assert.deepEqual([memo.get(1), memo.get(2)], [undefined, undefined]);
});

test('nothing stays of what was remembered, where a `WeakMap` keeps it', async () => {
  const [memo, weakMap] = await Promise.all([megabytesLeft('turnMemo'), megabytesLeft('weakMap')]);
  assert.ok(memo < 40 && weakMap > 200, `${memo} and ${weakMap} MB`);
});
