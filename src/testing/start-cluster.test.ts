import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpoints } from '../api/groups/core/endpoints/endpoints.ts';
import { nodes } from '../api/groups/core/node/node.ts';
import { deployments } from '../api/groups/apps/deployment/deployment.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { endpointSlices } from '../api/groups/discovery/endpoint-slice/endpoint-slice.ts';
import { startCluster } from './start-cluster.ts';

test('simulated nodes become ready in virtual time', async () => {
  const cluster = await startCluster({ nodes: 2 });
  await cluster.clock.advance('30s');
  const { items } = await cluster.client.list(nodes);
  assert.deepEqual(
    items.map(({ metadata, status }) => [
      metadata.name,
      status?.conditions?.find(({ type }) => type === 'Ready')?.status,
    ]),
    [
      ['node-1', 'True'],
      ['node-2', 'True'],
    ],
  );
  await cluster.stop();
});

test('a server that nobody else can reach is no endpoint of the Service kubernetes', async () => {
  const cluster = await startCluster({ nodes: 0 });
  await cluster.settle();
  const place = { namespace: 'default', name: 'kubernetes' };
  assert.equal((await cluster.client.get(endpoints, place)).subsets, undefined);
  const slice = await cluster.client.get(endpointSlices, place);
  assert.deepEqual(slice.endpoints, []);
  await cluster.stop();
});

/** Names and uids of the pods of a small deployment, once it is available. */
async function rollOut(seed: number): Promise<readonly (readonly (string | undefined)[])[]> {
  const cluster = await startCluster({ nodes: 2, seed });
  await cluster.clock.advance('30s');
  const labels = { app: 'web' };
  await cluster.client.create(deployments, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
    },
  });
  await cluster.clock.advance('1m');
  const { status } = await cluster.client.get(deployments, { namespace: 'default', name: 'web' });
  assert.equal(status?.availableReplicas, 3);
  const { items } = await cluster.client.list(pods, { namespace: 'default' });
  await cluster.stop();
  return items.map(({ metadata }) => [metadata.name, metadata.uid]);
}

test('a deployment becomes available', async () => {
  assert.equal((await rollOut(1)).length, 3);
});

test('the same seed gives the same pods, side by side too', async () => {
  const [first, second] = await Promise.all([rollOut(7), rollOut(7)]);
  assert.deepEqual(first, second);
});

test('the pods of a node that fell silent move to others', async () => {
  const cluster = await startCluster({ nodes: 2 });
  await cluster.settle();
  const labels = { app: 'web' };
  await cluster.client.create(deployments, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 4,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
    },
  });
  await cluster.settle();
  cluster.stopNode('node-1');
  // 50 s until the node counts as lost, 300 s that pods tolerate it, and some for the new ones to start.
  await cluster.clock.advance('8m');
  const { items } = await cluster.client.list(pods, { namespace: 'default' });
  const running = items.filter(
    ({ metadata, status }) => metadata.deletionTimestamp === undefined && status.phase === 'Running',
  );
  assert.deepEqual(
    running.map(({ spec }) => spec.nodeName),
    Array.from({ length: 4 }, () => 'node-2'),
  );
  const { items: after } = await cluster.client.list(nodes);
  const lost = after.find(({ metadata }) => metadata.name === 'node-1');
  assert.ok(lost?.spec.taints?.some(({ key }) => key === 'node.kubernetes.io/unreachable'));
  await cluster.stop();
});

test('a quiet hour changes nothing', async () => {
  const cluster = await startCluster();
  await cluster.settle();
  await cluster.clock.advance('1h');
  const { items } = await cluster.client.list(nodes);
  assert.equal(items[0]?.status.conditions?.find(({ type }) => type === 'Ready')?.status, 'True');
  await cluster.stop();
});
