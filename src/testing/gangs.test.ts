/** Groups of pods that get their nodes together or not at all, in a whole cluster. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../base/games.fixture.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { podGroups } from '../api/groups/scheduling/pod-group/pod-group.ts';
import { startCluster, type TestCluster } from './start-cluster.ts';

const CONFIG = `
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles: [{plugins: {multiPoint: {enabled: [{name: GangScheduling}]}}}]
`;
const NAMESPACE = 'default';

async function start(nodes = 1): Promise<TestCluster> {
  const cluster = await startCluster({ nodes, schedulerConfig: CONFIG });
  await cluster.settle();
  return cluster;
}

async function group({ client }: TestCluster, name: string, minCount: number): Promise<void> {
  const spec = { schedulingPolicy: { gang: { minCount } } };
  await client.create(podGroups, { metadata: { name, namespace: NAMESPACE }, spec } as never);
}

async function run(
  { client }: TestCluster,
  name: string,
  cpu: string,
  podGroupName = '',
  more: object = {},
): Promise<void> {
  await client.create(pods, {
    metadata: { name, namespace: NAMESPACE },
    spec: {
      containers: [{ name: 'c', image: 'i', resources: { requests: { cpu } } }],
      ...(podGroupName === '' ? {} : { schedulingGroup: { podGroupName } }),
      ...more,
    },
  } as never);
}

/** Names of the pods that have a node. */
async function placed({ client }: TestCluster): Promise<readonly string[]> {
  const { items } = await client.list(pods, { namespace: NAMESPACE });
  return items.filter(({ spec }) => (spec.nodeName ?? '') !== '').map(({ metadata }) => metadata.name ?? '');
}

async function conditionOf({ client }: TestCluster, name: string): Promise<object | undefined> {
  const { status } = await client.get(podGroups, { namespace: NAMESPACE, name });
  const found = status?.conditions?.find(({ type }) => type === 'PodGroupScheduled');
  return found && { status: found.status, reason: found.reason };
}

test('the kinds are served only where the scheduler acts on them, and judged', async () => {
  const plain = await startCluster({ nodes: 0 });
  await assert.rejects(group(plain, 'g', 1), /could not find the requested resource|not found/);
  await plain.stop();
  const cluster = await start();
  await assert.rejects(group(cluster, 'g', -1), /spec\.schedulingPolicy\.gang\.minCount: Invalid value: -1/);
  await group(cluster, 'g', 1);
  const patch = { type: 'merge', body: { spec: { schedulingPolicy: { gang: { minCount: 2 } } } } } as const;
  const ref = { namespace: NAMESPACE, name: 'g' };
  await assert.rejects(
    cluster.client.patch(podGroups, ref, patch),
    /spec\.schedulingPolicy: .*field is immutable/,
  );
  await cluster.stop();
});

test('feature gates do the same as a profile that names the plugin; one alone asks for nothing', async () => {
  const gated = await startCluster({ nodes: 1, featureGates: 'GenericWorkload=true,GangScheduling=true' });
  await group(gated, 'g', 2);
  await run(gated, 'a', '1', 'g');
  await gated.settle();
  assert.deepEqual(await placed(gated), []);
  await run(gated, 'b', '1', 'g');
  await gated.settle();
  assert.deepEqual(await placed(gated), ['a', 'b']);
  await gated.stop();
  const generic = await startCluster({ nodes: 1, featureGates: 'GenericWorkload=true' });
  await group(generic, 'g', 2);
  await run(generic, 'a', '1', 'g');
  await generic.settle();
  assert.deepEqual(await placed(generic), ['a']);
  assert.deepEqual(await conditionOf(generic, 'g'), { status: 'True', reason: 'Scheduled' });
  await generic.stop();
});

test('nobody goes before the group and enough of its pods are there', async () => {
  const cluster = await start();
  await run(cluster, 'a', '1', 'g');
  await run(cluster, 'alone', '100m');
  await cluster.settle();
  assert.deepEqual(await placed(cluster), ['alone']);
  await group(cluster, 'g', 3);
  await run(cluster, 'b', '1', 'g');
  await cluster.clock.advance('1m');
  assert.deepEqual(await placed(cluster), ['alone']);
  await run(cluster, 'c', '1', 'g');
  await cluster.settle();
  assert.deepEqual(await placed(cluster), ['a', 'alone', 'b', 'c']);
  assert.deepEqual(await conditionOf(cluster, 'g'), { status: 'True', reason: 'Scheduled' });
  // One more than are needed goes by itself.
  await run(cluster, 'd', '500m', 'g');
  await cluster.settle();
  assert.ok((await placed(cluster)).includes('d'));
  await cluster.stop();
});

test('what does not fit as a whole holds nothing for ever', async () => {
  const cluster = await start();
  await group(cluster, 'g', 3);
  for (const name of ['a', 'b', 'c']) await run(cluster, name, '1500m', 'g');
  await run(cluster, 'other', '2');
  await cluster.clock.advance('1m');
  assert.deepEqual(
    await placed(cluster),
    ['other'],
    'two places were given back, since the third pod fits nowhere',
  );
  assert.deepEqual(await conditionOf(cluster, 'g'), { status: 'False', reason: 'Unschedulable' });
  const { status } = await cluster.client.get(pods, { namespace: NAMESPACE, name: 'a' });
  const condition = status.conditions?.find(({ type }) => type === 'PodScheduled');
  assert.equal(condition?.reason, 'Unschedulable');
  await cluster.stop();
});

