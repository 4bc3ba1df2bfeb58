import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Pod } from '../../api/types.gen.ts';
import { startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { planPodGarbage } from './plan.ts';
import { podGarbageCollector } from './pod-garbage-collector.ts';

const CONTAINERS = [{ name: 'c', image: 'nginx:1' }];

async function withCluster(run: (cluster: TestCluster) => Promise<void>): Promise<void> {
  const cluster = await startTestCluster([podGarbageCollector]);
  try {
    await run(cluster);
  } finally {
    await cluster.stop();
  }
}

const names = async ({ client }: TestCluster) =>
  (await client.list(pods)).items.map(({ metadata }) => metadata.name).toSorted();

test('pods of a node that is gone are removed after a quarantine, and end as failed', () =>
  withCluster(async (cluster) => {
    const { client } = cluster;
    await client.create(nodes, { metadata: { name: 'here' } });
    for (const nodeName of ['here', 'gone']) {
      const metadata = { namespace: 'default', name: nodeName, finalizers: ['example.com/hold'] };
      await client.create(pods, { metadata, spec: { nodeName, containers: CONTAINERS } });
    }
    await cluster.advance('50s');
    assert.equal((await client.get(pods, { namespace: 'default', name: 'gone' })).status.phase, 'Pending');
    await cluster.advance('20s');
    const orphan = await client.get(pods, { namespace: 'default', name: 'gone' });
    assert.equal(orphan.status.phase, 'Failed');
    assert.notEqual(orphan.metadata.deletionTimestamp, undefined);
    const condition = orphan.status.conditions?.find(({ type }) => type === 'DisruptionTarget');
    assert.equal(condition?.reason, 'DeletionByPodGC');
    assert.equal((await client.get(pods, { namespace: 'default', name: 'here' })).status.phase, 'Pending');
  }));

test('pods that stop on a node out of service do not wait for its kubelet', () =>
  withCluster(async (cluster) => {
    const { client } = cluster;
    const taints = [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' as const }];
    await client.create(nodes, { metadata: { name: 'off' }, spec: { taints } });
    for (const name of ['stops', 'stays']) {
      const spec = { nodeName: 'off', containers: CONTAINERS };
      await client.create(pods, { metadata: { namespace: 'default', name }, spec });
    }
    await client.delete(pods, { namespace: 'default', name: 'stops' });
    await cluster.advance('21s');
    assert.deepEqual(await names(cluster), ['stays']);
  }));

test('where somebody else was faster the next round tries again', () =>
  withCluster(async (cluster) => {
    const { client } = cluster;
    const taints = [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' as const }];
    await client.create(nodes, { metadata: { name: 'off' }, spec: { taints } });
    const spec = { nodeName: 'off', containers: CONTAINERS };
    await client.create(pods, { metadata: { namespace: 'default', name: 'stops' }, spec });
    await client.delete(pods, { namespace: 'default', name: 'stops' });
    cluster.refuse(1);
    await cluster.advance('1m');
    assert.deepEqual(await names(cluster), []);
  }));

test('a pod that was marked by a process that died on the way is removed by the next', () =>
  withCluster(async (cluster) => {
    const { client } = cluster;
    const taints = [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' as const }];
    await client.create(nodes, { metadata: { name: 'off' }, spec: { taints } });
    const spec = { nodeName: 'off', containers: CONTAINERS };
    await client.create(pods, { metadata: { namespace: 'default', name: 'stops' }, spec });
    await client.delete(pods, { namespace: 'default', name: 'stops' });
    // The first call marks it, the second would remove it.
    cluster.kill(2, false);
    await cluster.advance('2m');
    assert.deepEqual(await names(cluster), []);
  }));

test('of too many finished pods the evicted and then the oldest go', () => {
  const finished = (name: string, second: number, reason?: string): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, creationTimestamp: `2026-01-01T00:00:0${second}Z` },
    spec: { containers: [], nodeName: 'n' },
    status: { phase: 'Failed', ...(reason === undefined ? {} : { reason }) },
  });
  const all = [finished('old', 1), finished('new', 5), finished('evicted', 9, 'Evicted'), finished('mid', 3)];
  const node = { apiVersion: 'v1', kind: 'Node', metadata: {}, spec: {}, status: {} } as never;
  const { remove } = planPodGarbage(all, () => node, 2);
  assert.deepEqual(
    remove.map(({ pod }) => pod.metadata.name),
    ['evicted', 'old'],
  );
});
