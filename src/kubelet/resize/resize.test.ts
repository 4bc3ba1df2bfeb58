import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Pod, ResourceRequirements } from '../../api/types.gen.ts';
import { PODS } from '../resource-types.ts';
import { startTestNode, type TestNode } from '../kubelet.fixture.ts';
import { PodAllocation } from './allocation.ts';
import { widest } from './resources.ts';

const podOf = (...resources: readonly ResourceRequirements[]): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default', uid: 'u' },
  spec: { containers: resources.map((own, i) => ({ name: `c${i}`, resources: own })) },
  status: {},
});
const cpus = (request: string, limit: string): ResourceRequirements => ({
  requests: { cpu: request },
  limits: { cpu: limit },
});

test('what does not fit leaves the promise as it was', () => {
  const allocation = new PodAllocation();
  const unknown = (): undefined => undefined;
  const small = podOf(cpus('1', '2'));
  const large = podOf(cpus('100', '200'));
  const problem = { reason: 'Infeasible', message: 'too much' } as const;
  const problemOf = (pod: Pod): typeof problem | undefined => (pod === large ? problem : undefined);
  assert.equal(allocation.decide(small, unknown, problemOf), small);
  assert.deepEqual(allocation.decide(large, unknown, problemOf).spec, small.spec);
  assert.equal(allocation.pending, problem);
  const medium = podOf(cpus('2', '2'));
  assert.equal(allocation.decide(medium, unknown, problemOf), medium);
  assert.equal(allocation.pending, undefined);
});

test('a kubelet that starts anew has promised what runs', () => {
  const problem = { reason: 'Deferred', message: 'later' } as const;
  const given = podOf(cpus('1', '2'));
  const promised = new PodAllocation().decide(
    podOf(cpus('4', '8')),
    () => given.spec.containers[0]?.resources,
    () => problem,
  );
  assert.deepEqual(promised.spec, given.spec);
});

test('between before and after a pod has room for both', () => {
  const before = new Map([
    ['c0', { requests: { cpu: '1', memory: '10Mi' }, limits: { cpu: '3', memory: '20Mi' } }],
    ['c1', { requests: { cpu: '1' } }],
  ]);
  const after = podOf(
    { requests: { cpu: '2', memory: '5Mi' }, limits: { cpu: '2', memory: '30Mi' } },
    cpus('1', '1'),
    cpus('7', '7'),
  );
  assert.deepEqual(
    widest(after, before).spec.containers.map(({ resources }) => resources),
    [
      { requests: { cpu: '2', memory: '10Mi' }, limits: { cpu: '3', memory: '30Mi' } },
      { requests: { cpu: '1' }, limits: {} },
      cpus('7', '7'),
    ],
  );
});

const quotaOf = async (node: TestNode): Promise<number | undefined> => {
  const [container] = await node.runtime.listContainers({ state: 'CONTAINER_RUNNING' });
  const { resources } = await node.runtime.containerStatus(container?.id ?? '');
  return resources?.cpuQuota;
};
const resize = async (node: TestNode, resources: ResourceRequirements): Promise<void> => {
  const { spec, metadata, ...rest } = await node.pod('web');
  const containers = spec.containers.map((container) => ({ ...container, resources }));
  await node.client.update(
    PODS,
    { ...rest, metadata, spec: { ...spec, containers } },
    { subresource: 'resize' },
  );
  await node.host.clock.advance('3s');
};
const conditionsOf = async (node: TestNode): Promise<readonly unknown[]> =>
  ((await node.pod('web')).status.conditions ?? [])
    .filter(({ type }) => type.startsWith('PodResize'))
    .map(({ type, reason, message }) => [type, reason, message]);

