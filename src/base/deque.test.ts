import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from './games.fixture.ts';
import { Deque, firstIndex } from './deque.ts';

test('agrees with an array', () => {
  const steps = fc.array(fc.oneof(fc.nat(), fc.constant('shift' as const)), { maxLength: 400, size: 'max' });
  const property = fc.property(steps, (list) => {
    const deque = new Deque<number>();
    const model: number[] = [];
    for (const step of list) {
      if (step === 'shift') assert.equal(deque.shift(), model.shift());
      else {
        deque.push(step);
        model.push(step);
      }
      assert.equal(deque.length, model.length);
      assert.equal(deque.at(0), model[0]);
      assert.equal(deque.at(model.length - 1), model.at(-1));
      assert.equal(deque.at(model.length), undefined);
    }
    assert.deepEqual([...deque], model);
  });
  fc.assert(property, games());
});

test('grows, shrinks, and finds by bisection', () => {
  const deque = new Deque<number>();
  for (let i = 0; i < 5000; i++) deque.push(i);
  for (let i = 0; i < 4900; i++) assert.equal(deque.shift(), i);
  assert.deepEqual(
    [...deque],
    Array.from({ length: 100 }, (_, i) => 4900 + i),
  );
  assert.equal(
    firstIndex(deque, (n) => n >= 4950),
    50,
  );
  assert.equal(
    firstIndex(deque, (n) => n > 9999),
    100,
  );
  deque.clear();
  assert.equal(deque.length, 0);
});
