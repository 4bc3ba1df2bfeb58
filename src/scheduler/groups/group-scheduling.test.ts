/** Groups under a real API server and scheduler; whoever else takes part the test plays. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { podGroups } from '../../api/groups/scheduling/pod-group/pod-group.ts';
import type { Pod } from '../../api/types.gen.ts';
import { startTestScheduler, type TestScheduler } from '../scheduler.fixture.ts';

const NAMESPACE = 'default';

interface PodSpec {
  readonly name: string;
  readonly cpu: number;
  readonly group?: string;
  readonly priority?: number;
  readonly more?: object;
}

async function start(cpus: readonly number[], sliceMs?: number): Promise<TestScheduler> {
  const parts = await startTestScheduler({ groups: true, ...(sliceMs === undefined ? {} : { sliceMs }) });
  for (const [i, cpu] of cpus.entries()) await addNode(parts, `n${i}`, cpu);
  return parts;
}

async function addNode({ client }: TestScheduler, name: string, cpu: number): Promise<void> {
  const allocatable = { cpu: `${cpu}`, memory: '8Gi', pods: '110' };
  await client.create(nodes, { metadata: { name }, status: { allocatable } } as never);
  const patch = { type: 'merge', body: { status: { allocatable } } } as const;
  await client.patch(nodes, { name }, patch, { subresource: 'status' });
}

async function addGroup({ client }: TestScheduler, name: string, minCount?: number): Promise<void> {
  const schedulingPolicy = minCount === undefined ? { basic: {} } : { gang: { minCount } };
  await client.create(podGroups, {
    metadata: { name, namespace: NAMESPACE },
    spec: { schedulingPolicy },
  } as never);
}

async function addPod(
  { client }: TestScheduler,
  { name, cpu, group, priority = 0, more = {} }: PodSpec,
): Promise<void> {
  await client.create(pods, {
    metadata: { name, namespace: NAMESPACE },
    spec: {
      containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: `${cpu}` } } }],
      priority,
      ...(group === undefined ? {} : { schedulingGroup: { podGroupName: group } }),
      ...more,
    },
  } as never);
}

const remove = ({ client }: TestScheduler, name: string): Promise<unknown> =>
  client.delete(pods, { namespace: NAMESPACE, name }, { gracePeriodSeconds: 0 });

async function podNamed({ client }: TestScheduler, name: string): Promise<Pod> {
  return client.get(pods, { namespace: NAMESPACE, name });
}

/** `a@n0` for each pod that has a node. */
async function placed({ client }: TestScheduler): Promise<string> {
  const { items } = await client.list(pods, { namespace: NAMESPACE });
  const found = items.filter(({ spec }) => (spec.nodeName ?? '') !== '');
  return found
    .map(({ metadata, spec }) => `${metadata.name}@${spec.nodeName}`)
    .toSorted()
    .join(' ');
}

const names = async (parts: TestScheduler): Promise<readonly string[]> =>
  (await placed(parts)).split(' ').map((one) => one.split('@')[0] ?? '');

async function told(parts: TestScheduler, name: string): Promise<string> {
  const { conditions = [] } = (await podNamed(parts, name)).status;
  const found = conditions.find(({ type }) => type === 'PodScheduled');
  return `${found?.status ?? ''} ${found?.reason ?? ''}: ${found?.message ?? ''}`;
}

async function groupTold({ client }: TestScheduler, name: string): Promise<string> {
  const { status } = await client.get(podGroups, { namespace: NAMESPACE, name });
  const found = status?.conditions?.find(({ type }) => type === 'PodGroupScheduled');
  return `${found?.status ?? ''} ${found?.reason ?? ''}: ${found?.message ?? ''}`;
}

