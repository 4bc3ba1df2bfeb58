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

async function text(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString();
}

const plainLogs = { follow: false, previous: false, timestamps: false };
const never = new AbortController().signal;

test('a crashing container is restarted with growing delays; its logs stay', async () => {
  const node = await startTestNode();
  const pod = await node.createPod('bad', {
    containers: [{ ...server, command: ['sh', '-c', 'echo failing; exit 3'] }],
  });
  await node.host.clock.advance('1s');
  const [status] = (await node.pod('bad')).status.containerStatuses ?? [];
  assert.equal(status?.state.waiting?.reason, 'CrashLoopBackOff');
  assert.equal(
    status.state.waiting.message,
    `back-off 10s restarting failed container=app pod=bad_default(${pod.metadata.uid})`,
  );
  assert.deepEqual([status.restartCount, status.lastState.terminated?.exitCode], [1, 3]);
  const ref = { namespace: 'default', pod: 'bad', uid: pod.metadata.uid ?? '', container: 'app' };
  assert.equal(await text(node.kubelet.operations.logs(ref, plainLogs, never)), 'failing\n');
  const previous = { ...plainLogs, previous: true };
  assert.equal(await text(node.kubelet.operations.logs(ref, previous, never)), 'failing\n');
  await node.host.clock.advance('35s');
  assert.equal((await node.pod('bad')).status.containerStatuses?.[0]?.restartCount, 3);
  assert.equal((await node.pod('bad')).status.phase, 'Running');
  await node.host.clock.advance('40m');
  const attempts = await node.runtime.listContainers();
  assert.ok(attempts.length <= 2, `${attempts.length} attempts are kept`);
  assert.ok(
    node.events.some((event) => event.startsWith('BackOff Back-off restarting failed container app in pod')),
  );
  await node.stop();
});

test('a pod that runs to its end succeeds or fails', async () => {
  const node = await startTestNode();
  const job = (command: string) => ({
    restartPolicy: 'Never' as const,
    containers: [{ ...server, command: ['sh', '-c', command] }],
  });
  await node.createPod('good', job('sleep 5; exit 0'));
  await node.createPod('bad', job('exit 2'));
  await node.host.clock.advance('6s');
  const [good, bad] = [await node.pod('good'), await node.pod('bad')];
  assert.deepEqual([good.status.phase, bad.status.phase], ['Succeeded', 'Failed']);
  const ready = good.status.conditions?.find(({ type }) => type === 'Ready');
  assert.deepEqual([ready?.status, ready?.reason], ['False', 'PodCompleted']);
  assert.equal(bad.status.containerStatuses?.[0]?.state.terminated?.reason, 'Error');
  const sandboxes = await node.runtime.listPodSandbox({ state: 'SANDBOX_READY' });
  assert.deepEqual(sandboxes, []);
  await node.client.delete(PODS, { namespace: 'default', name: 'good' });
  await node.host.clock.advance('1s');
  assert.equal(await node.findPod('good'), undefined);
  assert.equal((await node.runtime.listPodSandbox()).length, 1);
  await node.stop();
});

test('init containers run in order, sidecars stay, and end after the others', async () => {
  const node = await startTestNode();
  await node.createPod('web', {
    initContainers: [
      { name: 'setup', image: 'tool:1', command: ['sh', '-c', 'sleep 3; exit 0'] },
      { name: 'mesh', image: 'mesh:1', restartPolicy: 'Always' },
    ],
    containers: [server],
  });
  await node.host.clock.advance('1s');
  let pod = await node.pod('web');
  assert.equal(pod.status.phase, 'Pending');
  assert.equal(pod.status.containerStatuses?.[0]?.state.waiting?.reason, 'PodInitializing');
  const initialized = pod.status.conditions?.find(({ type }) => type === 'Initialized');
  assert.equal(initialized?.message, 'containers with incomplete status: [setup mesh]');
  await node.host.clock.advance('3s');
  pod = await node.pod('web');
  assert.equal(pod.status.phase, 'Running');
  assert.deepEqual(
    pod.status.initContainerStatuses?.map(({ ready, started }) => [ready, started]),
    [
      [true, false],
      [true, true],
    ],
  );
  await node.client.delete(PODS, { namespace: 'default', name: 'web' });
  await node.host.clock.advance('5s');
  assert.equal(await node.findPod('web'), undefined);
  await node.stop();
});

