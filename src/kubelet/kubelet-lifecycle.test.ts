import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ContainerStatus } from '../api/types.gen.ts';
import type { Prober } from '../host/host.ts';
import { startTestNode, type TestNode } from './kubelet.fixture.ts';
import { CONFIG_MAPS, PODS, SECRETS } from './resource-types.ts';

const server = { name: 'app', image: 'web:1' };
const ref = (name: string) => ({ namespace: 'default', name });

async function status(node: TestNode, pod: string): Promise<ContainerStatus | undefined> {
  return (await node.pod(pod)).status.containerStatuses?.[0];
}

test('a container that ignores its signal is killed when the grace period is over', async () => {
  const node = await startTestNode({ script: { container: () => ({ stopDelayMs: 1e9 }) } });
  await node.createPod('web', { containers: [server], terminationGracePeriodSeconds: 10 });
  await node.client.delete(PODS, ref('web'));
  await node.host.clock.advance('9s');
  const ending = await node.pod('web');
  assert.equal(ending.status.phase, 'Running');
  assert.notEqual(ending.metadata.deletionTimestamp, undefined);
  await node.host.clock.advance('2s');
  assert.equal(await node.findPod('web'), undefined);
  await node.stop();
});

test('a second deletion shortens the grace period', async () => {
  const node = await startTestNode({ script: { container: () => ({ stopDelayMs: 1e9 }) } });
  await node.createPod('web', { containers: [server], terminationGracePeriodSeconds: 600 });
  await node.client.delete(PODS, ref('web'));
  await node.host.clock.advance('5s');
  await node.client.delete(PODS, ref('web'), { gracePeriodSeconds: 3 });
  await node.host.clock.advance('4s');
  assert.equal(await node.findPod('web'), undefined);
  await node.stop();
});

test('a forced deletion ends what runs', async () => {
  const node = await startTestNode({ script: { container: () => ({ stopDelayMs: 1e9 }) } });
  await node.createPod('web', { containers: [server] });
  await node.client.delete(PODS, ref('web'), { gracePeriodSeconds: 0 });
  assert.equal(await node.findPod('web'), undefined);
  // As upstream: the API forgets it at once, its containers still get their time.
  await node.host.clock.advance('31s');
  assert.deepEqual(await node.runtime.listPodSandbox(), []);
  assert.deepEqual(await node.system.files.list('/var/lib/kubelet/pods'), []);
  await node.stop();
});

test('preStop takes its time out of the grace period; postStart may fail a container', async () => {
  const commands: string[] = [];
  const node = await startTestNode({
    script: {
      container: () => ({
        stopDelayMs: 1e9,
        exec: ([word = '']) => {
          commands.push(word);
          return word === 'break' ? { exitCode: 1 } : { delayMs: 4_000 };
        },
      }),
    },
  });
  const hook = (word: string) => ({ exec: { command: [word] } });
  await node.createPod('web', {
    containers: [{ ...server, lifecycle: { preStop: hook('drain') } }],
    terminationGracePeriodSeconds: 6,
  });
  await node.client.delete(PODS, ref('web'));
  await node.host.clock.advance('5s');
  assert.notEqual(await node.findPod('web'), undefined);
  await node.host.clock.advance('2s');
  assert.equal(await node.findPod('web'), undefined);
  await node.createPod('broken', {
    containers: [{ ...server, lifecycle: { postStart: hook('break') } }],
    terminationGracePeriodSeconds: 1,
  });
  await node.host.clock.advance('2s');
  assert.ok(node.events.includes('FailedPostStartHook PostStartHook failed'));
  assert.deepEqual(commands.slice(0, 2), ['drain', 'break']);
  await node.stop();
});