test('a gang that does not fit: what its pods and it are told, and that nothing is held', async () => {
  const parts = await start([2, 1]);
  await addGroup(parts, 'g', 3);
  for (const name of ['a', 'b', 'c']) await addPod(parts, { name, cpu: 1.5, group: 'g' });
  await parts.advance(100);
  assert.equal(await placed(parts), '');
  assert.equal(
    await told(parts, 'a'),
    'False Unschedulable: pod group is unschedulable, waiting for minCount pods from a gang to be scheduled',
  );
  const refused =
    'False Unschedulable: 0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, ' +
    'preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, ' +
    '1 Preemption is not helpful for scheduling.';
  assert.equal(await told(parts, 'b'), refused);
  assert.equal(await told(parts, 'c'), refused);
  assert.equal(await groupTold(parts, 'g'), 'False Unschedulable: pod group is unschedulable');
  await addPod(parts, { name: 'lone', cpu: 2 });
  await parts.advance(100);
  assert.equal(await placed(parts), 'lone@n0');
  await remove(parts, 'lone');
  for (const name of ['n2', 'n3']) await addNode(parts, name, 2);
  await parts.advance('15s');
  assert.deepEqual(await names(parts), ['a', 'b', 'c']);
  assert.equal(await groupTold(parts, 'g'), 'True Scheduled: ');
  await parts.stop();
});

test('of a gang with more pods than it must have, those that fit go, and the others come later', async () => {
  const parts = await start([2]);
  await addGroup(parts, 'g', 2);
  for (const name of ['a', 'b', 'c']) await addPod(parts, { name, cpu: 1, group: 'g' });
  await parts.advance(100);
  assert.equal(await placed(parts), 'a@n0 b@n0');
  assert.equal(await groupTold(parts, 'g'), 'True Scheduled: ');
  assert.match(
    await told(parts, 'c'),
    /^False Unschedulable: 0\/1 nodes are available: 1 Insufficient cpu\./,
  );
  await addNode(parts, 'n1', 1);
  await parts.advance('15s');
  assert.equal(await placed(parts), 'a@n0 b@n0 c@n1');
  assert.equal(await groupTold(parts, 'g'), 'True Scheduled: ');
  await parts.stop();
});

test('a basic group asks for nothing: each of its pods goes where it fits', async () => {
  const parts = await start([1]);
  await addGroup(parts, 'g');
  await addPod(parts, { name: 'large', cpu: 4, group: 'g' });
  await addPod(parts, { name: 'small', cpu: 1, group: 'g' });
  await parts.advance(100);
  assert.equal(await placed(parts), 'small@n0');
  assert.equal(await groupTold(parts, 'g'), 'True Scheduled: ');
  assert.match(
    await told(parts, 'large'),
    /^False Unschedulable: 0\/1 nodes are available: 1 Insufficient cpu\./,
  );
  await parts.stop();
});

test('pods of a group that does not exist wait for it', async () => {
  const parts = await start([4]);
  await addPod(parts, { name: 'a', cpu: 1, group: 'g' });
  await parts.advance('1m');
  assert.equal(await placed(parts), '');
  await addGroup(parts, 'g', 1);
  await parts.advance(100);
  assert.equal(await placed(parts), 'a@n0');
  await parts.stop();
});

test('a pod that came with a node counts, and completes the gang', async () => {
  const parts = await start([4]);
  await addGroup(parts, 'g', 2);
  await addPod(parts, { name: 'a', cpu: 1, group: 'g' });
  await parts.advance(100);
  await addPod(parts, { name: 'own', cpu: 1, group: 'g', more: { nodeName: 'n0' } });
  await parts.advance(100);
  assert.equal(await placed(parts), 'a@n0 own@n0');
  await parts.stop();
});

test('a pod of another scheduler counts, but is not placed', async () => {
  const parts = await start([4]);
  await addGroup(parts, 'g', 2);
  await addPod(parts, { name: 'a', cpu: 1, group: 'g' });
  await addPod(parts, { name: 'b', cpu: 1, group: 'g', more: { schedulerName: 'other' } });
  await parts.advance(100);
  assert.equal(await placed(parts), '');
  assert.match(await told(parts, 'a'), /waiting for minCount pods from a gang to be scheduled$/);
  await parts.stop();
});