test('a running container gets what its pod asks for, and the status tells', async () => {
  const node = await startTestNode();
  const resources = { requests: { cpu: '100m' }, limits: { cpu: '200m' } };
  await node.createPod('web', { containers: [{ name: 'app', image: 'web:1', resources }] });
  assert.equal(await quotaOf(node), 20_000);
  const more = { requests: { cpu: '150m' }, limits: { cpu: '300m' } };
  await resize(node, more);
  assert.equal(await quotaOf(node), 30_000);
  const [status] = (await node.pod('web')).status.containerStatuses ?? [];
  assert.deepEqual(
    [status?.resources, status?.allocatedResources, status?.restartCount],
    [more, more.requests, 0],
  );
  assert.deepEqual(await conditionsOf(node), []);
  await node.stop();
});

test('a resize beyond the node is told to be infeasible, and nothing changes', async () => {
  const node = await startTestNode();
  const resources = { requests: { cpu: '100m' }, limits: { cpu: '200m' } };
  await node.createPod('web', { containers: [{ name: 'app', image: 'web:1', resources }] });
  await resize(node, { requests: { cpu: '1000' }, limits: { cpu: '2000' } });
  assert.equal(await quotaOf(node), 20_000);
  const [status] = (await node.pod('web')).status.containerStatuses ?? [];
  assert.deepEqual([status?.resources, status?.allocatedResources], [resources, resources.requests]);
  const [[type, reason, message] = []] = (await conditionsOf(node)) as readonly (readonly string[])[];
  assert.deepEqual([type, reason], ['PodResizePending', 'Infeasible']);
  assert.match(message ?? '', /^Node didn't have enough capacity: cpu, requested: 1000000, capacity: \d+$/);
  const after = await node.restart();
  assert.equal(await quotaOf(after), 20_000);
  await resize(after, resources);
  assert.deepEqual(await conditionsOf(after), []);
  await after.stop();
});

test('a resize that waits for room gets it when another pod goes', async () => {
  const node = await startTestNode();
  const pod = (resources: ResourceRequirements) => ({
    containers: [{ name: 'app', image: 'web:1', resources }],
  });
  await node.createPod('web', pod(cpus('1', '2')));
  await node.createPod('other', pod({ requests: { cpu: '5' } }));
  await resize(node, cpus('4', '4'));
  const [[type, reason, message] = []] = (await conditionsOf(node)) as readonly (readonly string[])[];
  assert.deepEqual([type, reason], ['PodResizePending', 'Deferred']);
  assert.equal(message, "Node didn't have enough resource: cpu, requested: 4000, used: 5000, capacity: 8000");
  await node.client.delete(PODS, { namespace: 'default', name: 'other' });
  await node.host.clock.advance('3s');
  assert.deepEqual(await conditionsOf(node), []);
  assert.deepEqual((await node.pod('web')).status.containerStatuses?.[0]?.resources, cpus('4', '4'));
  await node.stop();
});

test('amounts that the kernel refuses are tried again, and hold nothing else back', async () => {
  const node = await startTestNode();
  const resources = cpus('1', '2');
  const containers = ['app', 'other'].map((name) => ({ name, image: 'web:1', resources }));
  await node.createPod('web', { containers });
  const update = node.runtime.updateContainerResources.bind(node.runtime);
  let refusals = 0;
  node.runtime.updateContainerResources = async () => {
    refusals++;
    throw new Error('device or resource busy');
  };
  await resize(node, cpus('2', '2'));
  assert.deepEqual(await conditionsOf(node), [['PodResizeInProgress', 'Error', 'device or resource busy']]);
  assert.equal(refusals, 1);
  const [one] = await node.runtime.listContainers({ state: 'CONTAINER_RUNNING' });
  await node.runtime.stopContainer(one?.id ?? '', 0);
  await node.host.clock.advance('2s');
  assert.equal((await node.runtime.listContainers({ state: 'CONTAINER_RUNNING' })).length, 2);
  node.runtime.updateContainerResources = update;
  await node.host.clock.advance('11s');
  assert.deepEqual(await conditionsOf(node), []);
  for (const { resources: own } of (await node.pod('web')).status.containerStatuses ?? [])
    assert.deepEqual(own, cpus('2', '2'));
  await node.stop();
});