test('a preStop request that nobody answers holds a pod no longer than it was promised', async () => {
  const asked: string[] = [];
  const network: Prober = {
    probeTcp: () => Promise.resolve({ ok: true }),
    probeHttp: ({ url }) => {
      asked.push(url);
      return new Promise(() => {});
    },
  };
  const node = await startTestNode({ network });
  const preStop = { httpGet: { path: '/drain', port: 8080 } };
  await node.createPod('web', {
    containers: [{ ...server, lifecycle: { preStop } }],
    terminationGracePeriodSeconds: 600,
  });
  await node.client.delete(PODS, ref('web'));
  await node.host.clock.advance('5s');
  assert.deepEqual(asked, ['http://10.42.0.2:8080/drain']);
  await node.client.delete(PODS, ref('web'), { gracePeriodSeconds: 3 });
  await node.host.clock.advance('8s');
  assert.equal(await node.findPod('web'), undefined);
  await node.stop();
});

test('activeDeadlineSeconds fails a pod', async () => {
  const node = await startTestNode();
  await node.createPod('slow', { containers: [server], activeDeadlineSeconds: 20 });
  await node.host.clock.advance('21s');
  const { phase, reason, message } = (await node.pod('slow')).status;
  assert.deepEqual([phase, reason], ['Failed', 'DeadlineExceeded']);
  assert.equal(message, 'Pod was active on the node longer than the specified deadline');
  await node.stop();
});

test('a pod waits for what it refers to, and sees changes of it', async () => {
  const node = await startTestNode();
  await node.createPod('web', {
    volumes: [{ name: 'config', configMap: { name: 'settings' } }],
    containers: [
      {
        ...server,
        volumeMounts: [{ name: 'config', mountPath: '/config' }],
        env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'login', key: 'password' } } }],
      },
    ],
  });
  await node.host.clock.advance('1s');
  assert.equal((await status(node, 'web'))?.state.waiting?.reason, 'ContainerCreating');
  const missing = 'FailedMount MountVolume.SetUp failed for volume "config" : configmap "settings" not found';
  assert.ok(node.events.includes(missing), node.events.join('\n'));
  await node.client.create(CONFIG_MAPS, { metadata: { ...ref('settings') }, data: { mode: 'fast' } });
  await node.host.clock.advance('1s');
  const waiting = (await status(node, 'web'))?.state.waiting;
  assert.deepEqual(waiting, { reason: 'CreateContainerConfigError', message: 'secret "login" not found' });
  await node.client.create(SECRETS, {
    metadata: { ...ref('login') },
    data: { password: Buffer.from('x').toString('base64') },
  });
  await node.host.clock.advance('1s');
  assert.equal((await status(node, 'web'))?.ready, true);
  const [container] = await node.runtime.listContainers();
  const { mounts } = await node.runtime.containerStatus(container?.id ?? '');
  const folder = mounts.find(({ containerPath }) => containerPath === '/config')?.hostPath ?? '';
  const mode = async () => Buffer.from((await node.system.files.read(`${folder}/mode`)) ?? []).toString();
  assert.equal(await mode(), 'fast');
  const body = { data: { mode: 'slow' } };
  await node.client.patch(CONFIG_MAPS, ref('settings'), { type: 'merge', body });
  await node.host.clock.advance('1s');
  assert.equal(await mode(), 'slow');
  await node.stop();
});

test('files of what a pod says of itself follow its labels and annotations', async () => {
  const node = await startTestNode();
  const items = ['labels', 'annotations'].map((path) => ({
    path,
    fieldRef: { fieldPath: `metadata.${path}` },
  }));
  const volumes = [{ name: 'info', downwardAPI: { items } }];
  const containers = [{ ...server, volumeMounts: [{ name: 'info', mountPath: '/info' }] }];
  const said = { labels: { a: '1' }, annotations: { b: '1' } };
  await node.createPod('web', { volumes, containers }, said);
  const [container] = await node.runtime.listContainers();
  const { mounts } = await node.runtime.containerStatus(container?.id ?? '');
  const folder = mounts.find(({ containerPath }) => containerPath === '/info')?.hostPath ?? '';
  const read = async (file: string) =>
    Buffer.from((await node.system.files.read(`${folder}/${file}`)) ?? []).toString();
  assert.deepEqual([await read('labels'), await read('annotations')], ['a="1"', 'b="1"']);
  const change = async (metadata: Record<string, Record<string, string>>): Promise<void> => {
    await node.client.patch(PODS, ref('web'), { type: 'merge', body: { metadata } });
    await node.host.clock.advance('1s');
  };
  await change({ labels: { a: '2' } });
  assert.equal(await read('labels'), 'a="2"');
  await change({ annotations: { c: '3' } });
  assert.equal(await read('annotations'), 'b="1"\nc="3"');
  await node.stop();
});

