/** Quotas in a whole cluster: workloads run into them, and go on when something leaves. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployments } from '../api/groups/apps/deployment/deployment.ts';
import { replicaSets } from '../api/groups/apps/replica-set/replica-set.ts';
import { configMaps } from '../api/groups/core/config-map/config-map.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { resourceQuotas } from '../api/groups/core/resource-quota/resource-quota.ts';
import { startCluster, type TestCluster } from './start-cluster.ts';

const QUOTA = { namespace: 'default', name: 'q' };
const WEB = { namespace: 'default', name: 'web' };

const usedOf = async ({ client }: TestCluster) => (await client.get(resourceQuotas, QUOTA)).status.used;

test('a Deployment gets as many pods as its quota allows, and more when others go', async () => {
  const cluster = await startCluster();
  const { client } = cluster;
  await cluster.settle();
  const hard = { pods: '4', 'count/deployments.apps': '1', configmaps: '3' };
  await client.create(resourceQuotas, { metadata: QUOTA, spec: { hard } });
  await cluster.settle();
  // The root certificate is there already.
  assert.deepEqual(await usedOf(cluster), { pods: '0', 'count/deployments.apps': '0', configmaps: '1' });
  for (const name of ['a', 'b']) {
    await client.create(pods, {
      metadata: { namespace: 'default', name },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    });
  }
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { replicas: 4, selector: { matchLabels: labels }, template };
  await client.create(deployments, { metadata: WEB, spec });
  await cluster.clock.advance('30s');
  const readyOf = async () => (await client.get(deployments, WEB)).status.readyReplicas;
  assert.equal(await readyOf(), 2);
  const [set] = (await client.list(replicaSets, { namespace: 'default' })).items;
  const failure = set?.status.conditions?.find(({ type }) => type === 'ReplicaFailure');
  assert.match(failure?.message ?? '', /exceeded quota: q, requested: pods=1, used: pods=4, limited: pods=4/);
  await client.delete(pods, { namespace: 'default', name: 'a' }, { gracePeriodSeconds: 0 });
  await cluster.clock.advance('2m');
  assert.equal(await readyOf(), 3);
  await assert.rejects(
    client.create(deployments, { metadata: { ...WEB, name: 'two' }, spec }),
    /^ApiError: deployments\.apps "two" is forbidden: exceeded quota: q, requested: count\/deployments\.apps=1/,
  );
  await client.patch(resourceQuotas, QUOTA, { type: 'merge', body: { spec: { hard: { pods: '9' } } } });
  await cluster.clock.advance('3m');
  assert.equal(await readyOf(), 4);
  assert.equal((await usedOf(cluster))?.['pods'], '5');
  await cluster.stop();
});

test('what goes is free again at once, of every kind that is counted', async () => {
  const cluster = await startCluster({ nodes: 0 });
  const { client } = cluster;
  await cluster.settle();
  await client.create(resourceQuotas, { metadata: QUOTA, spec: { hard: { configmaps: '3' } } });
  await cluster.settle();
  const map = (name: string) => client.create(configMaps, { metadata: { namespace: 'default', name } });
  await map('a');
  await map('b');
  await assert.rejects(map('c'), /exceeded quota/);
  await client.delete(configMaps, { namespace: 'default', name: 'a' });
  await cluster.clock.advance(200);
  await map('c');
  assert.deepEqual(await usedOf(cluster), { configmaps: '3' });
  await cluster.stop();
});

test('a pod that gets a deadline goes from the quota of those without to that of those with one', async () => {
  const cluster = await startCluster();
  const { client } = cluster;
  await cluster.settle();
  const ref = (name: string) => ({ namespace: 'default', name });
  for (const [name, hard] of [
    ['Terminating', '1'],
    ['NotTerminating', '2'],
  ] as const)
    await client.create(resourceQuotas, {
      metadata: ref(name.toLowerCase()),
      spec: { hard: { pods: hard }, scopes: [name] },
    });
  await cluster.settle();
  for (const name of ['a', 'b'])
    await client.create(pods, { metadata: ref(name), spec: { containers: [{ name: 'c', image: 'i' }] } });
  const usedBy = async (name: string) => (await client.get(resourceQuotas, ref(name))).status.used?.['pods'];
  assert.deepEqual([await usedBy('terminating'), await usedBy('notterminating')], ['0', '2']);
  const endLater = (name: string) =>
    client.patch(pods, ref(name), { type: 'merge', body: { spec: { activeDeadlineSeconds: 900 } } });
  await endLater('a');
  await cluster.clock.advance('1s');
  assert.deepEqual([await usedBy('terminating'), await usedBy('notterminating')], ['1', '1']);
  await assert.rejects(endLater('b'), /exceeded quota: terminating, requested: pods=1, used: pods=1/);
  await cluster.stop();
});
