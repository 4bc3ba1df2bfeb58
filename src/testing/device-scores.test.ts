/** Resources that come from devices are scored as those that nodes have themselves. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from '../api/groups/core/pod/pod.ts';
import { deviceClasses } from '../api/groups/resource/device-class/device-class.ts';
import { resourceClaims } from '../api/groups/resource/resource-claim/resource-claim.ts';
import { resourceSlices } from '../api/groups/resource/resource-slice/resource-slice.ts';
import { startCluster, type TestCluster } from './start-cluster.ts';

const namespace = 'default';
const GPU = 'example.com/gpu';

/** With so many devices on node-1 and node-2, and one plugin that scores. */
async function withDevices(
  devices: readonly [number, number],
  plugin: string,
  args: string,
): Promise<TestCluster> {
  const schedulerConfig = `
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- plugins: {score: {disabled: [{name: "*"}], enabled: [{name: ${plugin}}]}}
  pluginConfig:
  - {name: ${plugin}, args: ${args}}
`;
  const cluster = await startCluster({ nodes: 2, schedulerConfig });
  await cluster.settle();
  const expression = 'device.driver == "gpu.example.com"';
  await cluster.client.create(deviceClasses, {
    metadata: { name: 'gpu' },
    spec: { extendedResourceName: GPU, selectors: [{ cel: { expression } }] },
  });
  await addDevices(cluster, 'node-1', 'gpu.example.com', devices[0]);
  await addDevices(cluster, 'node-2', 'gpu.example.com', devices[1]);
  // Not of the class.
  await addDevices(cluster, 'node-2', 'nic.example.com', 9);
  return cluster;
}

async function addDevices(
  { client }: TestCluster,
  nodeName: string,
  driver: string,
  count: number,
): Promise<void> {
  await client.create(resourceSlices, {
    metadata: { name: `${nodeName}-${driver}` },
    spec: {
      driver,
      pool: { name: nodeName, generation: 1, resourceSliceCount: 1 },
      nodeName,
      devices: Array.from({ length: count }, (_, i) => ({ name: `d-${i}` })),
    },
  });
}

/** The node that the pod gets. */
async function run(
  cluster: TestCluster,
  name: string,
  requests: { readonly [name: string]: string },
  spec: object = {},
): Promise<string | undefined> {
  await cluster.client.create(pods, {
    metadata: { namespace, name },
    spec: { containers: [{ name: 'c', image: 'i', resources: { requests, limits: requests } }], ...spec },
  });
  await cluster.settle();
  return (await cluster.client.get(pods, { namespace, name })).spec.nodeName;
}

const fit = (type: string): string =>
  `{scoringStrategy: {type: ${type}, resources: [{name: ${GPU}, weight: 1}]}}`;

test('the node whose devices are used most is filled first', async () => {
  const cluster = await withDevices([2, 4], 'NodeResourcesFit', fit('MostAllocated'));
  for (const [name, expected] of [
    ['a', 'node-1'],
    ['b', 'node-1'],
    ['c', 'node-2'],
  ] as const)
    assert.equal(await run(cluster, name, { [GPU]: '1' }), expected, name);
  await cluster.stop();
});

test('devices count that are taken by claims, and those that come later', async () => {
  const cluster = await withDevices([4, 8], 'NodeResourcesFit', fit('LeastAllocated'));
  const { client } = cluster;
  await client.create(resourceClaims, {
    metadata: { namespace, name: 'six' },
    spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu', count: 6 } }] } },
  });
  const resourceClaimsOf = { resourceClaims: [{ name: 'six', resourceClaimName: 'six' }] };
  assert.equal(await run(cluster, 'taker', { cpu: '1' }, resourceClaimsOf), 'node-2');
  // 3 of 4 are left then, instead of 1 of 8; 2 of 4 after the second one.
  assert.equal(await run(cluster, 'a', { [GPU]: '1' }), 'node-1');
  assert.equal(await run(cluster, 'b', { [GPU]: '1' }), 'node-1');
  const ref = { name: 'node-2-gpu.example.com' };
  const slice = await client.get(resourceSlices, ref);
  const devices = Array.from({ length: 40 }, (_, i) => ({ name: `d-${i}` }));
  await client.update(resourceSlices, { ...slice, spec: { ...slice.spec, devices } });
  await cluster.settle();
  assert.equal(await run(cluster, 'c', { [GPU]: '1' }), 'node-2');
  await cluster.stop();
});

test('devices are balanced with what a node has itself', async () => {
  const args = `{resources: [{name: cpu, weight: 1}, {name: ${GPU}, weight: 1}]}`;
  // A quarter of the processors, and half or a quarter of the devices.
  for (const [devices, expected] of [
    [[2, 4], 'node-2'],
    [[4, 2], 'node-1'],
  ] as const) {
    const cluster = await withDevices(devices, 'NodeResourcesBalancedAllocation', args);
    assert.equal(await run(cluster, 'a', { cpu: '1', [GPU]: '1' }), expected);
    await cluster.stop();
  }
});
