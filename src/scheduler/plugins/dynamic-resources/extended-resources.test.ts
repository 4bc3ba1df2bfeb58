import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodes } from '../../../api/groups/core/node/node.ts';
import { pods } from '../../../api/groups/core/pod/pod.ts';
import { deviceClasses } from '../../../api/groups/resource/device-class/device-class.ts';
import { ALLOCATION_FINALIZER } from '../../../api/groups/resource/pod-resource-claims.ts';
import { resourceClaims } from '../../../api/groups/resource/resource-claim/resource-claim.ts';
import type { ResourceV1ResourceClaim } from '../../../api/types.gen.ts';
import type { TestScheduler } from '../../scheduler.fixture.ts';
import {
  addDevices,
  messageOf,
  namespace,
  nodeOf,
  plainDevices,
  podOf,
  start,
} from './dynamic-resources.fixture.ts';

const GPU = 'example.com/gpu';

async function standFor(cluster: TestScheduler, resource: string): Promise<void> {
  const spec = { extendedResourceName: resource };
  await cluster.client.create(deviceClasses, { metadata: { name: 'for-pods' }, spec });
}

async function addPod({ client }: TestScheduler, name: string, requests: object): Promise<void> {
  await client.create(pods, {
    metadata: { namespace, name },
    spec: {
      schedulerName: 'default-scheduler',
      containers: [
        { name: 'c', image: 'i', resources: { requests: { ...requests }, limits: { ...requests } } },
      ],
    },
  });
}

async function claims({ client }: TestScheduler): Promise<readonly ResourceV1ResourceClaim[]> {
  return (await client.list(resourceClaims)).items;
}

test('a resource that no node has comes from devices of its class', async () => {
  const cluster = await start({ a: 0, b: 3 });
  await standFor(cluster, GPU);
  await addPod(cluster, 'p', { [GPU]: '2' });
  await cluster.advance(100);
  assert.equal(await nodeOf(cluster, 'p'), 'b');
  const [claim, ...others] = await claims(cluster);
  assert.equal(others.length, 0);
  assert.match(claim?.metadata.name ?? '', /^p-extended-resources-/);
  assert.deepEqual(claim?.metadata.annotations, { 'resource.kubernetes.io/extended-resource-claim': 'true' });
  assert.deepEqual(claim.metadata.finalizers, [ALLOCATION_FINALIZER]);
  assert.deepEqual(claim.spec.devices.requests, [
    {
      name: 'container-0-request-0',
      exactly: { deviceClassName: 'for-pods', allocationMode: 'ExactCount', count: 2 },
    },
  ]);
  assert.deepEqual(
    claim.status.allocation?.devices.results?.map(({ device }) => device),
    ['gpu-0', 'gpu-1'],
  );
  assert.deepEqual(
    claim.status.reservedFor?.map(({ name }) => name),
    ['p'],
  );
  assert.deepEqual((await podOf(cluster, 'p')).status.extendedResourceClaimStatus, {
    requestMappings: [{ containerName: 'c', resourceName: GPU, requestName: 'container-0-request-0' }],
    resourceClaimName: claim.metadata.name,
  });
  // Asked again, it could stay where its devices are, and nowhere else.
  assert.equal(cluster.scheduler.explain(await podOf(cluster, 'p'))?.fitting, 1);
  // There is one left.
  await addPod(cluster, 'q', { [GPU]: '2' });
  await addPod(cluster, 'r', { 'deviceclass.resource.kubernetes.io/gpu': '1' });
  await cluster.advance(100);
  assert.match(await messageOf(cluster, 'q'), /^0\/2 nodes are available: 2 cannot allocate all claims\./);
  assert.equal(await nodeOf(cluster, 'r'), 'b');
  await cluster.stop();
});

test('a node that has the resource itself gives its own', async () => {
  const cluster = await start({ a: 0 });
  await standFor(cluster, GPU);
  const node = await cluster.client.get(nodes, { name: 'a' });
  const allocatable = { ...node.status.allocatable, [GPU]: '1' };
  await cluster.client.update(
    nodes,
    { ...node, status: { ...node.status, allocatable } },
    { subresource: 'status' },
  );
  await addPod(cluster, 'p', { [GPU]: '1' });
  await addPod(cluster, 'q', { [GPU]: '1' });
  await cluster.advance(100);
  assert.equal(await nodeOf(cluster, 'p'), 'a');
  assert.match(await messageOf(cluster, 'q'), new RegExp(`1 Insufficient ${GPU}`));
  assert.deepEqual(await claims(cluster), []);
  await cluster.stop();
});

test('a class, or devices, that come later are taken', async () => {
  const cluster = await start({ a: 0 });
  await addPod(cluster, 'p', { [GPU]: '1' });
  await cluster.advance(100);
  assert.match(await messageOf(cluster, 'p'), new RegExp(`1 Insufficient ${GPU}`));
  await standFor(cluster, GPU);
  await cluster.advance('3s');
  assert.match(await messageOf(cluster, 'p'), /1 cannot allocate all claims\. still not schedulable, /);
  await addDevices(cluster, 'a', plainDevices(1));
  await cluster.advance('5s');
  assert.equal(await nodeOf(cluster, 'p'), 'a');
  await cluster.stop();
});

test('a pod that could not be bound leaves no claim behind, and gets its devices in the end', async () => {
  const cluster = await start({ a: 1 });
  await standFor(cluster, GPU);
  cluster.refuse('pods/binding', new Error('no bindings today'));
  await addPod(cluster, 'p', { [GPU]: '1' });
  await cluster.advance(100);
  assert.deepEqual(await claims(cluster), []);
  assert.equal(await nodeOf(cluster, 'p'), undefined);
  cluster.refuse('pods/binding', undefined);
  await cluster.advance('5s');
  assert.equal(await nodeOf(cluster, 'p'), 'a');
  assert.equal((await claims(cluster)).length, 1);
  await cluster.stop();
});

test('a claim that an earlier try left behind goes first', async () => {
  const cluster = await start({ a: 1 });
  await standFor(cluster, GPU);
  const node = await cluster.client.get(nodes, { name: 'a' });
  await cluster.client.update(nodes, { ...node, spec: { ...node.spec, unschedulable: true } });
  await addPod(cluster, 'p', { [GPU]: '1' });
  await cluster.advance(100);
  const { uid = '' } = (await podOf(cluster, 'p')).metadata;
  await cluster.client.create(resourceClaims, {
    metadata: {
      namespace,
      name: 'left',
      finalizers: [ALLOCATION_FINALIZER],
      annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid, controller: true }],
    },
    spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu' } }] } },
  });
  const again = await cluster.client.get(nodes, { name: 'a' });
  await cluster.client.update(nodes, { ...again, spec: {} });
  await cluster.advance('10s');
  assert.ok(
    cluster.events.some((event) => event.includes('. deletion of ResourceClaim completed, preemption: ')),
    cluster.events.join('\n'),
  );
  assert.equal(await nodeOf(cluster, 'p'), 'a');
  assert.ok((await claims(cluster)).every(({ metadata }) => metadata.name !== 'left'));
  await cluster.stop();
});
