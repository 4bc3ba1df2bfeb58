import { customResourceDefinitions } from '../../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILT_IN_KINDS } from '../../api/catalog.ts';
import { configMaps } from '../../api/groups/core/config-map/config-map.ts';
import { secrets } from '../../api/groups/core/secret/secret.ts';
import type { OwnerReference } from '../../api/types.gen.ts';
import type { DeleteRequest } from '../../client/client.ts';
import { startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { garbageCollector } from './garbage-collector.ts';

async function withCluster(run: (cluster: TestCluster) => Promise<void>): Promise<void> {
  const cluster = await startTestCluster([garbageCollector(() => BUILT_IN_KINDS)]);
  try {
    await run(cluster);
  } finally {
    await cluster.stop();
  }
}

const ref = (name: string) => ({ namespace: 'default', name });

async function create(
  { client }: TestCluster,
  name: string,
  owners: readonly OwnerReference[] = [],
  finalizers: readonly string[] = [],
): Promise<OwnerReference> {
  const metadata = { ...ref(name), ownerReferences: owners, finalizers };
  const created = await client.create(configMaps, { metadata });
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid: created.metadata.uid ?? '' };
}

const remove = ({ client }: TestCluster, name: string, options: DeleteRequest = {}) =>
  client.delete(configMaps, ref(name), options);

async function names({ client }: TestCluster): Promise<readonly string[]> {
  const { items } = await client.list(configMaps);
  return items.map(({ metadata }) => metadata.name ?? '').toSorted();
}

test('dependents go when their last owner is gone, through every generation', () =>
  withCluster(async (cluster) => {
    const owner = await create(cluster, 'owner');
    const other = await create(cluster, 'other');
    const child = await create(cluster, 'child', [owner]);
    await create(cluster, 'grandchild', [child]);
    await create(cluster, 'shared', [owner, other]);
    await remove(cluster, 'owner');
    await cluster.settle();
    assert.deepEqual(await names(cluster), ['other', 'shared']);
    const shared = await cluster.client.get(configMaps, ref('shared'));
    assert.deepEqual(shared.metadata.ownerReferences, [other]);
  }));

test('an owner that never was there is verified on the server, then its dependents go', () =>
  withCluster(async (cluster) => {
    const gone = { apiVersion: 'v1', kind: 'Secret', name: 'gone', uid: 'no-such-uid' };
    await create(cluster, 'lost', [gone]);
    const secret = await cluster.client.create(secrets, { metadata: ref('present') });
    await create(cluster, 'kept', [{ ...gone, name: 'present', uid: secret.metadata.uid ?? '' }]);
    await create(cluster, 'foreign', [{ ...gone, apiVersion: 'example.com/v1', kind: 'Thing' }]);
    await cluster.settle();
    assert.deepEqual(await names(cluster), ['foreign', 'kept']);
  }));

test('a foreground deletion waits for the dependents that block it', () =>
  withCluster(async (cluster) => {
    const owner = await create(cluster, 'owner');
    const blocking = { ...owner, blockOwnerDeletion: true };
    await create(cluster, 'held', [blocking], ['example.com/hold']);
    await create(cluster, 'quick', [blocking]);
    await create(cluster, 'free', [owner], ['example.com/hold']);
    await remove(cluster, 'owner', { propagationPolicy: 'Foreground' });
    await cluster.settle();
    assert.deepEqual(await names(cluster), ['free', 'held', 'owner']);
    const body = { metadata: { finalizers: null } };
    await cluster.client.patch(configMaps, ref('held'), { type: 'merge', body });
    await cluster.settle();
    assert.deepEqual(await names(cluster), ['free']);
  }));

test('two owners that wait for each other in the foreground both go', () =>
  withCluster(async (cluster) => {
    const first = await create(cluster, 'first');
    const second = await create(cluster, 'second', [{ ...first, blockOwnerDeletion: true }]);
    const body = { metadata: { ownerReferences: [{ ...second, blockOwnerDeletion: true }] } };
    await cluster.client.patch(configMaps, ref('first'), { type: 'merge', body });
    await cluster.settle();
    await remove(cluster, 'first', { propagationPolicy: 'Foreground' });
    await cluster.settle();
    assert.deepEqual(await names(cluster), []);
  }));

