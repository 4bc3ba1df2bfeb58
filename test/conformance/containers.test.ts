/** Official tests of [sig-node] of what runs in pods, as far as simulated containers can show it. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { condition, each, includes, refusal, startApi, type Api, type Fields } from './api.fixture.ts';

let api: Api;
before(async () => {
  api = await startApi();
});
after(() => api.cluster.stop());

const podsOf = async (name: string): Promise<string> =>
  `/api/v1/namespaces/${await api.namespace(name)}/pods`;
const PAUSE = [{ name: 'pause', image: 'pause:3.10' }];
const pod = (name: string, spec: object = {}, labels: object = {}): object => ({
  metadata: { name, labels },
  spec: { containers: PAUSE, ...spec },
});
const reaches = (url: string, phase: string): Promise<Fields> =>
  api.eventually(async () => {
    const object = await api.get(url);
    assert.equal(object.status?.phase, phase);
    return object;
  });
const statusesOf = (object: Fields, kind = 'containerStatuses'): readonly Fields[] =>
  each(object.status?.[kind]);

const initPod = (restartPolicy: string, commands: readonly string[], main: string): object => ({
  metadata: { name: 'pod-init' },
  spec: {
    restartPolicy,
    initContainers: commands.map((script, i) => ({
      name: `init${i + 1}`,
      image: 'busybox',
      command: ['sh', '-c', script],
    })),
    containers: [{ name: 'run1', image: 'busybox', command: ['sh', '-c', main] }],
  },
});

test('InitContainer should invoke init containers on a RestartNever pod', async () => {
  const pods = await podsOf('init-never');
  await api.post(pods, initPod('Never', ['true', 'true'], 'true'));
  const done = await reaches(`${pods}/pod-init`, 'Succeeded');
  includes(condition(done, 'Initialized'), { status: 'True' });
  const inits = statusesOf(done, 'initContainerStatuses');
  assert.equal(inits.length, 2);
  for (const { state, ready } of inits) assert.deepEqual([state?.terminated?.exitCode, ready], [0, true]);
});

test('InitContainer should invoke init containers on a RestartAlways pod', async () => {
  const pods = await podsOf('init-always');
  await api.post(pods, initPod('Always', ['true', 'true'], 'sleep 3000'));
  const runs = await reaches(`${pods}/pod-init`, 'Running');
  includes(condition(runs, 'Initialized'), { status: 'True' });
  for (const { ready } of statusesOf(runs, 'initContainerStatuses')) assert.equal(ready, true);
});

test('InitContainer should not start app containers if init containers fail on a RestartAlways pod', async () => {
  const pods = await podsOf('init-fails');
  await api.post(pods, initPod('Always', ['false', 'true'], 'sleep 3000'));
  const stuck = await api.eventually(async () => {
    const object = await api.get(`${pods}/pod-init`);
    assert.ok(Number(statusesOf(object, 'initContainerStatuses')[0]?.restartCount) >= 3);
    return object;
  });
  includes(condition(stuck, 'Initialized'), {
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: 'containers with incomplete status: [init1 init2]',
  });
  assert.equal(stuck.status?.phase, 'Pending');
  const [, second] = statusesOf(stuck, 'initContainerStatuses');
  assert.equal(second?.state?.waiting?.reason, 'PodInitializing');
  assert.equal(statusesOf(stuck)[0]?.state?.waiting?.reason, 'PodInitializing');
});

test('InitContainer should not start app containers and fail the pod if init containers fail on a RestartNever pod', async () => {
  const pods = await podsOf('init-fails-never');
  await api.post(pods, initPod('Never', ['true', 'false'], 'true'));
  const failed = await reaches(`${pods}/pod-init`, 'Failed');
  includes(condition(failed, 'Initialized'), {
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: 'containers with incomplete status: [init2]',
  });
  const [first, second] = statusesOf(failed, 'initContainerStatuses');
  assert.equal(first?.state?.terminated?.exitCode, 0);
  assert.equal(second?.state?.terminated?.exitCode, 1);
  assert.equal(statusesOf(failed)[0]?.state?.waiting?.reason, 'PodInitializing');
});

const failing = { containers: [{ name: 'bin-false', image: 'busybox', command: ['/bin/false'] }] };

test('Kubelet when scheduling a busybox command that always fails in a pod should have an terminated reason', async () => {
  const pods = await podsOf('bin-false');
  await api.post(pods, pod('bin-false', failing));
  await api.eventually(async () => {
    const [status] = statusesOf(await api.get(`${pods}/bin-false`));
    const ended = status?.state?.terminated ?? status?.lastState?.terminated;
    assert.deepEqual([ended?.exitCode, ended?.reason], [1, 'Error']);
  });
});

test('Kubelet when scheduling a busybox command that always fails in a pod should be possible to delete', async () => {
  const pods = await podsOf('bin-false-delete');
  await api.post(pods, pod('bin-false', failing));
  await api.cluster.clock.advance('1s');
  await api.delete(`${pods}/bin-false`);
  await api.gone(`${pods}/bin-false`);
});

test('Kubelet when scheduling a busybox command in a pod should print the output to logs', async () => {
  const pods = await podsOf('logs');
  const command = ['sh', '-c', "echo 'Hello World'; sleep 240"];
  await api.post(pods, pod('busybox', { containers: [{ name: 'busybox', image: 'busybox', command }] }));
  await reaches(`${pods}/busybox`, 'Running');
  assert.equal((await api.ask('GET', `${pods}/busybox/log`)).text, 'Hello World\n');
});

test('Probing container with readiness probe that fails should never be ready and never restart', async () => {
  const pods = await podsOf('never-ready');
  const containers = [
    { ...PAUSE[0], readinessProbe: { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 1 } },
  ];
  await api.post(pods, pod('test-webserver', { containers }));
  await reaches(`${pods}/test-webserver`, 'Running');
  await api.cluster.clock.advance('1m');
  const object = await api.get(`${pods}/test-webserver`);
  includes(condition(object, 'Ready'), {
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [pause]',
  });
  includes(statusesOf(object)[0], { ready: false, restartCount: 0, started: true });
});

test('Probing container with readiness probe should not be ready before initial delay and never restart', async () => {
  const pods = await podsOf('initial-delay');
  const readinessProbe = {
    exec: { command: ['true'] },
    initialDelaySeconds: 30,
    periodSeconds: 5,
    failureThreshold: 1,
  };
  await api.post(pods, pod('test-webserver', { containers: [{ ...PAUSE[0], readinessProbe }] }));
  const ready = await api.eventually(async () => {
    const object = await api.get(`${pods}/test-webserver`);
    includes(condition(object, 'Ready'), { status: 'True' });
    return object;
  });
  const [status] = statusesOf(ready);
  const startedMs = Date.parse(String(status?.state?.running?.startedAt));
  assert.ok(Date.parse(String(condition(ready, 'Ready')?.lastTransitionTime)) - startedMs >= 30_000);
  assert.equal(status?.restartCount, 0);
});

test('Probing container should have monotonically increasing restart count', async () => {
  const pods = await podsOf('restarts');
  const containers = [
    {
      ...PAUSE[0],
      livenessProbe: { exec: { command: ['false'] }, initialDelaySeconds: 5, failureThreshold: 1 },
    },
  ];
  await api.post(pods, pod('liveness', { terminationGracePeriodSeconds: 1, containers }));
  const watch = api.watch(pods);
  const counts = (): readonly number[] =>
    watch.events.map(({ object }) => Number(statusesOf(object)[0]?.restartCount ?? 0));
  await api.eventually(() => counts().at(-1) === 5, 900_000);
  assert.deepEqual(
    counts(),
    counts().toSorted((a, b) => a - b),
  );
  watch.stop();
});

test('Sysctls [LinuxOnly] should reject invalid sysctls', async () => {
  const pods = await podsOf('sysctls');
  const sysctls = ['foo-', 'kernel.shmmax', 'safe-and-unsafe', 'bar..'].map((name) => ({
    name,
    value: '100000000',
  }));
  const refused = await refusal(api.post(pods, pod('sysctl', { securityContext: { sysctls } })));
  for (const name of ['foo-', 'bar..'])
    assert.ok(refused.message.includes(`Invalid value: "${name}"`), refused.message);
  for (const name of ['safe-and-unsafe', 'kernel.shmmax']) assert.ok(!refused.message.includes(`"${name}"`));
});

const TAINT = { key: 'kubernetes.io/e2e-evict-taint-key', value: 'evictTaintVal', effect: 'NoExecute' };
const taint = (node: string, taints: readonly object[]): Promise<Fields> =>
  api.change(`/api/v1/nodes/${node}`, (object) => ({ ...object, spec: { ...object.spec, taints } }));
const tolerating = (tolerationSeconds: number): object => ({
  nodeName: 'node-2',
  terminationGracePeriodSeconds: 0,
  tolerations: [{ ...TAINT, operator: 'Equal', tolerationSeconds }],
});

test('NoExecuteTaintManager Single Pod removing taint cancels eviction', async () => {
  const pods = await podsOf('taint-cancels');
  await api.post(pods, pod('taint-eviction', tolerating(65)));
  await reaches(`${pods}/taint-eviction`, 'Running');
  await taint('node-2', [TAINT]);
  await api.cluster.clock.advance('10s');
  await api.get(`${pods}/taint-eviction`);
  await taint('node-2', []);
  await api.cluster.clock.advance('75s');
  await reaches(`${pods}/taint-eviction`, 'Running');
});

test('NoExecuteTaintManager Multiple Pods evicts pods with minTolerationSeconds', async () => {
  const pods = await podsOf('taint-evicts');
  for (const name of ['taint-eviction-b1', 'taint-eviction-b2']) {
    const seconds = name.endsWith('1') ? 5 : 25;
    await api.post(pods, pod(name, tolerating(seconds)));
    await reaches(`${pods}/${name}`, 'Running');
  }
  await taint('node-2', [TAINT]);
  await api.cluster.clock.advance('10s');
  await api.gone(`${pods}/taint-eviction-b1`, 1_000);
  await reaches(`${pods}/taint-eviction-b2`, 'Running');
  await api.gone(`${pods}/taint-eviction-b2`, 30_000);
  await taint('node-2', []);
});

const expansion = (pathExpr: string, env: readonly object[]): object => ({
  restartPolicy: 'Never',
  containers: [
    {
      name: 'dapi-container',
      image: 'busybox',
      command: ['sh', '-c', 'sleep 3000'],
      env,
      volumeMounts: [
        { name: 'workdir1', mountPath: '/subpath_mount', subPathExpr: pathExpr },
        { name: 'workdir1', mountPath: '/volume_mount' },
      ],
    },
  ],
  volumes: [{ name: 'workdir1', emptyDir: {} }],
});

async function failsToMount(name: string, value: string): Promise<void> {
  const pods = await podsOf(name);
  await api.post(pods, pod('var-expansion', expansion('$(POD_NAME)', [{ name: 'POD_NAME', value }])));
  await api.eventually(async () => {
    const [status] = statusesOf(await api.get(`${pods}/var-expansion`));
    assert.equal(status?.state?.waiting?.reason, 'CreateContainerConfigError');
  });
}

test('Variable Expansion should fail substituting values in a volume subpath with backticks', async () => {
  await failsToMount('subpath-backticks', '..');
});

test('Variable Expansion should fail substituting values in a volume subpath with absolute path', async () => {
  await failsToMount('subpath-absolute', '/tmp');
});

test('Variable Expansion should verify that a failing subpath expansion can be modified during the lifecycle of a container', async () => {
  const pods = await podsOf('subpath-modified');
  const env = [
    { name: 'POD_NAME', value: 'foo' },
    { name: 'ANNOTATION', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['mysubpath']" } } },
  ];
  const made = pod('var-expansion', expansion('$(ANNOTATION)/$(POD_NAME)', env)) as { metadata: object };
  const annotations = { notmysubpath: 'mypath' };
  await api.post(pods, { ...made, metadata: { ...made.metadata, annotations } });
  await api.cluster.clock.advance('1m');
  assert.equal((await api.get(`${pods}/var-expansion`)).status?.phase, 'Pending');
  await api.patch(`${pods}/var-expansion`, { metadata: { annotations: { mysubpath: 'mypath' } } });
  await reaches(`${pods}/var-expansion`, 'Running');
  await api.delete(`${pods}/var-expansion`);
  await api.gone(`${pods}/var-expansion`);
});
