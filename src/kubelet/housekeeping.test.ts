import assert from 'node:assert/strict';
import { test } from 'node:test';

import { configMaps } from '../api/groups/core/config-map/config-map.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import type { Container, Pod } from '../api/types.gen.ts';
import type { Image } from './cri/messages.ts';
import { chooseVictim, shortage, type PodUse } from './eviction/eviction.ts';
import { imagesToRemove, type KnownImage } from './images/image-gc.ts';
import { startTestNode } from './kubelet.fixture.ts';
import { createFileLogs } from './logs/file-logs.ts';
import { rejection } from './pods/admission.ts';
import { MemoryFiles } from './system/simulated/memory-files.ts';

const MIB = 2 ** 20;

function podOf(name: string, resources: Container['resources'], more: Partial<Pod['spec']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name },
    spec: { containers: [{ name: 'c', resources }], ...more },
    status: {},
  };
}

test('logs are rotated, and few are kept', async () => {
  const files = new MemoryFiles();
  await files.makeFolder('/l', 0o755);
  const logs = createFileLogs(files, { maxBytes: 10, maxFiles: 3 });
  const container = { id: 'x', logPath: '/l/0.log' };
  for (let i = 0; i < 5; i++) {
    await files.write('/l/0.log', 'more than ten bytes');
    await logs.rotate?.(container, Date.UTC(2026, 0, 31, 10, 0, i), () => files.write('/l/0.log', ''));
  }
  assert.deepEqual(await files.list('/l'), ['0.log', '0.log.20260131-100003', '0.log.20260131-100004']);
  await files.write('/l/0.log', 'more than ten bytes');
  const failing = logs.rotate?.(container, 0, () => Promise.reject(new Error('no')));
  await assert.rejects(failing ?? Promise.resolve());
  assert.equal((await files.stat('/l/0.log'))?.size, 19);
});

test('unused images go when the disk fills up', () => {
  const image = (id: string, size: number, more: Partial<Image> = {}): Image => ({
    id, size, repoTags: [`${id}:1`], repoDigests: [], username: '', pinned: false, ...more,
  }); // prettier-ignore
  const now = 10_000_000;
  const known = (each: Image, lastUsedMs: number): KnownImage => ({
    image: each,
    firstSeenMs: 0,
    lastUsedMs,
  });
  const all = [
    known(image('used', 50), now),
    known(image('old', 3), 1),
    known(image('older', 3), 0),
    known(image('recent', 3), 2),
    known(image('pause', 9, { pinned: true }), 0),
    known(image('own', 9, { repoTags: ['k8ts.local/app:1'] }), 0),
    { ...known(image('fresh', 9), 0), firstSeenMs: now - 1 },
  ];
  const removed = (availableBytes: number) =>
    imagesToRemove(all, { totalBytes: 100, availableBytes }, now).map(({ id }) => id);
  assert.deepEqual(removed(16), []);
  assert.deepEqual(removed(15), ['older', 'old']);
  assert.deepEqual(removed(1), ['older', 'old', 'recent']);
});

test('who has to go when memory is short', () => {
  const use = (pod: Pod, memoryBytes: number): PodUse => ({
    pod,
    containers: [{ name: 'c', memoryBytes, storageBytes: 0 }],
  });
  const need = { resource: 'memory' as const, thresholdText: '100Mi', availableText: '50Mi' };
  const modest = use(podOf('modest', { requests: { memory: '1Gi' } }), 900 * MIB);
  const greedy = use(podOf('greedy', {}), 200 * MIB);
  const greedier = use(podOf('greedier', { requests: { memory: '64Mi' } }), 300 * MIB);
  const important = use(podOf('important', {}, { priority: 1000 }), 900 * MIB);
  const critical = use(podOf('critical', {}, { priority: 2_000_001_000 }), 900 * MIB);
  const victim = (...uses: readonly PodUse[]) => chooseVictim(need, uses);
  assert.equal(victim(modest, important, greedy, greedier, critical)?.pod.metadata.name, 'greedier');
  assert.equal(victim(modest, important)?.pod.metadata.name, 'important');
  assert.equal(victim(critical), undefined);
  assert.equal(
    victim(greedier)?.message,
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. ' +
      'Container c was using 300Mi, request is 64Mi, has larger consumption of memory. ',
  );
  const usage = { storageBytes: 100, storageAvailableBytes: 50, inodes: 0, inodesFree: 0, cpuNanoSeconds: 0 };
  assert.equal(shortage({ ...usage, memoryAvailableBytes: 200 * MIB }), undefined);
  assert.equal(shortage({ ...usage, memoryAvailableBytes: 50 * MIB })?.availableText, '50Mi');
  const full = { ...usage, memoryAvailableBytes: 200 * MIB, storageAvailableBytes: 5 };
  assert.equal(shortage(full)?.resource, 'ephemeral-storage');
});

