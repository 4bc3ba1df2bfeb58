import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../api/types.gen.ts';
import type { SimulatedClock } from '../../host/simulated/clock.ts';
import { createSimulatedHost } from '../../host/simulated/simulated.ts';
import type { SchedulerPlugin } from '../framework.ts';
import { groupKeyOf } from '../groups/pod-groups.ts';
import { schedulingGates } from '../plugins/scheduling-gates/scheduling-gates.ts';
import { SchedulingQueue } from './queue.ts';
import { isGroup, type QueuedGroup, type QueuedPod } from './queued-pod.ts';

const FITS: SchedulerPlugin = {
  name: 'Fits',
  wakesOn: (event, { metadata }) => metadata.name !== 'deaf' && event.resource === 'Pod/Gone',
};

interface Parts {
  readonly queue: SchedulingQueue;
  readonly clock: SimulatedClock;
  /** Whether groups may be tried. */
  open(isOpen: boolean): void;
}

function create(): Parts {
  let isOpen = true;
  const gangs: SchedulerPlugin = {
    name: 'Gangs',
    wakesOn: ({ resource }) => resource === 'Other',
    preEnqueueGroup: () => (isOpen ? undefined : 'closed'),
  };
  const plugins = new Map([FITS, schedulingGates, gangs].map((plugin) => [plugin.name, plugin]));
  const { clock } = createSimulatedHost(1);
  const queue = new SchedulingQueue(() => plugins, clock, undefined, groupKeyOf);
  return { queue, clock, open: (next) => void (isOpen = next) };
}

function pod(name: string, { group = 'g', priority = 0, gates = [] as readonly string[] } = {}): Pod {
  const schedulingGroup = group === '' ? undefined : { podGroupName: group };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'n', uid: name },
    spec: {
      priority,
      schedulingGroup,
      schedulingGates: gates.map((gate) => ({ name: gate })),
      containers: [],
    },
    status: {},
  } as unknown as Pod;
}

/** The next one: a pod by its name, a group by the names of its pods. */
function popped(queue: SchedulingQueue): string {
  const entry = queue.pop();
  return entry === undefined ? '' : namesOf(entry);
}

function namesOf(entry: QueuedPod): string {
  return isGroup(entry) ? [...entry.members.keys()].join('+') : entry.uid;
}

function popGroup(queue: SchedulingQueue): QueuedGroup {
  const entry = queue.pop();
  assert.ok(entry !== undefined && isGroup(entry));
  return entry;
}

function refuse(queue: SchedulingQueue, group: QueuedGroup, by: Readonly<Record<string, string>>): void {
  for (const member of group.members.values()) member.refusedBy = new Set([by[member.uid] ?? 'Gangs']);
  queue.unschedulableGroup(group, [...group.members.values()]);
}

const GONE = { resource: 'Pod/Gone', old: pod('x') } as const;
const OTHER = { resource: 'Other', kind: 'Any', next: undefined, old: undefined } as const;

test('pods of a group come out together, at the place of the one that comes first', () => {
  const { queue } = create();
  queue.add(pod('a'));
  queue.add(pod('lone', { group: '', priority: 5 }));
  queue.add(pod('c', { group: 'h' }));
  queue.add(pod('b', { priority: 10 }));
  assert.deepEqual(
    [1, 2, 3, 4].map(() => popped(queue)),
    ['a+b', 'lone', 'c', ''],
  );
});

test('who is gated is not tried; who is gated no more joins the group', () => {
  const { queue } = create();
  queue.add(pod('a'));
  queue.add(pod('b', { gates: ['later'] }));
  refuse(queue, popGroup(queue), {});
  queue.add(pod('b'));
  assert.equal(popped(queue), 'a+b');
});

test('a group that may not be tried waits, and goes with all its pods when it may', () => {
  const { queue, open } = create();
  open(false);
  for (const name of ['a', 'b']) queue.add(pod(name));
  assert.equal(popped(queue), '');
  open(true);
  queue.groupGrew(pod('elsewhere'));
  assert.equal(popped(queue), 'a+b');
});

test('a group waits out a backoff and is woken as a whole by what helps one of its pods', async () => {
  const { queue, clock } = create();
  for (const name of ['deaf', 'a', 'b']) queue.add(pod(name));
  refuse(queue, popGroup(queue), { deaf: 'Fits', a: 'Fits' });
  queue.handle({ resource: 'Node', next: {} as never, old: undefined });
  assert.deepEqual(queue.counts(), { active: 0, waiting: 0, unschedulable: 1 });
  queue.handle(GONE);
  assert.deepEqual(queue.counts(), { active: 0, waiting: 1, unschedulable: 0 });
  queue.add(pod('lone', { group: '' }));
  await clock.advance(999);
  assert.equal(popped(queue), 'lone');
  await clock.advance(1);
  assert.equal(popped(queue), 'deaf+a+b');
});

test('what happens while a group is decided on is not missed', () => {
  const { queue } = create();
  const tryWith = (event: typeof GONE | typeof OTHER, times = 1): string => {
    queue.add(pod('a'));
    const group = popGroup(queue);
    queue.undecided(group);
    for (let i = 0; i < times; i++) queue.handle(event);
    refuse(queue, group, { a: 'Fits' });
    const next = popped(queue);
    queue.remove('a');
    return next;
  };
  assert.equal(tryWith(GONE), 'a');
  assert.equal(tryWith(OTHER), '');
  assert.equal(tryWith(OTHER, 100), 'a', 'nobody knows any more what it was');
});

test('pods that come while the group is decided on are tried with those that got no node', () => {
  const { queue } = create();
  for (const name of ['a', 'b']) queue.add(pod(name));
  const group = popGroup(queue);
  queue.undecided(group);
  queue.add(pod('c'));
  queue.remove('b');
  refuse(queue, group, { a: 'Fits' });
  assert.equal(popped(queue), 'c+a');
  assert.equal(popped(queue), '');
});

test('a pod whose binding failed comes back with its group, after the whole backoff', async () => {
  const { queue, clock } = create();
  for (const name of ['a', 'b']) queue.add(pod(name));
  const group = popGroup(queue);
  const [a, b] = [...group.members.values()] as [QueuedPod, QueuedPod];
  queue.unschedulableGroup(group, []);
  queue.done('b');
  assert.ok(queue.holds(a) && !queue.holds(b));
  queue.retry(a);
  queue.handle(GONE);
  await clock.advance(999);
  assert.equal(popped(queue), '');
  await clock.advance(1);
  assert.equal(popped(queue), 'a');
});

test('a group whose pods have all gone is gone', async () => {
  const { queue, clock } = create();
  queue.add(pod('a'));
  refuse(queue, popGroup(queue), { a: 'Fits' });
  queue.remove('a');
  assert.equal(queue.size, 0);
  queue.handle(GONE);
  await clock.advance('10m');
  assert.equal(popped(queue), '');
});

test('a failure of the scheduler itself: the whole group after its backoff, not earlier', async () => {
  const { queue, clock } = create();
  for (const name of ['a', 'b']) queue.add(pod(name));
  const group = popGroup(queue);
  queue.undecided(group);
  queue.retryGroup(group, [...group.members.values()]);
  queue.handle(GONE);
  assert.equal(popped(queue), '');
  await clock.advance(1_000);
  assert.equal(popped(queue), 'a+b');
});