test('a path that depends on an annotation is tried again when the annotation is there', async () => {
  const node = await startTestNode();
  const valueFrom = { fieldRef: { fieldPath: "metadata.annotations['path']" } };
  const container = {
    ...server,
    env: [{ name: 'PLACE', valueFrom }],
    volumeMounts: [{ name: 'data', mountPath: '/data', subPathExpr: '$(PLACE)' }],
  };
  const spec = { volumes: [{ name: 'data', emptyDir: {} }], containers: [container] };
  await node.createPod('web', spec, { annotations: { path: '../up' } });
  assert.equal((await status(node, 'web'))?.state.waiting?.reason, 'CreateContainerConfigError');
  const body = { metadata: { annotations: { path: 'down' } } };
  await node.client.patch(PODS, ref('web'), { type: 'merge', body });
  await node.host.clock.advance('1s');
  assert.equal((await status(node, 'web'))?.ready, true);
  await node.stop();
});

test('a sandbox that cannot be made is tried again', async () => {
  const { CriError } = await import('./cri/cri.ts');
  let isBroken = true;
  const node = await startTestNode({
    script: { sandbox: () => (isBroken ? { error: new CriError('Unknown', 'no network') } : {}) },
  });
  await node.createPod('web', { containers: [server] });
  const text =
    'FailedCreatePodSandBox Failed to create pod sandbox: rpc error: code = Unknown desc = no network';
  assert.ok(node.events.includes(text));
  isBroken = false;
  await node.host.clock.advance('2s');
  assert.equal((await status(node, 'web'))?.ready, true);
  await node.stop();
});

test('a runtime that is down takes the node down, and back up', async () => {
  const { CriError } = await import('./cri/cri.ts');
  const { NODES } = await import('./resource-types.ts');
  const node = await startTestNode();
  const ready = async () =>
    (await node.client.get(NODES, { name: 'n1' })).status.conditions?.find(({ type }) => type === 'Ready');
  node.runtime.setFault(new CriError('Unavailable', 'connection refused'));
  await node.host.clock.advance('11s');
  assert.deepEqual([(await ready())?.status, (await ready())?.reason], ['False', 'KubeletNotReady']);
  node.runtime.setFault(undefined);
  await node.host.clock.advance('11s');
  assert.equal((await ready())?.status, 'True');
  await node.stop();
});

test('readiness gates, and conditions of others stay', async () => {
  const node = await startTestNode();
  await node.createPod('web', {
    containers: [server],
    readinessGates: [{ conditionType: 'example.com/traffic' }],
  });
  const ready = async () => (await node.pod('web')).status.conditions?.find(({ type }) => type === 'Ready');
  assert.equal((await ready())?.reason, 'ReadinessGatesNotReady');
  const condition = { type: 'example.com/traffic', status: 'True' };
  await node.client.patch(
    PODS,
    ref('web'),
    { type: 'strategic', body: { status: { conditions: [condition] } } },
    { subresource: 'status' },
  );
  await node.host.clock.advance('1s');
  assert.equal((await ready())?.status, 'True');
  await node.stop();
});

test('commands in a simulated container', async () => {
  const node = await startTestNode({
    script: { container: () => ({ exec: (cmd) => ({ stdout: cmd.join(' '), exitCode: 3 }) }) },
  });
  const pod = await node.createPod('web', { containers: [server] });
  const container = { namespace: 'default', pod: 'web', uid: pod.metadata.uid ?? '', container: 'app' };
  const out: string[] = [];
  const stdout = async (chunk: Uint8Array) => void out.push(Buffer.from(chunk).toString());
  const streams = { stdin: undefined, stdout, stderr: undefined, resizes: undefined };
  const { signal } = new AbortController();
  const options = { command: ['a', 'b'], tty: false };
  assert.deepEqual(await node.kubelet.operations.exec(container, options, streams, signal), { exitCode: 3 });
  assert.equal(out.join(''), 'a b');
  await node.stop();
});