test('a gang makes room for itself: those in its way are evicted, and it comes when they are gone', async () => {
  const parts = await start([2, 2]);
  for (const name of ['x', 'y'])
    await addPod(parts, { name, cpu: 2, more: { terminationGracePeriodSeconds: 30 } });
  await parts.advance(100);
  await addGroup(parts, 'g', 2);
  for (const name of ['a', 'b']) await addPod(parts, { name, cpu: 1.5, group: 'g', priority: 10 });
  await parts.advance(100);
  const waiting =
    'False Unschedulable: pod group is unschedulable, pod group is waiting for preemption to complete';
  assert.equal(await groupTold(parts, 'g'), waiting);
  const promised = await Promise.all(['a', 'b'].map(async (name) => (await podNamed(parts, name)).status));
  assert.deepEqual(promised.map((status) => status.nominatedNodeName).toSorted(), ['n0', 'n1']);
  const leaving = await Promise.all(['x', 'y'].map(async (name) => (await podNamed(parts, name)).metadata));
  assert.ok(leaving.every(({ deletionTimestamp }) => deletionTimestamp !== undefined));
  // Somebody else does not take what was promised.
  await addPod(parts, { name: 'late', cpu: 1 });
  await remove(parts, 'x');
  await parts.advance('5s');
  assert.deepEqual(await names(parts), ['y']);
  await remove(parts, 'y');
  await parts.advance('15s');
  assert.deepEqual(await names(parts), ['a', 'b']);
  assert.equal(await groupTold(parts, 'g'), 'True Scheduled: ');
  await parts.stop();
});

test('nobody is evicted for a gang that could not go all the same', async () => {
  const parts = await start([2]);
  await addPod(parts, { name: 'x', cpu: 2 });
  await parts.advance(100);
  await addGroup(parts, 'g', 2);
  for (const name of ['a', 'b']) await addPod(parts, { name, cpu: 2, group: 'g', priority: 10 });
  await parts.advance('1m');
  assert.equal(await placed(parts), 'x@n0');
  assert.equal((await podNamed(parts, 'x')).metadata.deletionTimestamp, undefined);
  assert.equal(await groupTold(parts, 'g'), 'False Unschedulable: pod group is unschedulable');
  assert.equal((await podNamed(parts, 'a')).status.nominatedNodeName ?? '', '');
  await parts.stop();
});

test('a pod of the group that goes while the others are decided on leaves its place to them', async () => {
  // Other work gets a turn after every pod.
  const parts = await start([2], 0);
  await addGroup(parts, 'g', 2);
  for (const name of ['a', 'b', 'c']) {
    const schedulingGates = [{ name: 'example.com/later' }];
    await addPod(parts, { name, cpu: 1, group: 'g', more: { schedulingGates } });
  }
  await parts.advance(100);
  const patch = { type: 'merge', body: { spec: { schedulingGates: null } } } as const;
  for (const name of ['a', 'b', 'c']) await parts.client.patch(pods, { namespace: NAMESPACE, name }, patch);
  await remove(parts, 'a');
  await parts.advance('15s');
  assert.equal(await placed(parts), 'b@n0 c@n0');
  await parts.stop();
});

test('a binding that fails brings its pod back, and the gang counts those that have a node', async () => {
  const parts = await start([4]);
  await addGroup(parts, 'g', 2);
  parts.refuse('pods/binding', new Error('not now'));
  for (const name of ['a', 'b']) await addPod(parts, { name, cpu: 1, group: 'g' });
  await parts.advance(100);
  assert.equal(await placed(parts), '');
  parts.refuse('pods/binding', undefined);
  await parts.advance('15s');
  assert.equal(await placed(parts), 'a@n0 b@n0');
  await parts.stop();
});

test('gangs that come again as soon as they have ended take turns', async () => {
  const parts = await start([2]);
  const turns: string[] = [];
  const add = async (group: string, round: number): Promise<void> => {
    for (const name of ['a', 'b']) await addPod(parts, { name: `${group}-${name}-${round}`, cpu: 1, group });
  };
  for (const group of ['g', 'h']) {
    await addGroup(parts, group, 2);
    await add(group, 0);
  }
  await parts.advance('1s');
  for (let round = 1; round <= 10; round++) {
    const running = await names(parts);
    const [group = ''] = new Set(running.map((name) => name[0] ?? ''));
    turns.push(group);
    for (const name of running) await remove(parts, name);
    await add(group, round);
    // As long as a group that was refused often waits at most.
    await parts.advance('10s');
  }
  assert.equal(turns.join(''), 'ghghghghgh');
  await parts.stop();
});
