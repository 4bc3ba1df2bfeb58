import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createNodeHost } from '../../../host/node/node.ts';
import type { SimulatedClock } from '../../../host/simulated/clock.ts';
import { createSimulatedHost } from '../../../host/simulated/simulated.ts';
import { courses } from '../contract-containers.ts';
import { runtimeContract } from '../contract.ts';
import { CriError } from '../cri.ts';
import type { ContainerConfig, ContainerEvent, PodSandboxConfig } from '../messages.ts';
import { type ContainerBehaviour, defaultBehaviour, type MemoryScript } from './behaviour.ts';
import { MemoryRuntime } from './memory.ts';
import { runCommand } from './shell.ts';

const text = JSON.stringify;
const scripted: Readonly<Record<string, ContainerBehaviour>> = {
  [text(courses.ignoresStop)]: { stopDelayMs: Infinity },
  [text(courses.stopsWith7)]: { stopExitCode: 7 },
  [text(courses.missing)]: { startError: 'exec: "/no/such/program": no such file or directory' },
};

runtimeContract('memory', async () => {
  const { clock, random } = createNodeHost();
  const image = 'busybox:1';
  const runtime = new MemoryRuntime({
    clock,
    random,
    podCidr: '10.42.0.0/24',
    script: {
      container: (config) => scripted[text(config.command)] ?? defaultBehaviour(config),
      image: (name) => ({ present: name === 'docker.io/library/busybox:1' }),
    },
  });
  return {
    runtime,
    clock,
    image,
    sandboxConfig: (name) => ({ logDirectory: `/var/log/pods/${name}` }),
    readLog: async ({ id }) =>
      runtime
        .readLog(id)
        .map((line) => `${line.text}\n`)
        .join(''),
    async addDisposableImage() {
      await runtime.pullImage({ image: 'disposable' });
      return 'disposable';
    },
  };
});

const sandbox = (name: string): PodSandboxConfig => ({
  metadata: { name, uid: name, namespace: 'default', attempt: 0 },
});

const container = (command: readonly string[] = []): ContainerConfig => ({
  metadata: { name: 'main', attempt: 0 },
  image: { image: 'app' },
  command,
});

function simulated(script: MemoryScript = {}): { runtime: MemoryRuntime; clock: SimulatedClock } {
  const { clock, random } = createSimulatedHost(7);
  const present: MemoryScript = { image: () => ({ present: true }), ...script };
  return { runtime: new MemoryRuntime({ clock, random, podCidr: '10.42.3.0/29', script: present }), clock };
}

async function started(runtime: MemoryRuntime, config: ContainerConfig): Promise<string> {
  const pod = await runtime.runPodSandbox(sandbox('pod'));
  const id = await runtime.createContainer(pod, config);
  await runtime.startContainer(id);
  return id;
}

test('a command that ends does so in virtual time, and a server sets no timer', async () => {
  const { runtime, clock } = simulated();
  const job = await started(runtime, container(['sh', '-c', 'echo at work; sleep 90; echo done; exit 3']));
  assert.deepEqual(
    runtime.readLog(job).map((line) => line.text),
    ['at work'],
  );
  await clock.advance('2m');
  const status = await runtime.containerStatus(job);
  assert.equal(status.exitCode, 3);
  assert.equal(status.finishedAtMs - status.startedAtMs, 90_000);
  assert.deepEqual(
    runtime.readLog(job).map((line) => line.text),
    ['at work', 'done'],
  );
  await runtime.removePodSandbox((await runtime.listPodSandbox())[0]?.id ?? '');
  await started(runtime, container(['nginx']));
  assert.equal(clock.nextTimerAt(), undefined);
});

test('pulls take their time, can be cancelled and can fail', async () => {
  const denied = new CriError('PermissionDenied', 'no access');
  const { runtime, clock } = simulated({
    image: (name) => (name.includes('secret') ? { pullError: denied } : { pullDelayMs: 5000, sizeBytes: 10 }),
  });
  await assert.rejects(runtime.pullImage({ image: 'secret' }), denied);
  const abort = new AbortController();
  const cancelled = assert.rejects(runtime.pullImage({ image: 'big' }, undefined, undefined, abort.signal), {
    code: 'Cancelled',
  });
  abort.abort();
  await cancelled;
  const pulled = runtime.pullImage({ image: 'big' });
  await clock.advance(4999);
  assert.equal(await runtime.imageStatus({ image: 'big' }), undefined);
  await clock.advance(1);
  const found = await runtime.imageStatus({ image: 'big:latest' });
  assert.equal(await pulled, found?.id);
  assert.deepEqual(found?.repoTags, ['docker.io/library/big:latest']);
  assert.equal((await runtime.imageFsInfo()).imageFilesystems[0]?.usedBytes, 10);
});

