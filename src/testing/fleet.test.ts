/** Fleets of nodes without machines, in a whole cluster. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployments } from '../api/groups/apps/deployment/deployment.ts';
import { customResourceDefinitions } from '../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import { nodes } from '../api/groups/core/node/node.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import type { Node, Pod } from '../api/types.gen.ts';
import { nodeFleetDefinition } from '../fleet/definition.ts';
import { nodeFleets, type NodeFleetSpec } from '../fleet/node-fleet.ts';
import { startCluster, type TestCluster } from './start-cluster.ts';

async function withFleet(spec: NodeFleetSpec): Promise<TestCluster> {
  const cluster = await startCluster({ nodes: 0 });
  await cluster.settle();
  await cluster.client.create(customResourceDefinitions, nodeFleetDefinition());
  await cluster.settle();
  await cluster.client.create(nodeFleets, { metadata: { name: 'fleet' }, spec });
  await cluster.settle();
  return cluster;
}

const isReady = ({ status }: Node): boolean =>
  (status.conditions ?? []).some((one) => one.type === 'Ready' && one.status === 'True');

const nodesOf = async (cluster: TestCluster): Promise<readonly Node[]> =>
  (await cluster.client.list(nodes)).items;

const podsOf = async (cluster: TestCluster): Promise<readonly Pod[]> =>
  (await cluster.client.list(pods, { namespace: 'default' })).items;

async function deploy(cluster: TestCluster, replicas: number): Promise<void> {
  const labels = { app: 'web' };
  await cluster.client.create(deployments, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
    },
  });
  await cluster.settle();
}

test('a fleet has as many ready nodes as it says, in its zones, and runs pods', async () => {
  const cluster = await withFleet({ replicas: 6, zones: ['a', 'b', 'c'], capacity: { cpu: '2' } });
  const present = await nodesOf(cluster);
  assert.equal(present.filter(isReady).length, 6);
  const zones = present.map(({ metadata }) => metadata.labels?.['topology.kubernetes.io/zone']).toSorted();
  assert.deepEqual(zones, ['a', 'a', 'b', 'b', 'c', 'c']);
  assert.equal(present[0]?.status.allocatable?.['cpu'], '2');
  assert.equal(present[0]?.spec.taints, undefined);
  await deploy(cluster, 12);
  const { status } = await cluster.client.get(deployments, { namespace: 'default', name: 'web' });
  assert.equal(status.availableReplicas, 12);
  const addresses = new Set((await podsOf(cluster)).map((pod) => pod.status.podIP));
  assert.equal(addresses.size, 12);
  const fleet = await cluster.client.get(nodeFleets, { name: 'fleet' });
  assert.deepEqual(fleet.status, { observedGeneration: 1, replicas: 6, readyReplicas: 6 });
  await cluster.client.patch(
    nodeFleets,
    { name: 'fleet' },
    { type: 'merge', body: { spec: { replicas: 2 } } },
  );
  await cluster.settle();
  assert.equal((await nodesOf(cluster)).length, 2);
  await cluster.clock.advance('5m');
  assert.equal((await podsOf(cluster)).filter(({ status: { phase } }) => phase === 'Running').length, 12);
  await cluster.client.delete(nodeFleets, { name: 'fleet' });
  await cluster.settle();
  assert.deepEqual(await nodesOf(cluster), []);
  await cluster.stop();
});

test('its nodes stay ready for hours, and pods start, end and fail as it says', async () => {
  const cluster = await withFleet({
    replicas: 2,
    behavior: {
      podStart: { duration: '30s' },
      podRun: { duration: '1m' },
      podFailures: [
        { selector: { matchLabels: { luck: 'bad' } }, percent: 100, after: { duration: '10s' }, exitCode: 3 },
      ],
    },
  });
  await cluster.clock.advance('2h');
  assert.equal((await nodesOf(cluster)).filter(isReady).length, 2);
  const create = (name: string, luck: string): Promise<Pod> =>
    cluster.client.create(pods, {
      metadata: { name, namespace: 'default', labels: { luck } },
      spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] },
    });
  await create('good', 'good');
  await create('bad', 'bad');
  const phases = async (): Promise<readonly unknown[]> =>
    (await podsOf(cluster)).map(({ metadata, status }) => [metadata.name, status.phase]);
  await cluster.clock.advance('20s');
  assert.deepEqual(await phases(), [
    ['bad', 'Pending'],
    ['good', 'Pending'],
  ]);
  await cluster.clock.advance('15s');
  assert.deepEqual(await phases(), [
    ['bad', 'Running'],
    ['good', 'Running'],
  ]);
  await cluster.clock.advance('70s');
  assert.deepEqual(await phases(), [
    ['bad', 'Failed'],
    ['good', 'Succeeded'],
  ]);
  const bad = (await podsOf(cluster))[0];
  assert.equal(bad?.status.containerStatuses?.[0]?.state?.terminated?.exitCode, 3);
  await cluster.stop();
});

test('a node that is lost for long loses its pods, and comes back', async () => {
  const cluster = await withFleet({
    replicas: 3,
    behavior: { rollingRestart: { interval: '1h', duration: '20m' } },
  });
  // The first node is silent from the start on; the second one an hour later.
  await cluster.clock.advance('30m');
  assert.equal((await nodesOf(cluster)).filter(isReady).length, 3);
  await deploy(cluster, 6);
  const onSecond = async (): Promise<number> =>
    (await podsOf(cluster)).filter(({ spec }) => spec.nodeName === 'fleet-1').length;
  assert.equal(await onSecond(), 2);
  await cluster.clock.advance('45m');
  const [first, second] = await nodesOf(cluster);
  assert.deepEqual(
    [first, second].map((node) => node !== undefined && isReady(node)),
    [true, false],
  );
  assert.equal(
    (await podsOf(cluster)).filter(({ metadata }) => metadata.deletionTimestamp === undefined).length,
    6,
  );
  await cluster.clock.advance('20m');
  assert.equal((await nodesOf(cluster)).filter(isReady).length, 3);
  const { status } = await cluster.client.get(deployments, { namespace: 'default', name: 'web' });
  assert.equal(status.availableReplicas, 6);
  await cluster.stop();
});

test('a node that kwok would play is played', async () => {
  const cluster = await startCluster({ nodes: 0 });
  await cluster.settle();
  await cluster.client.create(nodes, {
    metadata: { name: 'fake', annotations: { 'kwok.x-k8s.io/node': 'fake' } },
    status: {
      capacity: { cpu: '4', memory: '8Gi', pods: '10' },
      allocatable: { cpu: '4', memory: '8Gi', pods: '10' },
    },
  });
  await deploy(cluster, 3);
  assert.equal((await podsOf(cluster)).filter(({ status }) => status.phase === 'Running').length, 3);
  await cluster.stop();
});
