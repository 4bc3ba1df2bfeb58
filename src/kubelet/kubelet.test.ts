import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startTestNode } from './kubelet.fixture.ts';
import { NODES, LEASES, PODS } from './resource-types.ts';

const server = { name: 'app', image: 'web:1' };

test('the node registers, becomes ready and renews its lease', async () => {
  const node = await startTestNode();
  const object = await node.client.get(NODES, { name: 'n1' });
  assert.equal(object.metadata.labels?.['kubernetes.io/hostname'], 'n1');
  assert.equal(object.status.capacity?.['pods'], '110');
  const ready = object.status.conditions?.find(({ type }) => type === 'Ready');
  assert.deepEqual([ready?.status, ready?.reason], ['True', 'KubeletReady']);
  await node.host.clock.advance('25s');
  const lease = await node.client.get(LEASES, { namespace: 'kube-node-lease', name: 'n1' });
  assert.equal(lease.spec.leaseDurationSeconds, 40);
  assert.equal(Date.parse(lease.spec.renewTime ?? ''), Date.UTC(2026, 0, 1, 0, 0, 20));
  await node.stop();
});

test('a pod runs, and ends when it is deleted', async () => {
  const node = await startTestNode();
  await node.createPod('web', { containers: [server] });
  const pod = await node.pod('web');
  assert.equal(pod.status.phase, 'Running');
  assert.equal(pod.status.podIP, '10.42.0.2');
  assert.equal(pod.status.hostIP, '192.168.0.1');
  const [status] = pod.status.containerStatuses ?? [];
  assert.equal(status?.ready, true);
  assert.match(status.containerID ?? '', /^k8ts-memory:\/\/[0-9a-f]{64}$/);
  const conditions = Object.fromEntries((pod.status.conditions ?? []).map((c) => [c.type, c.status]));
  assert.deepEqual(conditions, {
    PodReadyToStartContainers: 'True',
    Initialized: 'True',
    Ready: 'True',
    ContainersReady: 'True',
    PodScheduled: 'True',
  });
  assert.deepEqual(
    node.events.map((event) => event.split(' ')[0]),
    ['Pulling', 'Pulled', 'Created', 'Started'],
  );
  await node.client.delete(PODS, { namespace: 'default', name: 'web' });
  await node.host.clock.advance('2s');
  assert.equal(await node.findPod('web'), undefined);
  assert.deepEqual(await node.runtime.listPodSandbox(), []);
  assert.deepEqual(await node.runtime.listContainers(), []);
  assert.deepEqual(await node.system.files.list('/var/lib/kubelet/pods'), []);
  assert.deepEqual(await node.system.files.list('/var/log/pods'), []);
  assert.equal(node.events.at(-1), 'Killing Stopping container app');
  await node.stop();
});
