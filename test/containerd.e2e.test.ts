/** The runtime contract on a real containerd, supervised by us; needs root and the system's packages. */

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { silentLogger } from '../src/base/log.ts';
import { createNodeHost } from '../src/host/node/node.ts';
import { type ContainerdOptions, createContainerd } from '../src/kubelet/containerd/containerd.ts';
import { cniBinFolders, findPrograms, missingPrograms } from '../src/kubelet/containerd/programs.ts';
import { removeContainerd } from '../src/kubelet/containerd/remove.ts';
import { eventually } from '../src/kubelet/cri/contract-pod.ts';
import { runtimeContract } from '../src/kubelet/cri/contract.ts';
import type { ContainerRuntime } from '../src/kubelet/cri/cri.ts';
import { isNotFound } from '../src/kubelet/cri/cri.ts';
import { buildImage } from '../src/kubelet/images/build.ts';
import { buildFolder } from '../src/kubelet/images/dockerfile/folder.ts';
import type { BuiltImage } from '../src/kubelet/images/image.ts';
import { ensureImages } from '../src/kubelet/images/import.ts';
import { pauseReference, readBusybox, standardImages } from '../src/kubelet/images/standard.ts';
import { registryUser, startRegistry } from './registry.ts';

const host = createNodeHost();
const { clock, disk, processes, random } = host;
const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
const registry = await startRegistry();
const folder = await mkdtemp(join(tmpdir(), 'k8ts-e2e-'));
const options: ContainerdOptions = {
  folder,
  stateFolder: join(folder, 'run'),
  sandboxImage: pauseReference,
  cniBinFolder: (await findPrograms(processes, disk)).cniBinFolder,
  registries: [{ registry: registry.host, url: `http://${registry.host}` }],
  cni: {
    name: 'k8ts-e2e',
    bridge: `k8te${random.integer(1e9)}`,
    podCidr: `10.${64 + random.integer(60)}.7.0/24`,
  },
};
const containerd = createContainerd(host, options, silentLogger);
const cgroupParent = `/k8ts-e2e-${random.integer(1e9)}`;
const image = 'k8ts.local/busybox:1';
const signal = AbortSignal.timeout(120_000);
const connections: ContainerRuntime[] = [];

async function connect(): Promise<ContainerRuntime> {
  await containerd.ensureRunning(signal);
  const runtime = await containerd.connect();
  connections.push(runtime);
  return runtime;
}

async function addImages(runtime: ContainerRuntime, images: readonly BuiltImage[]): Promise<void> {
  await ensureImages(host, runtime, { socketPath: containerd.socketPath }, images, join(folder, 'scratch'));
}

async function connectWithImages(): Promise<ContainerRuntime> {
  const runtime = await connect();
  await addImages(runtime, await standardImages(await readBusybox(disk, processes), architecture));
  return runtime;
}

after(async () => {
  registry.close();
  for (const runtime of connections) runtime.close();
  await removeContainerd(host, options, silentLogger);
  // Version 1 has a tree per controller, version 2 one for all.
  await processes.run([
    'sh',
    '-c',
    'rmdir /sys/fs/cgroup/*"$0" /sys/fs/cgroup"$0" 2>/dev/null',
    cgroupParent,
  ]);
});

test('the machine has what a node needs', async () => {
  assert.deepEqual(missingPrograms(await findPrograms(processes, disk)), []);
  assert.ok(cniBinFolders.some((path) => path === options.cniBinFolder));
});

runtimeContract('containerd', async () => {
  const runtime = await connectWithImages();
  return {
    runtime,
    clock,
    image,
    sandboxConfig: (name) => ({
      hostname: name,
      logDirectory: join(folder, 'logs', name),
      linux: { cgroupParent },
    }),
    async readLog({ logPath }) {
      const lines = (await readFile(logPath, 'utf8')).split('\n').filter((line) => line !== '');
      return lines.map((line) => `${line.split(' ').slice(3).join(' ')}\n`).join('');
    },
    async addDisposableImage() {
      const reference = 'k8ts.local/disposable:1';
      const content = Buffer.from('to be removed');
      const entries = [{ type: 'file', path: 'note', mode: 0o644, content }] as const;
      await addImages(runtime, [
        await buildImage({ references: [reference], entries, config: {}, architecture }),
      ]);
      return reference;
    },
  };
});

test('containers outlive the agent and containerd, which is adopted and restarted', async () => {
  const runtime = await connectWithImages();
  const metadata = { name: 'survivor', uid: 'survivor', namespace: 'e2e', attempt: 0 };
  const config = { metadata, logDirectory: join(folder, 'logs'), linux: { cgroupParent } };
  const sandbox = await runtime.runPodSandbox(config);
  const id = await runtime.createContainer(
    sandbox,
    { metadata: { name: 'main', attempt: 0 }, image: { image }, command: ['sleep', '1000'] },
    config,
  );
  await runtime.startContainer(id);
  const pid = async (): Promise<string> =>
    Buffer.from((await disk.readFile(join(folder, 'containerd.pid'))) ?? '').toString();
  const firstPid = await pid();

  // A new agent finds the old containerd.
  const agent = createContainerd(host, options, silentLogger);
  await agent.ensureRunning(signal);
  assert.equal(await pid(), firstPid);

  // Containerd is killed; the agent's component brings it back, with the container still running.
  const stopped = new AbortController();
  const running = agent.start(stopped.signal);
  await eventually(clock, 'readiness', async () => (agent.ready().ready ? true : undefined));
  process.kill(Number(firstPid), 'SIGKILL');
  await eventually(clock, 'another containerd', async () => {
    const now = await pid();
    return now !== firstPid && agent.ready().ready ? now : undefined;
  });
  const again = await connect();
  const status = await eventually(clock, 'the container', async () => {
    const found = await again.containerStatus(id);
    return found.state === 'CONTAINER_UNKNOWN' ? undefined : found;
  });
  assert.equal(status.state, 'CONTAINER_RUNNING');
  stopped.abort();
  await running;
  await again.removePodSandbox(sandbox);
});