test('the last one is tried again as soon as there is room, and all go', async () => {
  const cluster = await start();
  await run(cluster, 'before', '1500m');
  await cluster.settle();
  await group(cluster, 'g', 2);
  await run(cluster, 'a', '2', 'g');
  await run(cluster, 'b', '2', 'g');
  await cluster.clock.advance('30s');
  assert.deepEqual(await placed(cluster), ['before']);
  await cluster.client.delete(pods, { namespace: NAMESPACE, name: 'before' }, { gracePeriodSeconds: 0 });
  await cluster.clock.advance('30s');
  assert.deepEqual(await placed(cluster), ['a', 'b']);
  await cluster.stop();
});

test('what waits for a pod of the group that is gated holds nothing', async () => {
  const cluster = await start();
  await group(cluster, 'g', 2);
  await run(cluster, 'a', '3', 'g');
  await run(cluster, 'b', '500m', 'g', { schedulingGates: [{ name: 'example.com/later' }] });
  await cluster.clock.advance('10s');
  const { status } = await cluster.client.get(pods, { namespace: NAMESPACE, name: 'a' });
  assert.equal(
    status.conditions?.find(({ type }) => type === 'PodScheduled')?.message,
    'pod group is unschedulable, waiting for minCount pods from a gang to be scheduled',
  );
  await run(cluster, 'other', '3');
  await cluster.settle();
  assert.deepEqual(await placed(cluster), ['other']);
  await cluster.client.delete(pods, { namespace: NAMESPACE, name: 'other' }, { gracePeriodSeconds: 0 });
  const patch = { type: 'merge', body: { spec: { schedulingGates: null } } } as const;
  await cluster.client.patch(pods, { namespace: NAMESPACE, name: 'b' }, patch);
  await cluster.clock.advance('30s');
  assert.deepEqual(await placed(cluster), ['a', 'b']);
  await cluster.stop();
});

test("gangs that are in each other's way: one goes, the other waits", async () => {
  const cluster = await start();
  for (const name of ['g', 'h']) await group(cluster, name, 2);
  for (const [name, of] of [
    ['a', 'g'],
    ['c', 'h'],
    ['b', 'g'],
    ['d', 'h'],
  ] as const)
    await run(cluster, name, '1500m', of);
  await cluster.clock.advance('1m');
  assert.equal((await placed(cluster)).length, 2);
  const states = await Promise.all(['g', 'h'].map((name) => conditionOf(cluster, name)));
  assert.deepEqual(states.map((state) => JSON.stringify(state)).toSorted(), [
    '{"status":"False","reason":"Unschedulable"}',
    '{"status":"True","reason":"Scheduled"}',
  ]);
  await cluster.stop();
});

test('all pods of a group must name the same scheduler', async () => {
  const two = CONFIG.replace(
    '[{plugins',
    '[{schedulerName: other}, {schedulerName: default-scheduler, plugins',
  );
  const cluster = await startCluster({ nodes: 1, schedulerConfig: two });
  await cluster.settle();
  await group(cluster, 'g', 2);
  await run(cluster, 'a', '1', 'g');
  await run(cluster, 'b', '1', 'g', { schedulerName: 'other' });
  await cluster.clock.advance('5s');
  const message =
    'all pods in a single pod group should have the same .spec.schedulerName set, ' +
    'got: "default-scheduler" and "other"';
  for (const name of ['a', 'b']) {
    const { status } = await cluster.client.get(pods, { namespace: NAMESPACE, name });
    const condition = status.conditions?.find(({ type }) => type === 'PodScheduled');
    assert.deepEqual([condition?.reason, condition?.message], ['SchedulerError', message]);
  }
  assert.deepEqual(await conditionOf(cluster, 'g'), { status: 'False', reason: 'SchedulerError' });
  await cluster.client.delete(pods, { namespace: NAMESPACE, name: 'b' }, { gracePeriodSeconds: 0 });
  await run(cluster, 'c', '1', 'g');
  await cluster.clock.advance('15s');
  assert.deepEqual(await placed(cluster), ['a', 'c']);
  await cluster.stop();
});

const member = fc.record({ gang: fc.nat(2), cpu: fc.constantFrom('500m', '1', '2'), waitMs: fc.nat(20_000) });
const game = fc.record({
  minCounts: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 3, maxLength: 3 }),
  members: fc.array(member, { minLength: 1, maxLength: 12 }),
  deleted: fc.array(fc.nat(11), { maxLength: 3 }),
});

test('random games: of a group never fewer get a node than it wants', async () => {
  await fc.assert(
    fc.asyncProperty(game, async ({ minCounts, members, deleted }) => {
      const cluster = await start(2);
      /** Those that have ever been bound, by gang: pods that are deleted later went together all the same. */
      const bound = minCounts.map(() => new Set<string>());
      const note = async (): Promise<void> => {
        for (const name of await placed(cluster)) bound[Number(name.split('-')[1])]?.add(name);
        for (const [i, minCount] of minCounts.entries()) {
          const count = bound[i]?.size ?? 0;
          assert.ok(count === 0 || count >= minCount, `${count} of gang ${i}, which wants ${minCount}`);
        }
      };
      for (const [i, minCount] of minCounts.entries()) await group(cluster, `g-${i}`, minCount);
      for (const [i, { gang, cpu, waitMs }] of members.entries()) {
        await run(cluster, `p-${gang}-${i}`, cpu, `g-${gang}`);
        await cluster.clock.advance(waitMs);
        await note();
      }
      const { items } = await cluster.client.list(pods, { namespace: NAMESPACE });
      for (const i of deleted) {
        const name = items[i]?.metadata.name;
        if (name === undefined) continue;
        const ref = { namespace: NAMESPACE, name };
        await cluster.client.delete(pods, ref, { gracePeriodSeconds: 0 }).catch(() => undefined);
        await cluster.clock.advance(5_000);
        await note();
      }
      await cluster.clock.advance('12m');
      await note();
      await cluster.stop();
    }),
    games(12),
  );
});