test('changes are told to listeners until they stop listening', async () => {
  const { runtime } = simulated();
  const seen: ContainerEvent[] = [];
  const abort = new AbortController();
  const listening = runtime.containerEvents((event) => seen.push(event), abort.signal);
  const id = await started(runtime, container());
  runtime.exitContainer(id, 137, 'OOMKilled');
  await runtime.removeContainer(id);
  abort.abort();
  await listening;
  await runtime.stopPodSandbox((await runtime.listPodSandbox())[0]?.id ?? '');
  const types = seen.filter((event) => event.containerId === id).map((event) => event.containerEventType);
  assert.deepEqual(types, [
    'CONTAINER_CREATED_EVENT',
    'CONTAINER_STARTED_EVENT',
    'CONTAINER_STOPPED_EVENT',
    'CONTAINER_DELETED_EVENT',
  ]);
  assert.equal(seen.length, 6);
  assert.equal(seen[4]?.containersStatuses[0]?.reason, 'OOMKilled');
});

test('addresses are reused as late as possible and run out with a clear error', async () => {
  const { runtime } = simulated();
  const ids: string[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e']) ids.push(await runtime.runPodSandbox(sandbox(name)));
  const ip = async (id = ''): Promise<string | undefined> => (await runtime.podSandboxStatus(id)).network?.ip;
  assert.deepEqual(
    await Promise.all(ids.map(ip)),
    [2, 3, 4, 5, 6].map((last) => `10.42.3.${last}`),
  );
  await assert.rejects(runtime.runPodSandbox(sandbox('f')), /no IP addresses available/);
  await runtime.stopPodSandbox(ids[1] ?? '');
  assert.equal(await ip(ids[1]), '');
  assert.equal(await ip(await runtime.runPodSandbox(sandbox('f'))), '10.42.3.3');
});

test('a reboot stops everything, and a fault fails every call', async () => {
  const { runtime } = simulated();
  const id = await started(runtime, container());
  runtime.reboot();
  assert.equal((await runtime.containerStatus(id)).exitCode, 137);
  assert.equal((await runtime.listPodSandbox())[0]?.state, 'SANDBOX_NOTREADY');
  const down = new CriError('Unavailable', 'connection refused');
  runtime.setFault(down);
  await assert.rejects(runtime.listContainers(), down);
  runtime.setFault(undefined);
  assert.equal((await runtime.listContainers()).length, 1);
});

test('CPU time adds up at the scripted rate', async () => {
  const { runtime, clock } = simulated({
    container: () => ({
      usage: ({ runningMs }) => ({ nanoCores: runningMs > 10_000 ? 5e8 : 1e8, workingSetBytes: 1000 }),
    }),
  });
  const id = await started(runtime, container());
  await clock.advance('10s');
  assert.equal((await runtime.containerStats(id)).cpu?.usageCoreNanoSeconds, 1e9);
  await clock.advance('10s');
  assert.equal((await runtime.containerStats(id)).cpu?.usageCoreNanoSeconds, 6e9);
});

test('a sandbox that is removed while its container starts leaves nothing behind', async () => {
  const { runtime, clock } = simulated({ container: () => ({ startDelayMs: 1000 }) });
  const pod = await runtime.runPodSandbox(sandbox('pod'));
  const id = await runtime.createContainer(pod, container());
  const start = assert.rejects(runtime.startContainer(id), { code: 'FailedPrecondition' });
  await clock.advance(500);
  await runtime.removePodSandbox(pod);
  await clock.advance(1000);
  await start;
  assert.deepEqual(await runtime.listContainers(), []);
});

test('the course of simple command lines is foretold', () => {
  const sh = (script: string): readonly string[] => ['/bin/sh', '-c', script];
  const cases: readonly (readonly [readonly string[], { afterMs: number; code: number } | undefined])[] = [
    [[], undefined],
    [['nginx', '-g', 'daemon off;'], undefined],
    [['sleep', '1.5m'], { afterMs: 90_000, code: 0 }],
    [['sleep', 'infinity'], undefined],
    [['true'], { afterMs: 0, code: 0 }],
    [['/bin/false'], { afterMs: 0, code: 1 }],
    [sh('exit 300'), { afterMs: 0, code: 44 }],
    [sh('sleep 1 && false && sleep 10'), { afterMs: 1000, code: 1 }],
    [sh('false; true'), { afterMs: 0, code: 0 }],
    [['sh', '-ec', 'false\nsleep 9'], { afterMs: 0, code: 1 }],
    [sh('sleep 1; exec nginx'), undefined],
    [sh("echo 'a  b'; while true; do sleep 1; done"), undefined],
    [sh('exec sleep 2; exit 4'), { afterMs: 2000, code: 0 }],
  ];
  for (const [argv, exit] of cases) assert.deepEqual(runCommand(argv).exit, exit, argv.join(' '));
  const environment = [{ key: 'A', value: 'b' }];
  assert.deepEqual(
    runCommand(sh('env'), environment).output.map((line) => line.text),
    ['A=b'],
  );
  assert.deepEqual(
    runCommand(sh('echo \'a  b\'; echo "c" d')).output.map((line) => line.text),
    ['a  b', 'c d'],
  );
});