test('a containerd that cannot start says why', async () => {
  const broken = createContainerd(
    host,
    {
      ...options,
      folder: join(folder, 'broken'),
      stateFolder: join(folder, 'b'),
      prefixCommand: ['env', 'PATH=/none'],
    },
    silentLogger,
  );
  await assert.rejects(broken.ensureRunning(signal), /containerd ended while it started:\n.*containerd/s);
});

test('images are pulled from a plain-HTTP registry, with credentials where it wants them', async () => {
  const runtime = await connectWithImages();
  const entries = [{ type: 'file', path: 'note', mode: 0o644, content: Buffer.from('pulled') }] as const;
  const built = await buildImage({ references: ['k8ts.local/pulled:1'], entries, config: {}, architecture });
  registry.add('public/app', '1', built);
  registry.add('private/app', '1', built);
  const open = { image: `${registry.host}/public/app:1` };
  const closed = { image: `${registry.host}/private/app:1` };

  assert.equal(await runtime.pullImage(open), built.id);
  assert.deepEqual((await runtime.imageStatus(open))?.repoDigests, [
    `${registry.host}/public/app@${built.digest}`,
  ]);
  await assert.rejects(runtime.pullImage({ image: `${registry.host}/public/app:2` }), isNotFound);
  await assert.rejects(runtime.pullImage(closed), { name: 'CriError', message: /authorization failed|401/ });
  assert.equal(await runtime.pullImage(closed, registryUser), built.id);
  await assert.rejects(runtime.pullImage(open, undefined, undefined, AbortSignal.abort()), {
    code: 'Cancelled',
  });
});

test('an image built from a folder runs', async () => {
  const runtime = await connectWithImages();
  const source = join(folder, 'source');
  await mkdir(source);
  await writeFile(join(source, 'greet.sh'), '#!/bin/sh\necho "$GREETING from $(pwd) as $(id -u)"\n', {
    mode: 0o755,
  });
  const text =
    'FROM busybox:1\nWORKDIR /app\nCOPY greet.sh .\nENV GREETING=hello\nUSER 1234\nCMD ["./greet.sh"]\n';
  await writeFile(join(source, 'Dockerfile'), text);
  const bases = await standardImages(await readBusybox(disk, processes), architecture);
  const built = await buildFolder({ folder: source, tags: ['greeter:1'], bases, architecture });
  assert.ok(built.ok, built.ok ? '' : built.message);
  await addImages(runtime, [built.image]);
  const metadata = { name: 'greeter', uid: 'greeter', namespace: 'e2e', attempt: 0 };
  const config = { metadata, logDirectory: join(folder, 'logs'), linux: { cgroupParent } };
  const sandbox = await runtime.runPodSandbox(config);
  const container = {
    metadata: { name: 'main', attempt: 0 },
    image: { image: 'greeter:1' },
    logPath: 'greeter.log',
  };
  await runtime.startContainer(await runtime.createContainer(sandbox, container, config));
  await eventually(clock, 'the greeting', async () => {
    const log = await readFile(join(folder, 'logs/greeter.log'), 'utf8');
    return log.includes('hello from /app as 1234') ? true : undefined;
  });
  await runtime.removePodSandbox(sandbox);
});

test('a node may live in a network namespace of its own', async () => {
  const netns = `k8ts-e2e-${random.integer(1e9)}`;
  const ip = async (...args: readonly string[]): Promise<number> =>
    (await processes.run(['ip', ...args])).exitCode;
  assert.equal(await ip('netns', 'add', netns), 0);
  const node: ContainerdOptions = {
    ...options,
    folder: join(folder, 'node2'),
    stateFolder: join(folder, 'n2'),
    cni: { ...options.cni, bridge: 'k8ts0' },
    prefixCommand: ['nsenter', `--net=/run/netns/${netns}`],
  };
  try {
    await ip('-n', netns, 'link', 'set', 'lo', 'up');
    const second = createContainerd(host, node, silentLogger);
    await second.ensureRunning(signal);
    const runtime = await second.connect();
    const images = await standardImages(await readBusybox(disk, processes), architecture);
    await ensureImages(
      host,
      runtime,
      { socketPath: second.socketPath },
      images,
      join(node.folder, 'scratch'),
    );
    const metadata = { name: 'far', uid: 'far', namespace: 'e2e', attempt: 0 };
    const id = await runtime.runPodSandbox({ metadata, linux: { cgroupParent } });
    const podIp = (await runtime.podSandboxStatus(id)).network?.ip ?? '';
    runtime.close();
    const inside = await processes.run([
      'ip',
      'netns',
      'exec',
      netns,
      'busybox',
      'ping',
      '-c1',
      '-W2',
      podIp,
    ]);
    assert.equal(inside.exitCode, 0, inside.stdout + inside.stderr);
    assert.equal(await ip('-n', netns, 'link', 'show', 'k8ts0'), 0);
  } finally {
    await removeContainerd(host, node, silentLogger);
    await ip('netns', 'delete', netns);
  }
  assert.equal(await disk.size(join(node.folder, 'config.toml')), undefined);
});
