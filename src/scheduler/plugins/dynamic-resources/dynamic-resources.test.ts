import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from '../../../api/groups/core/pod/pod.ts';
import { deviceClasses } from '../../../api/groups/resource/device-class/device-class.ts';
import { ALLOCATION_FINALIZER } from '../../../api/groups/resource/pod-resource-claims.ts';
import { resourceClaims } from '../../../api/groups/resource/resource-claim/resource-claim.ts';
import {
  addClaim,
  addDevices,
  addPod,
  claimOf,
  namespace,
  nodeOf,
  plainDevices,
  podOf,
  start,
} from './dynamic-resources.fixture.ts';

test('a pod goes where its devices are, and the claim says which and whose', async () => {
  const cluster = await start({ a: 0, b: 2 });
  await addClaim(cluster, 'c', { count: 2 });
  await addPod(cluster, 'p', 'c');
  await cluster.advance(100);
  assert.equal(await nodeOf(cluster, 'p'), 'b');
  const { metadata, status } = await claimOf(cluster, 'c');
  assert.deepEqual(metadata.finalizers, [ALLOCATION_FINALIZER]);
  assert.deepEqual(
    status.allocation?.devices.results?.map(({ pool, device }) => `${pool}/${device}`),
    ['b/gpu-0', 'b/gpu-1'],
  );
  assert.deepEqual(status.allocation?.nodeSelector?.nodeSelectorTerms[0]?.matchFields?.[0]?.values, ['b']);
  assert.deepEqual(
    status.reservedFor?.map(({ name }) => name),
    ['p'],
  );
  await cluster.stop();
});

test('one device for two: the second waits until it is given back', async () => {
  const cluster = await start({ a: 1 });
  for (const name of ['c', 'k']) await addClaim(cluster, name);
  await addPod(cluster, 'p', 'c');
  await addPod(cluster, 'q', 'k');
  await cluster.advance(100);
  assert.equal(await nodeOf(cluster, 'p'), 'a');
  const { conditions = [] } = (await podOf(cluster, 'q')).status;
  assert.match(conditions[0]?.message ?? '', /^0\/1 nodes are available: 1 cannot allocate all claims\./);
  // As the controller does when p is done.
  const claim = await claimOf(cluster, 'c');
  await cluster.client.update(resourceClaims, { ...claim, status: {} }, { subresource: 'status' });
  await cluster.advance('2s');
  assert.equal(await nodeOf(cluster, 'q'), 'a');
  await cluster.stop();
});

test('a claim in common draws pods to one node', async () => {
  const cluster = await start({ a: 1, b: 1 });
  await addClaim(cluster, 'c');
  for (const name of ['p', 'q', 'r']) await addPod(cluster, name, 'c');
  await cluster.advance('5s');
  const placed = await Promise.all(['p', 'q', 'r'].map((name) => nodeOf(cluster, name)));
  assert.equal(new Set(placed).size, 1, placed.join());
  assert.ok(placed[0] !== undefined);
  assert.equal((await claimOf(cluster, 'c')).status.reservedFor?.length, 3);
  await cluster.stop();
});

test('a pod waits for its claim, its class and its devices', async () => {
  const cluster = await start({ a: 0 });
  await addPod(cluster, 'p', 'c');
  await cluster.advance(100);
  assert.deepEqual(cluster.scheduler.idle, true);
  await addClaim(cluster, 'c', { deviceClassName: 'later' });
  await cluster.advance(100);
  const message = async (): Promise<string> =>
    (await podOf(cluster, 'p')).status.conditions?.[0]?.message ?? '';
  assert.match(await message(), /request r: device class later does not exist/);
  await cluster.client.create(deviceClasses, { metadata: { name: 'later' }, spec: {} });
  await cluster.advance('2s');
  assert.match(await message(), /1 cannot allocate all claims/);
  await addDevices(cluster, 'a', plainDevices(1));
  await cluster.advance('5s');
  assert.equal(await nodeOf(cluster, 'p'), 'a');
  await cluster.stop();
});

test('a claim that could not be written frees its device', async () => {
  const cluster = await start({ a: 1 });
  for (const name of ['c', 'k']) await addClaim(cluster, name);
  cluster.refuse('resourceclaims', new Error('no writes today'));
  await addPod(cluster, 'p', 'c');
  await addPod(cluster, 'q', 'k');
  await cluster.advance(100);
  assert.ok(
    cluster.events.includes('FailedScheduling: running PreBind plugin "DynamicResources": no writes today'),
  );
  await cluster.client.delete(pods, { namespace, name: 'p' }, { gracePeriodSeconds: 0 });
  cluster.refuse('resourceclaims', undefined);
  await cluster.advance('11s');
  assert.equal(await nodeOf(cluster, 'q'), 'a');
  await cluster.stop();
});

test('a pod that could not be bound gives its claim back', async () => {
  const cluster = await start({ a: 1 });
  for (const name of ['c', 'k']) await addClaim(cluster, name);
  cluster.refuse('pods/binding', new Error('no bindings today'));
  await addPod(cluster, 'p', 'c');
  await cluster.advance(100);
  const { status } = await claimOf(cluster, 'c');
  assert.equal(status.allocation, undefined);
  assert.deepEqual(status.reservedFor ?? [], []);
  await cluster.client.delete(pods, { namespace, name: 'p' }, { gracePeriodSeconds: 0 });
  cluster.refuse('pods/binding', undefined);
  await addPod(cluster, 'q', 'k');
  await cluster.advance('11s');
  assert.equal(await nodeOf(cluster, 'q'), 'a');
  await cluster.stop();
});