test('what does not fit is refused', () => {
  const tolerations = [{ key: 'gone', operator: 'Exists' as const }];
  const room = {
    allocatable: { cpu: '2', memory: '1Gi', pods: '3' },
    node: {
      metadata: { name: 'n', labels: { disk: 'ssd' } },
      spec: { taints: [{ key: 'gone', effect: 'NoExecute' as const }] },
    },
  };
  const needs = (cpu: string, memory = '0') => podOf('p', { requests: { cpu, memory } }, { tolerations });
  const reason = (pod: Pod, ...others: readonly Pod[]) => rejection(pod, others, room)?.reason;
  assert.equal(reason(needs('1'), needs('1')), undefined);
  assert.equal(reason(needs('1'), needs('1500m')), 'OutOfcpu');
  assert.equal(reason(needs('0', '2Gi')), 'OutOfmemory');
  assert.equal(reason(needs('0'), needs('0'), needs('0'), needs('0')), 'OutOfpods');
  assert.equal(reason(podOf('p', {}, { nodeSelector: { disk: 'hdd' }, tolerations })), 'NodeAffinity');
  const requiring = (value: string) => {
    const matchExpressions = [{ key: 'disk', operator: 'In' as const, values: [value] }];
    const required = { nodeSelectorTerms: [{ matchExpressions }] };
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: required };
    return podOf('p', {}, { affinity: { nodeAffinity }, tolerations });
  };
  assert.equal(reason(requiring('hdd')), 'NodeAffinity');
  assert.equal(reason(requiring('ssd')), undefined);
  const onPort = (hostIP: string, protocol: 'TCP' | 'UDP' = 'TCP') => {
    const ports = [{ containerPort: 80, hostPort: 80, hostIP, protocol }];
    return podOf('p', {}, { containers: [{ name: 'c', resources: {}, ports }], tolerations });
  };
  assert.equal(reason(onPort('10.0.0.1'), onPort('10.0.0.2'), onPort('10.0.0.1', 'UDP')), undefined);
  assert.equal(reason(onPort('10.0.0.1'), onPort('0.0.0.0')), 'NodePorts');
  assert.equal(reason(podOf('p', {})), 'TaintToleration');
  assert.equal(
    rejection(needs('1'), [needs('1500m')], room)?.message,
    "Pod was rejected: Node didn't have enough resource: cpu, requested: 1000, used: 1500, capacity: 2000",
  );
});

test('refused pods start nothing until they are told, and take no room', async () => {
  const node = await startTestNode();
  const place = { namespace: 'default', name: 'settings' };
  await node.client.create(configMaps, { metadata: place, data: { a: '1' } });
  const names = Array.from({ length: 14 }, (_, i) => `refused-${i}`);
  for (const name of names) {
    await node.createPod(name, {
      nodeSelector: { disk: 'none' },
      containers: [{ name: 'c', image: 'x:1', resources: { requests: { cpu: '4' } } }],
      volumes: [{ name: 'v', configMap: { name: 'settings' } }],
    });
  }
  await node.createPod('fits', {
    containers: [{ name: 'c', image: 'x:1', resources: { requests: { cpu: '4' } } }],
  });
  await node.host.clock.advance(50);
  await node.client.patch(configMaps, place, { type: 'merge', body: { data: { a: '2' } } });
  await node.client.delete(pods, { namespace: 'default', name: 'refused-13' });
  await node.host.clock.advance('5s');
  for (const name of names.slice(0, 13)) {
    const { phase, reason, containerStatuses } = (await node.pod(name)).status;
    assert.deepEqual([name, phase, reason, containerStatuses], [name, 'Failed', 'NodeAffinity', undefined]);
  }
  await assert.rejects(node.pod('refused-13'), { code: 404 });
  assert.equal((await node.pod('fits')).status.phase, 'Running');
  await node.stop();
});

test('refused and evicted pods fail, with their reasons', async () => {
  const node = await startTestNode();
  await node.createPod('big', {
    containers: [{ name: 'c', image: 'x:1', resources: { requests: { cpu: '64' } } }],
  });
  await node.host.clock.advance('1s');
  const big = (await node.pod('big')).status;
  assert.deepEqual([big.phase, big.reason, big.containerStatuses], ['Failed', 'OutOfcpu', undefined]);
  await node.createPod('web', { containers: [{ name: 'c', image: 'x:1' }] });
  node.system.available.memoryBytes = 10 * MIB;
  await node.host.clock.advance('15s');
  const web = (await node.pod('web')).status;
  assert.deepEqual([web.phase, web.reason], ['Failed', 'Evicted']);
  await node.stop();
});