test('a circle that was deleted in the foreground as a whole goes, but not before what it waits for', () =>
  withCluster(async (cluster) => {
    const blocking = (owner: OwnerReference) => ({ ...owner, blockOwnerDeletion: true });
    const own = async (name: string, owner: OwnerReference): Promise<void> => {
      const body = { metadata: { ownerReferences: [{ ...blocking(owner) }] } };
      await cluster.client.patch(configMaps, ref(name), { type: 'merge', body });
    };
    await own('self', await create(cluster, 'self'));
    const first = await create(cluster, 'first');
    const second = await create(cluster, 'second', [blocking(first)]);
    await own('first', second);
    await create(cluster, 'held', [blocking(second)], ['example.com/hold']);
    await cluster.settle();
    for (const name of ['self', 'first', 'second']) {
      await remove(cluster, name, { propagationPolicy: 'Foreground' });
    }
    await cluster.settle();
    assert.deepEqual(await names(cluster), ['first', 'held', 'second']);
    const body = { metadata: { finalizers: null } };
    await cluster.client.patch(configMaps, ref('held'), { type: 'merge', body });
    await cluster.settle();
    assert.deepEqual(await names(cluster), []);
  }));

test('orphaned dependents lose the reference and stay', () =>
  withCluster(async (cluster) => {
    const owner = await create(cluster, 'owner');
    await create(cluster, 'child', [owner]);
    await cluster.settle();
    await remove(cluster, 'owner', { propagationPolicy: 'Orphan' });
    await cluster.settle();
    assert.deepEqual(await names(cluster), ['child']);
    const child = await cluster.client.get(configMaps, ref('child'));
    assert.equal(child.metadata.ownerReferences?.length ?? 0, 0);
  }));

test('dependents that the caches do not show yet are orphaned, too', async () => {
  const lagMs = { secrets: 2_000 };
  const cluster = await startTestCluster([garbageCollector(() => BUILT_IN_KINDS)], { lagMs });
  const owner = await create(cluster, 'owner');
  await cluster.client.create(secrets, { metadata: { ...ref('child'), ownerReferences: [owner] } });
  await remove(cluster, 'owner', { propagationPolicy: 'Orphan' });
  await cluster.advance('1m');
  assert.deepEqual(await names(cluster), []);
  const child = await cluster.client.get(secrets, ref('child'));
  assert.equal(child.metadata.ownerReferences?.length ?? 0, 0);
  await cluster.stop();
});

test('an owner in another namespace counts as absent, and an event says so', () =>
  withCluster(async (cluster) => {
    const there = await cluster.client.create(configMaps, {
      metadata: { namespace: 'other', name: 'owner' },
    });
    await create(cluster, 'child', [
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: there.metadata.uid ?? '' },
    ]);
    await cluster.settle();
    assert.deepEqual(await names(cluster), ['owner']);
    assert.ok(
      cluster.events.some((event) => event.startsWith('OwnerRefInvalidNamespace: ownerRef [v1/ConfigMap')),
    );
  }));

const DEFINITION = {
  metadata: { name: 'things.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Thing', plural: 'things' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
} as const;

test('kinds that are served later are followed, and forgotten when they go', async () => {
  let kinds = BUILT_IN_KINDS.filter(({ kind }) => kind !== 'ConfigMap');
  const cluster = await startTestCluster([garbageCollector(() => kinds)]);
  const child = async (name: string): Promise<void> => {
    await create(cluster, name, [{ apiVersion: 'v1', kind: 'Secret', name: 'gone', uid: 'no-such-uid' }]);
  };
  await child('early');
  await cluster.advance('10s');
  assert.deepEqual(await names(cluster), ['early']);
  kinds = [...BUILT_IN_KINDS];
  // The server reads definitions anew at the same time.
  await cluster.client.create(customResourceDefinitions, DEFINITION);
  await cluster.advance('10s');
  assert.deepEqual(await names(cluster), []);
  kinds = kinds.filter(({ kind }) => kind !== 'ConfigMap');
  await cluster.client.delete(customResourceDefinitions, { name: 'things.example.com' });
  await cluster.advance('10s');
  await child('late');
  await cluster.advance('10s');
  assert.deepEqual(await names(cluster), ['late']);
  await cluster.stop();
});
