/** The runtime contract on a real containerd, supervised by us; needs root and the system's packages. */

import assert from 'node:assert/strict';
import { mkdtemp, readFile } from 'node:fs/promises';
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
import { buildImage } from '../src/kubelet/images/build.ts';
import type { BuiltImage } from '../src/kubelet/images/image.ts';
import { ensureImages } from '../src/kubelet/images/import.ts';
import { pauseReference, readBusybox, standardImages } from '../src/kubelet/images/standard.ts';

const host = createNodeHost();
const { clock, disk, processes, random } = host;
const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
const folder = await mkdtemp(join(tmpdir(), 'k8ts-e2e-'));
const options: ContainerdOptions = {
  folder,
  stateFolder: join(folder, 'run'),
  sandboxImage: pauseReference,
  cniBinFolder: (await findPrograms(processes, disk)).cniBinFolder,
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
