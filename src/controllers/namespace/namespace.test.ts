import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILT_IN_KINDS } from '../../api/catalog.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { configMaps } from '../../api/groups/core/config-map/config-map.ts';
import { namespaces } from '../../api/groups/core/namespace/namespace.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { serviceAccounts } from '../../api/groups/core/service-account/service-account.ts';
import type { KubernetesObject, ResourceType } from '../../api/meta/object.ts';
import type { ListRequest, ObjectList } from '../../client/client.ts';
import { createControllers } from '../catalog.ts';
import { NOT_AGGREGATED, startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { rootCaController } from '../root-ca/root-ca.ts';
import { serviceAccountController } from '../service-account/service-account.ts';
import type { ContentType, OtherServers } from './content.ts';
import { namespaceController } from './namespace.ts';
import { planConditions } from './plan.ts';

const isNamespaced = ({ namespaced }: ResourceType): boolean => namespaced;

const BASIC = ['namespace-controller', 'service-account-controller', 'root-ca-cert-publisher'];

async function withCluster(run: (cluster: TestCluster) => Promise<void>): Promise<void> {
  const all = createControllers({
    kinds: () => BUILT_IN_KINDS,
    caBundle: 'PEM',
    podCidr: '10.42.0.0/16',
    ...NOT_AGGREGATED,
  });
  const cluster = await startTestCluster(all.filter(({ name }) => BASIC.includes(name)));
  try {
    await run(cluster);
  } finally {
    await cluster.stop();
  }
}

async function phaseOf({ client }: TestCluster, name: string): Promise<string> {
  try {
    return (await client.get(namespaces, { name })).status.phase ?? '';
  } catch (error) {
    if (isApiError(error, 'NotFound')) return 'gone';
    throw error;
  }
}

test('a new namespace has a default service account and the root CA, and gets them back', () =>
  withCluster(async (cluster) => {
    const { client } = cluster;
    const account = { namespace: 'default', name: 'default' };
    const map = { namespace: 'default', name: 'kube-root-ca.crt' };
    assert.equal((await client.get(serviceAccounts, account)).metadata.name, 'default');
    assert.deepEqual((await client.get(configMaps, map)).data, { 'ca.crt': 'PEM' });
    await client.delete(serviceAccounts, account);
    await client.patch(configMaps, map, { type: 'merge', body: { data: { 'ca.crt': 'wrong', more: 'x' } } });
    await cluster.settle();
    assert.equal((await client.get(serviceAccounts, account)).metadata.name, 'default');
    assert.deepEqual((await client.get(configMaps, map)).data, { 'ca.crt': 'PEM' });
    await client.delete(configMaps, map);
    await cluster.settle();
    assert.deepEqual((await client.get(configMaps, map)).data, { 'ca.crt': 'PEM' });
  }));

test('what is deleted before the caches ever showed it comes back, too', async () => {
  const controllers = [serviceAccountController, rootCaController('PEM')];
  const cluster = await startTestCluster(controllers, { lagMs: { serviceaccounts: 300, configmaps: 300 } });
  const { client } = cluster;
  await client.create(namespaces, { metadata: { name: 'team' } });
  await cluster.host.clock.advance(50);
  await client.delete(serviceAccounts, { namespace: 'team', name: 'default' });
  await client.delete(configMaps, { namespace: 'team', name: 'kube-root-ca.crt' });
  cluster.breakStreams(true);
  await cluster.advance('5s');
  await client.get(serviceAccounts, { namespace: 'team', name: 'default' });
  await client.get(configMaps, { namespace: 'team', name: 'kube-root-ca.crt' });
  await cluster.stop();
});

test('a deleted namespace takes its content with it', () =>
  withCluster(async (cluster) => {
    const { client } = cluster;
    await client.create(namespaces, { metadata: { name: 'team' } });
    await client.create(configMaps, { metadata: { namespace: 'team', name: 'settings' } });
    await cluster.settle();
    await client.delete(namespaces, { name: 'team' });
    await cluster.settle();
    assert.equal(await phaseOf(cluster, 'team'), 'gone');
    assert.equal((await client.list(configMaps, { namespace: 'team' })).items.length, 0);
    assert.equal((await client.list(serviceAccounts, { namespace: 'team' })).items.length, 0);
  }));

test('pods get their time to stop before anything else goes; the conditions name what is left', () =>
  withCluster(async (cluster) => {
    const { client } = cluster;
    await client.create(namespaces, { metadata: { name: 'team' } });
    await client.create(configMaps, { metadata: { namespace: 'team', name: 'settings' } });
    const pod = { namespace: 'team', name: 'slow' };
    const spec = { nodeName: 'node-1', containers: [{ name: 'c', image: 'nginx:1' }] };
    await client.create(pods, { metadata: { ...pod, finalizers: ['example.com/hold'] }, spec });
    await client.delete(namespaces, { name: 'team' });
    await cluster.settle();
    assert.equal(await phaseOf(cluster, 'team'), 'Terminating');
    const { status } = await client.get(namespaces, { name: 'team' });
    const messages = status.conditions?.filter((c) => c.status === 'True').map(({ message }) => message);
    assert.deepEqual(messages, [
      'Some resources are remaining: pods. has 1 resource instances',
      'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    ]);
    assert.ok((await client.list(configMaps, { namespace: 'team' })).items.length > 0);
    await client.patch(pods, pod, { type: 'merge', body: { metadata: { finalizers: null } } });
    await client.delete(pods, pod, { gracePeriodSeconds: 0 });
    await cluster.settle();
    assert.equal(await phaseOf(cluster, 'team'), 'gone');
  }));

const FLUNDERS: ContentType = {
  group: 'wardle.example.com',
  version: 'v1alpha1',
  kind: 'Flunder',
  plural: 'flunders',
  namespaced: true,
  verbs: ['list', 'delete'],
};

/** Servers that keep flunders by `namespace/name`. */
function flunderServer(flunders: Set<string>, stale: string[] = []): OtherServers {
  const refused = () => Promise.reject(new Error('it is not a verb of this kind'));
  return {
    content: () => ({ types: stale.length === 0 ? [FLUNDERS] : [], stale }),
    client: {
      list: async <T extends KubernetesObject>(
        _type: ResourceType<T>,
        { namespace = '' }: ListRequest = {},
      ): Promise<ObjectList<T>> => {
        const own = [...flunders].filter((path) => path.startsWith(`${namespace}/`));
        const items = own.map((path) => ({ metadata: { namespace, name: path.split('/')[1] } }));
        return { items: items as unknown as readonly T[], resourceVersion: '1' };
      },
      delete: async (_type, { namespace = '', name }) => void flunders.delete(`${namespace}/${name}`),
      deleteCollection: refused,
    },
  };
}

test('what other API servers keep in a namespace goes with it', async () => {
  const flunders = new Set(['team/one', 'team/two', 'other/three']);
  const stale: string[] = [];
  const cluster = await startTestCluster([
    namespaceController(() => BUILT_IN_KINDS.filter(isNamespaced), flunderServer(flunders, stale)),
  ]);
  const { client } = cluster;
  await client.create(namespaces, { metadata: { name: 'team' } });
  await client.delete(namespaces, { name: 'team' });
  await cluster.settle();
  assert.deepEqual([...flunders], ['other/three']);
  assert.equal(await phaseOf(cluster, 'team'), 'gone');

  // While nobody knows what a server has, something of it may be in the namespace.
  stale.push('wardle.example.com/v1alpha1');
  await client.create(namespaces, { metadata: { name: 'team' } });
  await client.create(configMaps, { metadata: { namespace: 'team', name: 'settings' } });
  await client.delete(namespaces, { name: 'team' });
  await cluster.advance('10s');
  const { status } = await client.get(namespaces, { name: 'team' });
  const failure = status.conditions?.find(({ type }) => type === 'NamespaceDeletionDiscoveryFailure');
  assert.deepEqual([failure?.status, failure?.reason], ['True', 'DiscoveryFailed']);
  assert.equal(
    failure?.message,
    'Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: ' +
      'wardle.example.com/v1alpha1: stale GroupVersion discovery: wardle.example.com/v1alpha1',
  );
  assert.equal((await client.list(configMaps, { namespace: 'team' })).items.length, 0, 'what is known goes');
  stale.length = 0;
  await cluster.advance('5m');
  assert.equal(await phaseOf(cluster, 'team'), 'gone');
  await cluster.stop();
});

test('conditions keep their times while they stay as they are', () => {
  const nothing = { perType: new Map(), perFinalizer: new Map(), errors: [], undiscovered: [] };
  const empty = { ...nothing, estimateSeconds: 0 };
  const first = planConditions([], empty, 1_000);
  assert.equal(first.length, 5);
  assert.equal(planConditions(first, empty, 9_000), first);
  const failing = planConditions(first, { ...empty, errors: ['b', 'a'] }, 9_000);
  const failure = failing.find(({ type }) => type === 'NamespaceDeletionContentFailure');
  assert.equal(failure?.message, 'Failed to delete all resource types, 2 remaining: a, b');
  assert.equal(failure?.lastTransitionTime, '1970-01-01T00:00:09Z');
});
