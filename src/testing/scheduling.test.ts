/** The scheduler in a whole cluster: what it decides is what users see. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployments } from '../api/groups/apps/deployment/deployment.ts';
import { events } from '../api/groups/core/event/event.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { priorityClasses } from '../api/groups/scheduling/priority-class/priority-class.ts';
import type { Pod } from '../api/types.gen.ts';
import { startCluster, type TestCluster } from './start-cluster.ts';

async function run(cluster: TestCluster, name: string, spec: object, labels: object = {}): Promise<void> {
  await cluster.client.create(pods, {
    metadata: { name, namespace: 'default', labels },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
  } as never);
  await cluster.settle();
}

const podOf = async (cluster: TestCluster, name: string): Promise<Pod> =>
  cluster.client.get(pods, { namespace: 'default', name });

function scheduledCondition({ status }: Pod): string {
  return status.conditions?.find(({ type }) => type === 'PodScheduled')?.message ?? '';
}

async function eventsOf(cluster: TestCluster, reason: string): Promise<readonly string[]> {
  const { items } = await cluster.client.list(events, { namespace: 'default' });
  return items.filter((event) => event.reason === reason).map(({ message = '' }) => message);
}

const cpu = (amount: string): object => ({
  containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: amount } } }],
});

test('a pod of high priority gets the node of a lower one, which is told why', async () => {
  const cluster = await startCluster();
  await cluster.settle();
  await cluster.client.create(priorityClasses, { metadata: { name: 'high' }, value: 1000 } as never);
  await run(cluster, 'low', cpu('3'));
  assert.equal((await podOf(cluster, 'low')).spec.nodeName, 'node-1');
  await run(cluster, 'equal', cpu('3'));
  assert.equal(
    scheduledCondition(await podOf(cluster, 'equal')),
    '0/1 nodes are available: 1 Insufficient cpu. ' +
      'no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
  );
  await run(cluster, 'high', { ...cpu('3'), priorityClassName: 'high' });
  await cluster.clock.advance('1m');
  const { uid = '' } = (await podOf(cluster, 'high')).metadata;
  assert.equal((await podOf(cluster, 'high')).spec.nodeName, 'node-1');
  const { items } = await cluster.client.list(pods, { namespace: 'default' });
  assert.deepEqual(
    items.map(({ metadata }) => metadata.name),
    ['equal', 'high'],
  );
  assert.deepEqual(await eventsOf(cluster, 'Preempted'), [`Preempted by pod ${uid} on node node-1`]);
  await cluster.stop();
});

test('pods that refuse each other wait until one is gone', async () => {
  const cluster = await startCluster();
  await cluster.settle();
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'db' } } };
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  await run(cluster, 'first', { affinity }, { app: 'db' });
  await run(cluster, 'second', { affinity }, { app: 'db' });
  assert.match(
    scheduledCondition(await podOf(cluster, 'second')),
    /^0\/1 nodes are available: 1 node\(s\) didn't match pod anti-affinity rules\./,
  );
  await cluster.client.delete(pods, { namespace: 'default', name: 'first' });
  await cluster.clock.advance('1m');
  assert.equal((await podOf(cluster, 'second')).spec.nodeName, 'node-1');
  await cluster.stop();
});

test('the pods of a deployment spread over nodes without asking', async () => {
  const cluster = await startCluster({ nodes: 3 });
  await cluster.settle();
  const labels = { app: 'web' };
  await cluster.client.create(deployments, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 6,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
    },
  });
  await cluster.settle();
  const counts = new Map<string, number>();
  const { items } = await cluster.client.list(pods, { namespace: 'default' });
  for (const { spec } of items) counts.set(spec.nodeName ?? '', (counts.get(spec.nodeName ?? '') ?? 0) + 1);
  assert.deepEqual([...counts.values()], [2, 2, 2]);
  await cluster.stop();
});

test('a constraint that no node can keep is named, and a pod of no known scheduler is left alone', async () => {
  const cluster = await startCluster();
  await cluster.settle();
  const spread = {
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'rack',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'web' } },
      },
    ],
  };
  await run(cluster, 'spread', spread);
  assert.match(
    scheduledCondition(await podOf(cluster, 'spread')),
    /1 node\(s\) didn't match pod topology spread constraints \(missing required label\)\./,
  );
  await run(cluster, 'other', { schedulerName: 'mine' });
  assert.deepEqual((await podOf(cluster, 'other')).status.conditions ?? [], []);
  await cluster.stop();
});

test('the profiles of a configuration decide each by its own plugins', async () => {
  const schedulerConfig = `
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- schedulerName: spread
- schedulerName: pack
  plugins: {score: {disabled: [{name: "*"}], enabled: [{name: NodeResourcesFit}]}}
  pluginConfig:
  - {name: NodeResourcesFit, args: {scoringStrategy: {type: MostAllocated}}}
`;
  const cluster = await startCluster({ nodes: 2, schedulerConfig });
  await cluster.settle();
  await run(cluster, 'first', { ...cpu('1'), schedulerName: 'spread' });
  await run(cluster, 'packed', { ...cpu('1'), schedulerName: 'pack' });
  await run(cluster, 'spread', { ...cpu('1'), schedulerName: 'spread' });
  await run(cluster, 'unknown', cpu('1'));
  const nodeOf = async (name: string): Promise<string> =>
    (await podOf(cluster, name)).spec.nodeName ?? 'none';
  const first = await nodeOf('first');
  assert.equal(await nodeOf('packed'), first);
  const { items } = await cluster.client.list(events, { namespace: 'default' });
  const told = items.find(
    ({ involvedObject, reason }) => involvedObject.name === 'packed' && reason === 'Scheduled',
  );
  assert.equal(told?.source.component, 'pack', 'events come from the profile');
  assert.notEqual(await nodeOf('spread'), first);
  assert.equal(await nodeOf('unknown'), 'none', 'there is no default-scheduler any more');
  await cluster.stop();
  await assert.rejects(
    startCluster({ schedulerConfig: `${schedulerConfig}unknown: 1` }),
    /unknown field "unknown"/,
  );
});
