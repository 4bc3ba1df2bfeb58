import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILT_IN_KINDS } from '../api/catalog.ts';
import { isApiError } from '../api/meta/api-error.ts';
import { deployments } from '../api/groups/apps/deployment/deployment.ts';
import { replicaSets } from '../api/groups/apps/replica-set/replica-set.ts';
import { namespaces } from '../api/groups/core/namespace/namespace.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { services } from '../api/groups/core/service/service.ts';
import { endpointSlices } from '../api/groups/discovery/endpoint-slice/endpoint-slice.ts';
import { createControllers } from './catalog.ts';
import { NOT_AGGREGATED, runAllPods, startTestCluster, type TestCluster } from './cluster.fixture.ts';

const OPTIONS = { kinds: () => BUILT_IN_KINDS, caBundle: 'PEM', podCidr: '10.42.0.0/16', ...NOT_AGGREGATED };
const REF = { namespace: 'shop', name: 'web' };

async function withCluster(run: (cluster: TestCluster) => Promise<void>, lagMs = 0): Promise<void> {
  const cluster = await startTestCluster(createControllers(OPTIONS), { lagMs });
  try {
    await cluster.client.create(namespaces, { metadata: { name: REF.namespace } });
    await run(cluster);
  } finally {
    await cluster.stop();
  }
}

async function createShop(cluster: TestCluster, replicas: number): Promise<void> {
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx:1' }] } };
  const spec = { replicas, selector: { matchLabels: labels }, template };
  await cluster.client.create(deployments, { metadata: REF, spec });
  const service = { clusterIP: '10.43.0.9', selector: labels, ports: [{ port: 80 }] };
  await cluster.client.create(services, { metadata: REF, spec: service });
  await cluster.settle();
  await runAllPods(cluster);
  await cluster.settle();
}

async function counts({ client }: TestCluster): Promise<readonly number[]> {
  const lists = await Promise.all([
    client.list(deployments, REF),
    client.list(replicaSets, REF),
    client.list(pods, REF),
    client.list(endpointSlices, REF),
  ]);
  return lists.map(({ items }) => items.length);
}

test('names are unique, and every controller says what it may do', () => {
  const controllers = createControllers(OPTIONS);
  assert.equal(new Set(controllers.map(({ name }) => name)).size, controllers.length);
  for (const { permissions } of controllers) assert.ok(permissions.length > 0);
});

test('a deleted Deployment takes its ReplicaSets and pods with it, in every manner', () =>
  withCluster(async (cluster) => {
    for (const propagationPolicy of ['Background', 'Foreground'] as const) {
      await createShop(cluster, 3);
      assert.deepEqual(await counts(cluster), [1, 1, 3, 1]);
      await cluster.client.delete(deployments, REF, { propagationPolicy });
      await cluster.client.delete(services, REF);
      await cluster.settle();
      assert.deepEqual(await counts(cluster), [0, 0, 0, 0]);
    }
  }));

test('orphaned pods are adopted by a new Deployment of the same selector', () =>
  withCluster(async (cluster) => {
    await createShop(cluster, 3);
    const before = (await cluster.client.list(pods, REF)).items.map(({ metadata }) => metadata.name);
    await cluster.client.delete(deployments, REF, { propagationPolicy: 'Orphan' });
    await cluster.client.delete(services, REF);
    await cluster.settle();
    assert.deepEqual(await counts(cluster), [0, 1, 3, 0]);
    await createShop(cluster, 3);
    const after = (await cluster.client.list(pods, REF)).items.map(({ metadata }) => metadata.name);
    assert.deepEqual(after, before);
  }));

test('a deleted namespace is gone with all that was in it, and nothing comes back', () =>
  withCluster(async (cluster) => {
    await createShop(cluster, 3);
    await cluster.client.delete(namespaces, { name: REF.namespace });
    await cluster.advance('30s');
    assert.deepEqual(await counts(cluster), [0, 0, 0, 0]);
    const gone = (error: unknown): boolean => isApiError(error, 'NotFound');
    await assert.rejects(cluster.client.get(namespaces, { name: REF.namespace }), gone);
  }));

test('caches that lag never lead to a pod or a slice too many', () =>
  withCluster(async (cluster) => {
    await createShop(cluster, 7);
    const created = cluster.events.filter((event) => event.startsWith('SuccessfulCreate'));
    assert.equal(created.length, 7);
    assert.deepEqual(await counts(cluster), [1, 1, 7, 1]);
    const body = { spec: { template: { spec: { containers: [{ name: 'c', image: 'nginx:2' }] } } } };
    await cluster.client.patch(deployments, REF, { type: 'merge', body });
    for (let step = 0; step < 12; step++) {
      await cluster.advance('10s');
      await runAllPods(cluster);
    }
    await cluster.advance('10s');
    assert.deepEqual(await counts(cluster), [1, 2, 7, 1]);
    const all = cluster.events.filter((event) => event.startsWith('SuccessfulCreate'));
    assert.equal(all.length, 14);
  }, 300));
