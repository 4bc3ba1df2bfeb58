import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipAddresses } from '../../api/groups/networking/ip-address/ip-address.ts';
import { serviceCidrs } from '../../api/groups/networking/service-cidr/service-cidr.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { serviceCidrController } from './service-cidr.ts';

const LABELS = {
  'ipaddress.kubernetes.io/ip-family': 'IPv4',
  'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
};
const parentRef = { resource: 'services', namespace: 'default', name: 'web' };

async function readiness({ client }: TestCluster, name: string): Promise<string> {
  try {
    const { status } = await client.get(serviceCidrs, { name });
    const ready = status.conditions?.find(({ type }) => type === 'Ready');
    return `${ready?.status ?? ''} ${ready?.reason ?? ''}`.trim();
  } catch (error) {
    if (isApiError(error, 'NotFound')) return 'gone';
    throw error;
  }
}

test('a network is ready, holds on while addresses depend on it, and goes when they are gone', async () => {
  const cluster = await startTestCluster([serviceCidrController('10.43.0.0/16')]);
  const { client } = cluster;
  assert.equal(await readiness(cluster, 'kubernetes'), 'True', 'the default one is made');
  await client.create(serviceCidrs, { metadata: { name: 'more' }, spec: { cidrs: ['10.99.0.0/24'] } });
  await client.create(ipAddresses, { metadata: { name: '10.99.0.7', labels: LABELS }, spec: { parentRef } });
  await cluster.settle();
  const { metadata } = await client.get(serviceCidrs, { name: 'more' });
  assert.deepEqual(metadata.finalizers, ['networking.k8s.io/service-cidr-finalizer']);
  await client.delete(serviceCidrs, { name: 'more' });
  await cluster.advance('1m');
  assert.equal(await readiness(cluster, 'more'), 'False Terminating');
  await client.delete(ipAddresses, { name: '10.99.0.7' });
  await cluster.settle();
  assert.equal(await readiness(cluster, 'more'), 'gone');
  await cluster.stop();
});

test('another network that contains the addresses lets it go; the default one comes back', async () => {
  const cluster = await startTestCluster([serviceCidrController('10.43.0.0/16')]);
  const { client } = cluster;
  await client.create(ipAddresses, { metadata: { name: '10.43.0.1', labels: LABELS }, spec: { parentRef } });
  await client.delete(serviceCidrs, { name: 'kubernetes' });
  await cluster.advance('11s');
  assert.equal(await readiness(cluster, 'kubernetes'), 'False Terminating');
  const { metadata: before } = await client.get(serviceCidrs, { name: 'kubernetes' });
  await client.create(serviceCidrs, { metadata: { name: 'wide' }, spec: { cidrs: ['10.0.0.0/8'] } });
  await cluster.settle();
  const { metadata: after } = await client.get(serviceCidrs, { name: 'kubernetes' });
  assert.notEqual(after.uid, before.uid);
  assert.equal(await readiness(cluster, 'kubernetes'), 'True');
  await cluster.stop();
});

test('lost races and crashes between its writes change nothing in the end', async () => {
  for (const writes of [0, 1, 2, 3]) {
    const cluster = await startTestCluster([serviceCidrController('10.43.0.0/16')], { lagMs: 100 });
    const { client } = cluster;
    cluster.refuse(writes);
    await client.create(serviceCidrs, { metadata: { name: 'more' }, spec: { cidrs: ['10.99.0.0/24'] } });
    await cluster.advance('1m');
    assert.equal(await readiness(cluster, 'more'), 'True');
    cluster.crash(writes);
    await client.delete(serviceCidrs, { name: 'more' });
    await client.delete(serviceCidrs, { name: 'kubernetes' });
    await cluster.host.clock.advance('1m');
    await cluster.restart();
    await cluster.advance('1m');
    assert.equal(await readiness(cluster, 'more'), 'gone');
    assert.equal(await readiness(cluster, 'kubernetes'), 'True');
    await cluster.stop();
  }
});

test('a network that is about to take over, and leaves itself, lets none go', async () => {
  const cluster = await startTestCluster([serviceCidrController('10.43.0.0/16')], { lagMs: 300 });
  const { client } = cluster;
  await client.create(serviceCidrs, { metadata: { name: 'more' }, spec: { cidrs: ['10.99.0.0/24'] } });
  await client.create(ipAddresses, { metadata: { name: '10.99.0.7', labels: LABELS }, spec: { parentRef } });
  await cluster.settle();
  await client.delete(serviceCidrs, { name: 'more' });
  await cluster.advance('11s');
  const wide = { metadata: { name: 'wide' }, spec: { cidrs: ['10.99.0.0/16'] } };
  await client.create(serviceCidrs, wide);
  await client.delete(serviceCidrs, { name: 'wide' });
  await cluster.advance('1m');
  assert.equal(await readiness(cluster, 'more'), 'False Terminating');
  await cluster.stop();
});

test('a default network that goes before anybody saw it comes back', async () => {
  const cluster = await startTestCluster([serviceCidrController('10.43.0.0/16')], { lagMs: 300 });
  const { client } = cluster;
  const isThere = async (): Promise<boolean> =>
    (await client.list(serviceCidrs)).items.some(({ metadata }) => metadata.name === 'kubernetes');
  await client.delete(serviceCidrs, { name: 'kubernetes' });
  for (const wanted of [false, true])
    for (let i = 0; i < 200 && (await isThere()) !== wanted; i++) await cluster.host.clock.advance(100);
  // Its creation is on the way to the cache, and never gets there.
  cluster.breakStreams(true);
  await client.delete(serviceCidrs, { name: 'kubernetes' });
  await cluster.advance('1m');
  assert.equal(await isThere(), true);
  await cluster.stop();
});
