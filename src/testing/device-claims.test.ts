/** Devices for pods, from a template to the last pod: controllers, scheduler and collector together. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobs } from '../api/groups/batch/job/job.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { deviceClasses } from '../api/groups/resource/device-class/device-class.ts';
import { resourceClaims } from '../api/groups/resource/resource-claim/resource-claim.ts';
import { resourceClaimTemplates } from '../api/groups/resource/resource-claim-template/resource-claim-template.ts';
import { resourceSlices } from '../api/groups/resource/resource-slice/resource-slice.ts';
import { startCluster } from './start-cluster.ts';

const namespace = 'default';
const DRIVER = 'gpu.example.com';

test('three pods take turns at two devices, and leave nothing behind', async () => {
  const cluster = await startCluster({ nodes: 2 });
  const { client } = cluster;
  await client.create(deviceClasses, { metadata: { name: 'gpu' }, spec: {} });
  await client.create(resourceClaimTemplates, {
    metadata: { namespace, name: 'one' },
    spec: {
      spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu', count: 1 } }] } },
    },
  });
  await client.create(resourceSlices, {
    metadata: { name: 'slice' },
    spec: {
      driver: DRIVER,
      pool: { name: 'node-2', generation: 1, resourceSliceCount: 1 },
      nodeName: 'node-2',
      devices: [{ name: 'gpu-0' }, { name: 'gpu-1' }],
    },
  });
  await client.create(jobs, {
    metadata: { namespace, name: 'train' },
    spec: {
      parallelism: 3,
      completions: 3,
      template: {
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'c', image: 'i', resources: { claims: [{ name: 'gpu' }] } }],
          resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'one' }],
        },
      },
    },
  });
  await cluster.settle();
  const placedPods = async () =>
    (await client.list(pods, { namespace })).items.filter(
      ({ spec, status }) => spec.nodeName !== undefined && status.phase !== 'Succeeded',
    );
  const placed = await placedPods();
  assert.deepEqual(
    placed.map(({ spec }) => spec.nodeName),
    ['node-2', 'node-2'],
  );
  const claims = (await client.list(resourceClaims, { namespace })).items;
  assert.equal(claims.length, 3);
  assert.deepEqual(
    claims
      .flatMap(({ status }) => status.allocation?.devices.results ?? [])
      .map(({ device }) => device)
      .toSorted(),
    ['gpu-0', 'gpu-1'],
  );
  for (let round = 0; round < 3; round++) {
    for (const { metadata } of await placedPods())
      await client.patch(
        pods,
        { namespace, name: metadata.name ?? '' },
        { type: 'merge', body: { status: { phase: 'Succeeded' } } },
        { subresource: 'status' },
      );
    await cluster.clock.advance('30s');
  }
  assert.equal((await client.get(jobs, { namespace, name: 'train' })).status.succeeded, 3);
  assert.deepEqual((await client.list(resourceClaims, { namespace })).items, []);
  await cluster.stop();
});
