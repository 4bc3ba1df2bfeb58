import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from './games.fixture.ts';
import { Heap } from './heap.ts';

test('pops in order whatever is pushed, popped and dropped in between', () => {
  const property = fc.property(fc.array(fc.option(fc.integer(), { nil: undefined })), (steps) => {
    const heap = new Heap<number>((a, b) => a < b);
    let model: number[] = [];
    for (const step of steps) {
      if (step === undefined) assert.equal(heap.pop(), model.shift());
      else {
        heap.push(step);
        model = [...model, step].sort((a, b) => a - b);
      }
      assert.equal(heap.peek(), model[0]);
    }
    heap.retain((n) => n % 2 === 0);
    model = model.filter((n) => n % 2 === 0);
    assert.equal(heap.size, model.length);
    assert.deepEqual(
      Array.from({ length: model.length }, () => heap.pop()),
      model,
    );
  });
  fc.assert(property, games());
});
