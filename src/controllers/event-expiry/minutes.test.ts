import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { Minutes } from './minutes.ts';

const MINUTE_MS = 60_000;

test('every name is due once, at its time or less than a minute later', () => {
  const step = fc.oneof(
    fc.record({ addMs: fc.integer({ min: 0, max: 10 * MINUTE_MS }) }),
    fc.record({ passMs: fc.integer({ min: 0, max: 3 * MINUTE_MS }), max: fc.integer({ min: 1, max: 3 }) }),
  );
  const property = fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
    const minutes = new Minutes();
    const waiting = new Map<string, number>();
    let nowMs = 0;
    const take = (max: number): void => {
      for (let due = minutes.takeDue(nowMs, max); due.length > 0; due = minutes.takeDue(nowMs, max)) {
        assert.ok(due.length <= max);
        for (const name of due) {
          assert.ok((waiting.get(name) ?? Number.POSITIVE_INFINITY) <= nowMs, `${name} is not due`);
          waiting.delete(name);
        }
      }
      const [firstMs] = [...waiting.values()].toSorted((a, b) => a - b);
      assert.ok(firstMs === undefined || nowMs - firstMs < MINUTE_MS, 'one is left');
      const { nextMs } = minutes;
      assert.equal(nextMs === undefined, firstMs === undefined);
      if (nextMs !== undefined && firstMs !== undefined)
        assert.ok(nextMs >= firstMs && nextMs - firstMs < MINUTE_MS);
    };
    for (const [i, one] of steps.entries()) {
      if ('addMs' in one) {
        const atMs = nowMs + one.addMs;
        assert.ok(minutes.add(`name-${i}`, atMs) >= atMs);
        waiting.set(`name-${i}`, atMs);
      } else {
        nowMs += one.passMs;
        take(one.max);
      }
    }
    nowMs += 12 * MINUTE_MS;
    take(2);
    assert.equal(waiting.size, 0);
  });
  fc.assert(property, games(100));
});
