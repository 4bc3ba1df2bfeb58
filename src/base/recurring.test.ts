import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Recurring } from './recurring.ts';

test('what comes again is remembered, however many come once', () => {
  const recurring = new Recurring<string, number>(100);
  recurring.set('a', 1);
  recurring.set('b', 2);
  assert.equal(recurring.get('a'), 1);
  for (let i = 0; i < 10_000; i++) recurring.set(`once ${i}`, i);
  assert.deepEqual([recurring.get('a'), recurring.get('b'), recurring.get('c')], [1, undefined, undefined]);
});

test('no more are known than the bound', () => {
  const recurring = new Recurring<number, number>(10);
  for (let i = 0; i < 25; i++) {
    recurring.set(i, i);
    assert.equal(recurring.get(i), i);
  }
  for (let i = 1000; i < 1300; i++) recurring.set(i, i);
  const known = Array.from({ length: 25 }, (_, i) => i).filter((i) => recurring.get(i) !== undefined);
  assert.deepEqual(known, [20, 21, 22, 23, 24]);
});