test('images that cannot be had', async () => {
  const { CriError } = await import('./cri/cri.ts');
  const node = await startTestNode({
    script: {
      image: (image) =>
        image.includes('missing') ? { pullError: new CriError('NotFound', `${image}: not found`) } : {},
    },
  });
  await node.createPod('a', { containers: [{ name: 'app', image: 'missing:1' }] });
  await node.createPod('b', { containers: [{ name: 'app', image: 'missing:2', imagePullPolicy: 'Never' }] });
  await node.createPod('c', { containers: [{ name: 'app', image: 'UPPER/Case' }] });
  const waiting = async (name: string) => (await node.pod(name)).status.containerStatuses?.[0]?.state.waiting;
  assert.equal((await waiting('a'))?.reason, 'ErrImagePull');
  await node.host.clock.advance('2s');
  const text = 'rpc error: code = NotFound desc = docker.io/library/missing:1: not found';
  assert.deepEqual(await waiting('a'), {
    reason: 'ImagePullBackOff',
    message: `Back-off pulling image "missing:1": ErrImagePull: ${text}`,
  });
  assert.equal((await waiting('b'))?.reason, 'ErrImageNeverPull');
  assert.equal((await waiting('c'))?.reason, 'InvalidImageName');
  assert.equal((await node.pod('a')).status.phase, 'Pending');
  await node.client.delete(PODS, { namespace: 'default', name: 'a' });
  await node.host.clock.advance('2s');
  assert.equal(await node.findPod('a'), undefined);
  await node.stop();
});

test('a second kubelet adopts what runs, and ends what the API has forgotten', async () => {
  const first = await startTestNode();
  await first.createPod('kept', { containers: [server] });
  await first.createPod('gone', { containers: [server] });
  const before = await first.pod('kept');
  await first.stop();
  await first.client.delete(PODS, { namespace: 'default', name: 'gone' }, { gracePeriodSeconds: 0 });
  const second = await first.restart();
  await second.host.clock.advance('3s');
  assert.deepEqual((await second.pod('kept')).status, before.status);
  const left = await second.runtime.listContainers();
  assert.equal(left.length, 1);
  second.runtime.reboot();
  await second.host.clock.advance('3s');
  const after = await second.pod('kept');
  assert.equal(after.status.containerStatuses?.[0]?.restartCount, 1);
  assert.equal(after.status.phase, 'Running');
  await second.stop();
});

test('probes decide about readiness and restarts', async () => {
  let isHealthy = true;
  const node = await startTestNode({
    network: {
      probeTcp: async () => ({ ok: true }),
      probeHttp: async () => (isHealthy ? { ok: true, status: 200 } : { ok: false, status: 503 }),
    },
  });
  const httpGet = { path: '/healthz', port: 8080 };
  await node.createPod('web', {
    containers: [
      {
        ...server,
        readinessProbe: { httpGet, initialDelaySeconds: 2, periodSeconds: 1 },
        livenessProbe: { httpGet, periodSeconds: 10, failureThreshold: 2 },
      },
    ],
  });
  const ready = async () => (await node.pod('web')).status.containerStatuses?.[0]?.ready;
  assert.equal(await ready(), false);
  await node.host.clock.advance('3s');
  assert.equal(await ready(), true);
  isHealthy = false;
  await node.host.clock.advance('4s');
  assert.equal(await ready(), false);
  assert.ok(node.events.includes('Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 503'));
  await node.host.clock.advance('16s');
  assert.ok(node.events.includes('Killing Container app failed liveness probe, will be restarted'));
  isHealthy = true;
  await node.host.clock.advance('10s');
  assert.deepEqual(
    [await ready(), (await node.pod('web')).status.containerStatuses?.[0]?.restartCount],
    [true, 1],
  );
  await node.stop();
});
