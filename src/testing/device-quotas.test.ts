/** Quotas of devices in a whole cluster: pods that ask for a resource, and claims that ask for devices. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from '../api/groups/core/pod/pod.ts';
import { resourceQuotas } from '../api/groups/core/resource-quota/resource-quota.ts';
import { deviceClasses } from '../api/groups/resource/device-class/device-class.ts';
import { resourceClaims } from '../api/groups/resource/resource-claim/resource-claim.ts';
import { resourceSlices } from '../api/groups/resource/resource-slice/resource-slice.ts';
import { startCluster, type TestCluster } from './start-cluster.ts';

const namespace = 'default';
const QUOTA = { namespace, name: 'q' };
const GPU = 'example.com/gpu';
const DEVICES = 'gpu.deviceclass.resource.k8s.io/devices';
const BY_CLASS = 'requests.deviceclass.resource.kubernetes.io/gpu';
const BY_RESOURCE = `requests.${GPU}`;

async function withDevices(hard: { readonly [name: string]: string }): Promise<TestCluster> {
  const cluster = await startCluster();
  const { client } = cluster;
  await cluster.settle();
  await client.create(deviceClasses, { metadata: { name: 'gpu' }, spec: { extendedResourceName: GPU } });
  await client.create(resourceSlices, {
    metadata: { name: 'slice' },
    spec: {
      driver: 'gpu.example.com',
      pool: { name: 'node-1', generation: 1, resourceSliceCount: 1 },
      nodeName: 'node-1',
      devices: Array.from({ length: 6 }, (_, i) => ({ name: `gpu-${i}` })),
    },
  });
  await client.create(resourceQuotas, { metadata: QUOTA, spec: { hard } });
  await cluster.settle();
  return cluster;
}

const addPod = ({ client }: TestCluster, name: string, resource: string, amount: string) =>
  client.create(pods, {
    metadata: { namespace, name },
    spec: {
      restartPolicy: 'Never',
      containers: [
        {
          name: 'c',
          image: 'i',
          resources: { requests: { [resource]: amount }, limits: { [resource]: amount } },
        },
      ],
    },
  });

const addClaim = ({ client }: TestCluster, name: string, count: number) =>
  client.create(resourceClaims, {
    metadata: { namespace, name },
    spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu', count } }] } },
  });

const usedOf = async ({ client }: TestCluster) => (await client.get(resourceQuotas, QUOTA)).status.used;

test('a pod and the claim that is made for it count once, claims of others beside them', async () => {
  const cluster = await withDevices({ [DEVICES]: '9', [BY_CLASS]: '4', [BY_RESOURCE]: '3' });
  const { client } = cluster;
  await addPod(cluster, 'p', GPU, '2');
  await cluster.settle();
  const pod = await client.get(pods, { namespace, name: 'p' });
  assert.equal(pod.spec.nodeName, 'node-1');
  assert.ok(pod.status.extendedResourceClaimStatus !== undefined);
  const ofPod = { [DEVICES]: '2', [BY_CLASS]: '2', [BY_RESOURCE]: '2' };
  assert.deepEqual(await usedOf(cluster), ofPod);
  // Counted anew it is the same.
  await cluster.clock.advance('6m');
  assert.deepEqual(await usedOf(cluster), ofPod);
  await assert.rejects(addClaim(cluster, 'two', 2), {
    message:
      'resourceclaims.resource.k8s.io "two" is forbidden: exceeded quota: q, ' +
      `requested: ${BY_RESOURCE}=2, used: ${BY_RESOURCE}=2, limited: ${BY_RESOURCE}=3`,
  });
  await addClaim(cluster, 'one', 1);
  await assert.rejects(addPod(cluster, 'q', GPU, '1'), {
    message:
      'pods "q" is forbidden: exceeded quota: q, ' +
      `requested: ${BY_RESOURCE}=1, used: ${BY_RESOURCE}=3, limited: ${BY_RESOURCE}=3`,
  });
  const body = { status: { phase: 'Succeeded' } };
  await client.patch(pods, { namespace, name: 'p' }, { type: 'merge', body }, { subresource: 'status' });
  await cluster.clock.advance('1s');
  assert.deepEqual(await usedOf(cluster), { [DEVICES]: '1', [BY_CLASS]: '1', [BY_RESOURCE]: '1' });
  await client.delete(resourceClaims, { namespace, name: 'one' });
  await cluster.clock.advance('1s');
  assert.deepEqual(await usedOf(cluster), { [DEVICES]: '0', [BY_CLASS]: '0', [BY_RESOURCE]: '0' });
  await cluster.stop();
});

test('a pod that asks by the name of the class counts for that, its claim for the resource', async () => {
  const cluster = await withDevices({ [BY_CLASS]: '2', [BY_RESOURCE]: '9' });
  await addPod(cluster, 'p', 'deviceclass.resource.kubernetes.io/gpu', '2');
  await cluster.settle();
  assert.deepEqual(await usedOf(cluster), { [BY_CLASS]: '2', [BY_RESOURCE]: '2' });
  await assert.rejects(
    addPod(cluster, 'q', 'deviceclass.resource.kubernetes.io/gpu', '1'),
    /exceeded quota: q, requested: requests\.deviceclass\.resource\.kubernetes\.io\/gpu=1,/,
  );
  await cluster.stop();
});

test('what a class stands for decides what claims count for, from the moment when it changes', async () => {
  const cluster = await withDevices({ [BY_RESOURCE]: '5', 'requests.example.com/other': '5' });
  const { client } = cluster;
  await addClaim(cluster, 'two', 2);
  assert.deepEqual(await usedOf(cluster), { [BY_RESOURCE]: '2', 'requests.example.com/other': '0' });
  const body = { spec: { extendedResourceName: 'example.com/other' } };
  await client.patch(deviceClasses, { name: 'gpu' }, { type: 'merge', body });
  await cluster.clock.advance('1s');
  assert.deepEqual(await usedOf(cluster), { [BY_RESOURCE]: '0', 'requests.example.com/other': '2' });
  await addClaim(cluster, 'three', 3);
  await assert.rejects(addClaim(cluster, 'four', 4), /requests\.example\.com\/other=4/);
  await client.delete(deviceClasses, { name: 'gpu' });
  await cluster.clock.advance('1s');
  assert.deepEqual(await usedOf(cluster), { [BY_RESOURCE]: '0', 'requests.example.com/other': '0' });
  await cluster.stop();
});

test('claims that pretend to be made for a pod count', async () => {
  const cluster = await withDevices({ [BY_RESOURCE]: '3' });
  const { client } = cluster;
  await addPod(cluster, 'p', GPU, '2');
  await cluster.settle();
  const { uid = '' } = (await client.get(pods, { namespace, name: 'p' })).metadata;
  const pretend = client.create(resourceClaims, {
    metadata: {
      namespace,
      name: 'a',
      annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid, controller: true }],
    },
    spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu', count: 2 } }] } },
  });
  await assert.rejects(pretend, /exceeded quota: q, requested: requests\.example\.com\/gpu=2/);
  await cluster.stop();
});
