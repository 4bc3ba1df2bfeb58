import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { ActivePods, type ActivePod } from './active-pods.ts';

interface Named extends ActivePod {
  readonly name: string;
}

function entry(name: string, sequence: number, priority = 0): Named {
  const [namespace = ''] = name.split('/');
  return { name, sequence, pod: { metadata: { namespace }, spec: { priority } } };
}

function drain(pods: ActivePods<Named>): string {
  const names: string[] = [];
  for (let next = pods.pop(); next !== undefined; next = pods.pop()) names.push(next.name);
  return names.join(' ');
}

test('namespaces take turns of some pods, each from its oldest', () => {
  const pods = new ActivePods<Named>(2);
  for (const [i, name] of ['a/1', 'a/2', 'a/3', 'a/4', 'a/5', 'b/1', 'c/1', 'c/2', 'c/3'].entries())
    pods.push(entry(name, i));
  assert.equal(drain(pods), 'a/1 a/2 b/1 c/1 c/2 a/3 a/4 c/3 a/5');
});

test('a higher priority comes first, whoever has its turn below', () => {
  const pods = new ActivePods<Named>(2);
  for (const [i, name] of ['a/1', 'a/2', 'b/1'].entries()) pods.push(entry(name, i));
  assert.equal(pods.pop()?.name, 'a/1');
  pods.push(entry('c/1', 3, 10));
  pods.push(entry('a/0', 4, 10));
  assert.equal(drain(pods), 'c/1 a/0 a/2 b/1');
});

test('one that comes back late stands behind the pods of its namespace that were there', () => {
  const pods = new ActivePods<Named>(1);
  pods.push(entry('a/2', 2));
  pods.push(entry('a/1', 1));
  assert.equal(drain(pods), 'a/1 a/2');
});

const TURN = 3;
const step = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 2 })) },
  { weight: 2, arbitrary: fc.constant('pop' as const) },
);

test('whatever comes and goes: nothing is lost, nothing higher is passed over, nobody waits long', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const pods = new ActivePods<Named>(TURN);
      const waiting = new Set<Named>();
      /** Pods of others in a row that were taken at the priority while the namespace had one waiting. */
      const passed = new Map<string, number>();
      const keyOf = ({ pod }: Named): string => `${pod.metadata.namespace ?? ''} ${pod.spec.priority ?? 0}`;
      const take = (): void => {
        const taken = pods.pop();
        assert.equal(taken === undefined, waiting.size === 0);
        if (taken === undefined) return;
        assert.ok(waiting.delete(taken));
        const priority = taken.pod.spec.priority ?? 0;
        for (const other of waiting) {
          assert.ok((other.pod.spec.priority ?? 0) <= priority);
          if (keyOf(other) === keyOf(taken)) assert.ok(other.sequence > taken.sequence);
        }
        passed.set(keyOf(taken), 0);
        const others = new Set([...waiting].filter(({ pod }) => pod.spec.priority === priority).map(keyOf));
        for (const key of others) {
          if (key === keyOf(taken)) continue;
          const count = (passed.get(key) ?? 0) + 1;
          passed.set(key, count);
          assert.ok(count <= 2 * TURN, `${key} was passed over by ${count} pods`);
        }
      };
      for (const [i, one] of steps.entries()) {
        if (one === 'pop') {
          take();
          continue;
        }
        const [namespace, priority] = one;
        const added = entry(`${namespace}/${i}`, i, priority);
        waiting.add(added);
        pods.push(added);
      }
      while (waiting.size > 0) take();
      assert.equal(pods.size, 0);
    }),
    games(),
  );
});
