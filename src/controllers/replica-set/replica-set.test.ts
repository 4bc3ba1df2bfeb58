import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { replicaSets } from '../../api/groups/apps/replica-set/replica-set.ts';
import { runAllPods, startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { replicaSetController } from './replica-set.ts';

const LABELS = { app: 'web' };
const CONTAINERS = [{ name: 'c', image: 'nginx:1' }];

async function withCluster(run: (cluster: TestCluster) => Promise<void>): Promise<void> {
  const cluster = await startTestCluster([replicaSetController]);
  try {
    await run(cluster);
  } finally {
    await cluster.stop();
  }
}

function createSet({ client }: TestCluster, replicas: number, minReadySeconds = 0) {
  return client.create(replicaSets, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      minReadySeconds,
      selector: { matchLabels: LABELS },
      template: { metadata: { labels: LABELS }, spec: { containers: CONTAINERS } },
    },
  });
}

async function scale({ client }: TestCluster, replicas: number): Promise<void> {
  const ref = { namespace: 'default', name: 'web' };
  await client.patch(replicaSets, ref, { type: 'merge', body: { spec: { replicas } } });
}

const getSet = ({ client }: TestCluster) => client.get(replicaSets, { namespace: 'default', name: 'web' });
const listPods = async ({ client }: TestCluster) => (await client.list(pods)).items;

test('creates as many pods as wanted, each once, and reports them', () =>
  withCluster(async (cluster) => {
    const set = await createSet(cluster, 20);
    await cluster.settle();
    const created = await listPods(cluster);
    assert.equal(created.length, 20);
    const [pod] = created;
    assert.match(pod?.metadata.name ?? '', /^web-[a-z0-9]{5}$/);
    assert.deepEqual(pod?.metadata.ownerReferences, [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: 'web',
        uid: set.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
    assert.equal(
      cluster.events.filter((event) => event.startsWith('SuccessfulCreate: Created pod: web-')).length,
      20,
    );
    await runAllPods(cluster);
    await cluster.settle();
    const { status } = await getSet(cluster);
    assert.equal(status.replicas, 20);
    assert.equal(status.readyReplicas, 20);
    assert.equal(status.availableReplicas, 20);
    assert.equal(status.observedGeneration, 1);
  }));

test('replaces pods that finish or are deleted, and deletes what is too many', () =>
  withCluster(async (cluster) => {
    await createSet(cluster, 3);
    await cluster.settle();
    const [first, second] = await listPods(cluster);
    await cluster.client.delete(pods, { namespace: 'default', name: first?.metadata.name ?? '' });
    const failed = { type: 'merge', body: { status: { phase: 'Failed' } } } as const;
    const ref = { namespace: 'default', name: second?.metadata.name ?? '' };
    await cluster.client.patch(pods, ref, failed, { subresource: 'status' });
    await cluster.settle();
    assert.equal((await listPods(cluster)).filter((pod) => pod.status.phase !== 'Failed').length, 3);
    await scale(cluster, 1);
    await cluster.settle();
    assert.equal((await listPods(cluster)).filter((pod) => pod.status.phase !== 'Failed').length, 1);
    await scale(cluster, 0);
    await cluster.settle();
    assert.equal((await getSet(cluster)).status.replicas, 0);
  }));

test('adopts matching orphans and lets go of pods that stop matching', () =>
  withCluster(async (cluster) => {
    const { client } = cluster;
    await client.create(pods, {
      metadata: { name: 'orphan', namespace: 'default', labels: LABELS },
      spec: { containers: CONTAINERS },
    });
    const set = await createSet(cluster, 1);
    await cluster.settle();
    const [adopted, ...others] = await listPods(cluster);
    assert.equal(others.length, 0);
    assert.equal(adopted?.metadata.ownerReferences?.[0]?.uid, set.metadata.uid);
    const body = { metadata: { labels: { app: 'other' } } };
    await client.patch(pods, { namespace: 'default', name: 'orphan' }, { type: 'merge', body });
    await cluster.settle();
    const released = await client.get(pods, { namespace: 'default', name: 'orphan' });
    assert.equal(released.metadata.ownerReferences, undefined);
    assert.equal((await listPods(cluster)).length, 2);
  }));

test('pods count as available after minReadySeconds, without any further event', () =>
  withCluster(async (cluster) => {
    await createSet(cluster, 2, 30);
    await cluster.settle();
    await runAllPods(cluster);
    await cluster.settle();
    assert.equal((await getSet(cluster)).status.availableReplicas ?? 0, 0);
    await cluster.advance('31s');
    assert.equal((await getSet(cluster)).status.availableReplicas, 2);
  }));
