import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Pod } from '../../api/types.gen.ts';
import type { SimulatedClock } from '../../host/simulated/clock.ts';
import { createSimulatedHost } from '../../host/simulated/simulated.ts';
import type { SchedulerPlugin } from '../framework.ts';
import { schedulingGates } from '../plugins/scheduling-gates/scheduling-gates.ts';
import { SchedulingQueue } from './queue.ts';

const FITS: SchedulerPlugin = { name: 'Fits', wakesOn: (event) => event.resource === 'Pod/Gone' };
const NEVER: SchedulerPlugin = { name: 'Never', wakesOn: () => false };

const PLUGINS = new Map([FITS, NEVER, schedulingGates].map((plugin) => [plugin.name, plugin]));

function pod(name: string, priority = 0, gates: readonly string[] = []): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name },
    spec: { priority, schedulingGates: gates.map((gate) => ({ name: gate })), containers: [] },
    status: {},
  } as unknown as Pod;
}

function create(): { queue: SchedulingQueue; clock: SimulatedClock } {
  const { clock } = createSimulatedHost(1);
  return { queue: new SchedulingQueue(() => PLUGINS, clock), clock };
}

test('highest priority first, then the oldest', () => {
  const { queue } = create();
  for (const [name, priority] of [
    ['a', 0],
    ['b', 10],
    ['c', 0],
    ['d', 10],
  ] as const)
    queue.add(pod(name, priority));
  assert.deepEqual(
    [1, 2, 3, 4].map(() => queue.pop()?.uid),
    ['b', 'd', 'a', 'c'],
  );
  assert.equal(queue.pop(), undefined);
});

function refuse(queue: SchedulingQueue, name: string, priority = 0): void {
  queue.add(pod(name, priority));
  const entry = queue.pop();
  assert.equal(entry?.uid, name);
  queue.unschedulable(entry, new Set(['Fits']));
}

const GONE = { resource: 'Pod/Gone', old: pod('x') } as const;

test('an event that a refusing plugin calls helpful wakes the pod, which then comes in turn after its backoff', async () => {
  const { queue, clock } = create();
  refuse(queue, 'a');
  queue.handle({ resource: 'Node', next: {} as Node, old: undefined });
  assert.deepEqual(queue.counts(), { active: 0, waiting: 0, unschedulable: 1 });
  queue.handle(GONE);
  assert.deepEqual(queue.counts(), { active: 0, waiting: 1, unschedulable: 0 });
  for (const name of ['b', 'c', 'd']) queue.add(pod(name));
  await clock.advance(999);
  assert.equal(queue.pop()?.uid, 'b');
  await clock.advance(1);
  queue.add(pod('e'));
  assert.deepEqual([queue.pop()?.uid, queue.pop()?.uid, queue.pop()?.uid], ['a', 'c', 'd']);
});

test('when nothing else is due, a pod that was woken is tried before its time', async () => {
  const { queue, clock } = create();
  let told = 0;
  queue.onActive(() => told++);
  for (const [name, priority] of [
    ['late', 0],
    ['low', 0],
    ['high', 10],
  ] as const) {
    refuse(queue, name, priority);
    if (name === 'late') {
      queue.handle(GONE);
      const again = queue.pop();
      assert.equal(again?.uid, 'late');
      queue.unschedulable(again, new Set(['Fits']));
    }
  }
  assert.equal(queue.pop(), undefined);
  told = 0;
  queue.handle(GONE);
  assert.ok(told > 0);
  queue.remove('low');
  refuse(queue, 'other');
  queue.handle(GONE);
  // The second try of `late` has to wait for two seconds.
  assert.deepEqual([queue.pop()?.uid, queue.pop()?.uid, queue.pop()?.uid], ['high', 'other', 'late']);
  await clock.advance(10_000);
  assert.equal(queue.pop(), undefined);
});

test('after an error the whole backoff is waited for', async () => {
  const { queue, clock } = create();
  queue.add(pod('a'));
  const entry = queue.pop();
  assert.ok(entry !== undefined);
  queue.retry(entry);
  queue.handle(GONE);
  assert.equal(queue.pop(), undefined);
  await clock.advance(1_000);
  assert.equal(queue.pop()?.uid, 'a');
});

test('backoff doubles to ten seconds', async () => {
  const { queue, clock } = create();
  queue.add(pod('a'));
  for (const seconds of [1, 2, 4, 8, 10, 10]) {
    const entry = queue.pop();
    assert.ok(entry !== undefined);
    queue.retry(entry);
    await clock.advance(seconds * 1000 - 1);
    assert.equal(queue.pop(), undefined);
    await clock.advance(1);
  }
});

test('nothing waits longer than five minutes', async () => {
  const { queue, clock } = create();
  queue.add(pod('a'));
  const entry = queue.pop();
  assert.ok(entry !== undefined);
  queue.unschedulable(entry, new Set(['Never']));
  await clock.advance(299_000);
  assert.equal(queue.pop(), undefined);
  await clock.advance(1_000);
  assert.equal(queue.pop()?.uid, 'a');
});

test('a gated pod is not tried until its gates are gone', () => {
  const { queue } = create();
  queue.add(pod('a', 0, ['wait']));
  assert.equal(queue.pop(), undefined);
  queue.add(pod('a'));
  assert.equal(queue.pop()?.uid, 'a');
});

test('a removed pod is not handed out, also when it was queued already', () => {
  const { queue } = create();
  queue.add(pod('a'));
  queue.remove('a');
  assert.equal(queue.pop(), undefined);
  assert.equal(queue.size, 0);
});

test('a pod whose gate is still closed when it is woken waits on, and goes when the gate opens', () => {
  let isOpen = false;
  const gate: SchedulerPlugin = {
    name: 'Gate',
    wakesOn: () => true,
    preEnqueue: () => (isOpen ? undefined : 'closed'),
  };
  const { clock } = createSimulatedHost(1);
  const queue = new SchedulingQueue(() => new Map([['Gate', gate]]), clock);
  for (const name of ['a', 'b']) queue.add(pod(name));
  queue.handle({ resource: 'Pod/Gone', old: pod('x') });
  assert.equal(queue.pop(), undefined);
  isOpen = true;
  queue.handle({ resource: 'Pod/Gone', old: pod('x') });
  assert.deepEqual([queue.pop()?.uid, queue.pop()?.uid], ['a', 'b']);
});

test('events that come while a decision is under way are not missed', () => {
  const { queue } = create();
  queue.add(pod('a'));
  const entry = queue.pop();
  assert.ok(entry !== undefined);
  queue.undecided(entry);
  assert.deepEqual(queue.decided(entry), { isPresent: true, missedEvents: false });
  queue.undecided(entry);
  queue.handle({ resource: 'Pod/Gone', old: pod('x') });
  queue.remove('a');
  assert.deepEqual(queue.decided(entry), { isPresent: false, missedEvents: true });
});
