/** Devices that must be attached to the node before the pod is bound, shared devices, and idle allocations. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodes } from '../../../api/groups/core/node/node.ts';
import { pods } from '../../../api/groups/core/pod/pod.ts';
import { resourceClaims } from '../../../api/groups/resource/resource-claim/resource-claim.ts';
import type { Device } from '../../../api/types.gen.ts';
import type { TestScheduler } from '../../scheduler.fixture.ts';
import {
  addClaim,
  addDevices,
  addPod,
  claimOf,
  DRIVER,
  messageOf,
  namespace,
  nodeOf,
  start,
} from './dynamic-resources.fixture.ts';

const ATTACHED: Device = {
  name: 'gpu-0',
  bindsToNode: true,
  bindingConditions: ['Attached'],
  bindingFailureConditions: ['Broken'],
};

/** As the driver tells it. */
async function tell(cluster: TestScheduler, claimName: string, type: string, pool: string): Promise<void> {
  const claim = await claimOf(cluster, claimName);
  const condition = { type, status: 'True', reason: 'Told', message: 'by the driver' } as const;
  const conditions = [{ ...condition, lastTransitionTime: '2026-01-01T00:00:00Z' }];
  const devices = [{ driver: DRIVER, pool, device: 'gpu-0', conditions }];
  const next = { ...claim, status: { ...claim.status, devices } };
  await cluster.client.update(resourceClaims, next, { subresource: 'status' });
}

test('a pod waits until its device is attached to the node', async () => {
  const cluster = await start({ a: 0 });
  await addDevices(cluster, 'fabric', [ATTACHED], { allNodes: true });
  await addClaim(cluster, 'c');
  await addPod(cluster, 'p', 'c');
  await cluster.advance('10s');
  assert.equal(await nodeOf(cluster, 'p'), undefined);
  assert.ok(
    cluster.events.includes('BindingConditionsPending: waiting for binding conditions for device on node a'),
  );
  const { allocation } = (await claimOf(cluster, 'c')).status;
  assert.deepEqual(allocation?.nodeSelector?.nodeSelectorTerms[0]?.matchFields?.[0]?.values, ['a']);
  assert.deepEqual(allocation?.devices.results?.[0]?.bindingConditions, ['Attached']);
  assert.ok(allocation?.allocationTimestamp !== undefined);
  await tell(cluster, 'c', 'Attached', 'fabric');
  await cluster.advance(100);
  assert.equal(await nodeOf(cluster, 'p'), 'a');
  await cluster.stop();
});

test('a device that cannot be attached is given up for another', async () => {
  const cluster = await start({ a: [ATTACHED] });
  await addClaim(cluster, 'c');
  await addPod(cluster, 'p', 'c');
  await cluster.advance(100);
  await tell(cluster, 'c', 'Broken', 'a');
  // The broken one is withdrawn meanwhile, and another node has a sound one.
  await cluster.client.delete(nodes, { name: 'a' });
  await cluster.client.create(nodes, {
    metadata: { name: 'b' },
    status: { allocatable: { cpu: '8', memory: '8Gi', pods: '10' } },
  });
  await addDevices(cluster, 'b', [{ name: 'gpu-0' }]);
  await cluster.advance('5s');
  const text = 'running PreBind plugin "DynamicResources": claim c binding failed: reason=Told';
  assert.ok(
    cluster.events.some((event) => event.includes(text)),
    cluster.events.join('\n'),
  );
  assert.equal(await nodeOf(cluster, 'p'), 'b');
  await cluster.stop();
});

test('a device that is not ready in time is given up, too, and a pod that goes waits no more', async () => {
  const cluster = await start({ a: [ATTACHED] });
  await addClaim(cluster, 'c');
  await addPod(cluster, 'p', 'c');
  await cluster.advance('599s');
  assert.ok((await claimOf(cluster, 'c')).status.allocation !== undefined);
  await cluster.advance('2s');
  assert.ok(cluster.events.some((event) => event.endsWith('device binding timeout')));
  await cluster.client.delete(pods, { namespace, name: 'p' }, { gracePeriodSeconds: 0 });
  await cluster.advance(100);
  assert.equal((await claimOf(cluster, 'c')).status.allocation, undefined);
  await cluster.stop();
});

