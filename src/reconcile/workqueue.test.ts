import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../base/games.fixture.ts';
import { createSimulatedHost } from '../host/simulated/simulated.ts';
import { ReadyKeys } from './ready-keys.ts';
import { Workqueue } from './workqueue.ts';

test('namespaces take turns, keys of one come in their order', () => {
  const ready = new ReadyKeys();
  for (const key of ['a/1', 'a/2', 'a/3', 'b/1', 'node', 'a/1']) ready.add(key);
  assert.equal(ready.size, 5);
  const taken = Array.from({ length: 6 }, () => ready.take());
  assert.deepEqual(taken, ['a/1', 'b/1', 'node', 'a/2', 'a/3', undefined]);
  assert.equal(ready.size, 0);
});

test('a key that comes waits for no more than one of each other namespace', () => {
  const key = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(5)).map(([ns, n]) => `${ns}/${n}`);
  fc.assert(
    fc.property(fc.array(fc.oneof(key, fc.constant('take')), { maxLength: 60 }), (steps) => {
      const ready = new ReadyKeys();
      const model = new Set<string>();
      for (const step of [...steps, ...Array.from({ length: 20 }, () => 'take')]) {
        if (step !== 'take') {
          ready.add(step);
          model.add(step);
        } else {
          const taken = ready.take();
          assert.equal(taken === undefined, model.size === 0);
          if (taken !== undefined) assert.ok(model.delete(taken), `${taken} was handed out twice`);
        }
        assert.equal(ready.size, model.size);
        for (const one of model) assert.ok(ready.has(one));
      }
      // With many of one namespace waiting, one of another is next but one at the latest.
      for (let i = 0; i < 100; i++) ready.add(`many/${i}`);
      ready.take();
      ready.add('few/1');
      const next = [ready.take(), ready.take()];
      assert.ok(next.includes('few/1'));
    }),
    games(),
  );
});

test('a key in work is handed out again afterwards, once', async () => {
  const queue = new Workqueue(createSimulatedHost(1).clock);
  queue.add('a');
  queue.add('b');
  queue.add('a');
  assert.deepEqual([await queue.take(), await queue.take()], ['a', 'b']);
  queue.add('a');
  queue.add('a');
  assert.equal(queue.length, 0);
  queue.done('a');
  assert.equal(queue.length, 1);
  assert.equal(await queue.take(), 'a');
  queue.done('a');
  queue.done('b');
  assert.ok(queue.idle);
});