test('an allocation that nobody uses is given up when it is in the way', async () => {
  const cluster = await start({ a: 1, b: 1 });
  await addClaim(cluster, 'c');
  await addPod(cluster, 'p', 'c', { nodeSelector: { disk: 'fast' } });
  await cluster.advance(100);
  assert.equal(await nodeOf(cluster, 'p'), undefined);
  assert.match(await messageOf(cluster, 'p'), /\. still not schedulable, preemption: 0\/2 nodes are/);
  const claim = await claimOf(cluster, 'c');
  const here = { key: 'metadata.name', operator: 'In' as const, values: ['a'] };
  const results = [{ request: 'r', driver: DRIVER, pool: 'a', device: 'gpu-0' }];
  const allocation = { devices: { results }, nodeSelector: { nodeSelectorTerms: [{ matchFields: [here] }] } };
  await cluster.client.update(
    resourceClaims,
    { ...claim, status: { allocation } },
    { subresource: 'status' },
  );
  const node = await cluster.client.get(nodes, { name: 'b' });
  const metadata = { ...node.metadata, labels: { disk: 'fast' } };
  await cluster.client.update(nodes, { ...node, metadata });
  await cluster.advance('15s');
  assert.ok(
    cluster.events.some((event) => event.includes('deallocation of ResourceClaim completed, preemption: ')),
    cluster.events.join('\n'),
  );
  assert.equal(await nodeOf(cluster, 'p'), 'b');
  await cluster.stop();
});

test('parts of one device for several pods, as many as there is room for', async () => {
  const capacity = { bandwidth: { value: '100' } };
  const cluster = await start({ a: [{ name: 'gpu-0', allowMultipleAllocations: true, capacity }] });
  const names = ['p', 'q', 'r'];
  for (const name of names) await addClaim(cluster, name, { capacity: { requests: { bandwidth: '50' } } });
  for (const name of names) await addPod(cluster, name, name);
  await cluster.advance(100);
  const placed = await Promise.all(names.map((name) => nodeOf(cluster, name)));
  assert.deepEqual(placed, ['a', 'a', undefined]);
  const shares = await Promise.all(names.map((name) => claimOf(cluster, name)));
  const results = shares.flatMap(({ status }) => status.allocation?.devices.results ?? []);
  assert.deepEqual(
    results.map(({ consumedCapacity }) => consumedCapacity),
    [{ bandwidth: '50' }, { bandwidth: '50' }],
  );
  assert.equal(new Set(results.map(({ shareID }) => shareID)).size, 2);
  // One of them goes: its part is free.
  const claim = await claimOf(cluster, 'p');
  await cluster.client.update(resourceClaims, { ...claim, status: {} }, { subresource: 'status' });
  await cluster.advance('5s');
  assert.equal(await nodeOf(cluster, 'r'), 'a');
  await cluster.stop();
});

test('the node where the best of several wishes comes true', async () => {
  const model = (name: string): Device => ({ name: 'gpu-0', attributes: { model: { string: name } } });
  const cluster = await start({ a: [model('small')], b: [model('large')], c: [model('small')] });
  const wish = (name: string) => {
    const expression = `device.attributes["${DRIVER}"].model == "${name}"`;
    return { name, deviceClassName: 'gpu', selectors: [{ cel: { expression } }] };
  };
  await cluster.client.create(resourceClaims, {
    metadata: { namespace, name: 'c' },
    spec: { devices: { requests: [{ name: 'r', firstAvailable: [wish('large'), wish('small')] }] } },
  });
  await addPod(cluster, 'p', 'c');
  await cluster.advance(100);
  assert.equal(await nodeOf(cluster, 'p'), 'b');
  assert.equal((await claimOf(cluster, 'c')).status.allocation?.devices.results?.[0]?.request, 'r/large');
  await cluster.stop();
});
