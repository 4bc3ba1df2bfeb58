/**
 * A containerd of our own: configured, started, watched, and adopted again after a restart of the agent.
 *
 * Inputs: the node's folders and names, and the host. Outputs: a component that keeps it running, and
 * connections to it.
 *
 * Invariants:
 * - it runs detached: neither it nor a container ends when the agent does; only `shutDown` ends it;
 * - one that runs already with our configuration is adopted, never doubled; others are never touched;
 * - a start that fails says why, in containerd's own words (the end of its log).
 */

import { type Component, notReady, READY, type Readiness } from '../../base/component.ts';
import { errorText, type Logger } from '../../base/log.ts';
import type { Clock, Disk, Host } from '../../host/host.ts';
import type { ContainerRuntime } from '../cri/cri.ts';
import { connectRuntime } from '../cri/grpc/grpc.ts';
import { type CniConfig, invalidCniConfig, renderCniConfig } from './cni-config.ts';
import { type ContainerdConfig, type RegistryHost, renderConfig, renderRegistryHost } from './config.ts';
import {
  ended,
  findRunning,
  logTail,
  type Running,
  startProcess,
  stopProcess,
  waitUntilItAnswers,
} from './process.ts';

export interface ContainerdOptions {
  /** Absolute; holds configuration, images, log and pid file. One per node. */
  readonly folder: string;
  /** Absolute; short, since it holds the socket, whose path Linux limits to 107 characters. */
  readonly stateFolder: string;
  readonly sandboxImage: string;
  readonly cniBinFolder: string;
  readonly cni: Omit<CniConfig, 'dataFolder'>;
  readonly registries?: readonly RegistryHost[];
  readonly snapshotter?: ContainerdConfig['snapshotter'];
  /** Put before the program, for a node in a network namespace: `['nsenter', '--net=/run/netns/x']`. */
  readonly prefixCommand?: readonly string[];
}

/** A node whose containerd is one of ours. */
export interface Containerd extends Component {
  readonly socketPath: string;
  /** Starts or adopts it and resolves when it answers. Rejects with the reason when it does not. */
  ensureRunning(signal: AbortSignal): Promise<void>;
  connect(): Promise<ContainerRuntime>;
  /** Writes new pod CIDRs into the CNI configuration; containerd sees the change by itself. */
  setPodCidr(podCidr: string): Promise<void>;
  /** Ends it. Containers that still run go on under their shims. Harmless when it does not run. */
  shutDown(): Promise<void>;
}

const socketPathLengthMax = 107;
const backoffMinMs = 500;
const backoffMaxMs = 30_000;
/** A run of this length means that the next failure is a new one. */
const backoffResetMs = 60_000;
const capSysResource = 24;
const logBytesMax = 16 * 2 ** 20;
const logCheckMs = 10 * 60_000;

export function createContainerd(host: Host, options: ContainerdOptions, logger: Logger): Containerd {
  const { clock, disk } = host;
  const paths = nodePaths(options);
  const log = logger.with({ component: 'containerd' });
  let readiness: Readiness = notReady('containerd has not been started');
  let running: Running | undefined;

  const ensureRunning = async (signal: AbortSignal): Promise<void> => {
    await writeConfiguration(host, options, paths);
    running = await findRunning(disk, paths);
    if (running === undefined) {
      running = startProcess(host, options.prefixCommand ?? [], paths);
      await disk.writeFileAtomic(paths.pidFile, Buffer.from(`${running.pid}\n`));
      log.info('containerd started', { pid: running.pid, folder: options.folder });
    } else {
      log.info('adopted the containerd that is running', { pid: running.pid });
    }
    await waitUntilItAnswers(host, paths, running, signal);
    readiness = READY;
  };

  const keepRunning = async (signal: AbortSignal): Promise<void> => {
    let backoffMs = backoffMinMs;
    while (!signal.aborted) {
      const beganMs = clock.monotonicMs();
      try {
        await ensureRunning(signal);
        if (running !== undefined) await ended(clock, disk, paths, running, signal);
        if (signal.aborted) break;
        readiness = notReady('containerd has ended and is started again');
        log.warn('containerd has ended', { log: await logTail(disk, paths) });
      } catch (error) {
        if (signal.aborted) break;
        readiness = notReady(errorText(error));
        log.error('containerd does not run', { error: errorText(error) });
      }
      if (clock.monotonicMs() - beganMs > backoffResetMs) backoffMs = backoffMinMs;
      await clock.sleep(backoffMs, signal);
      backoffMs = Math.min(backoffMs * 2, backoffMaxMs);
    }
  };

  return {
    name: 'containerd',
    socketPath: paths.socket,
    async start(signal) {
      await Promise.all([keepRunning(signal), keepLogSmall(clock, disk, paths.log, log, signal)]);
    },
    ready: () => readiness,
    ensureRunning,
    connect: () => connectRuntime({ socketPath: paths.socket }),
    async setPodCidr(podCidr) {
      await writeCniConfig(disk, { ...options, cni: { ...options.cni, podCidr } }, paths);
    },
    async shutDown() {
      readiness = notReady('containerd was stopped');
      const found = await findRunning(disk, paths);
      if (found !== undefined) await stopProcess(host, paths, found.pid);
      await disk.remove(paths.pidFile);
    },
  };
}

interface NodePaths {
  readonly config: string;
  readonly root: string;
  readonly state: string;
  readonly socket: string;
  readonly log: string;
  readonly pidFile: string;
  readonly cniConfig: string;
  readonly cniData: string;
  readonly registries: string;
}

function nodePaths({ folder, stateFolder }: ContainerdOptions): NodePaths {
  return {
    config: `${folder}/config.toml`,
    root: `${folder}/root`,
    state: stateFolder,
    socket: `${stateFolder}/containerd.sock`,
    log: `${folder}/containerd.log`,
    pidFile: `${folder}/containerd.pid`,
    cniConfig: `${folder}/cni/net.d`,
    cniData: `${folder}/cni/addresses`,
    registries: `${folder}/certs.d`,
  };
}

async function writeConfiguration(host: Host, options: ContainerdOptions, paths: NodePaths): Promise<void> {
  const { disk } = host;
  if (`${paths.socket}.ttrpc`.length > socketPathLengthMax) {
    throw new Error(`${paths.socket} is too long for a socket: choose a shorter state folder`);
  }
  for (const folder of [paths.root, paths.state, paths.cniConfig, paths.cniData, paths.registries]) {
    await disk.makeFolder(folder, 0o711);
  }
  await writeCniConfig(disk, options, paths);
  for (const registry of options.registries ?? []) {
    await disk.makeFolder(`${paths.registries}/${registry.registry}`);
    const file = `${paths.registries}/${registry.registry}/hosts.toml`;
    await writeIfChanged(disk, file, renderRegistryHost(registry));
  }
  const status = Buffer.from((await disk.readFile('/proc/self/status')) ?? '').toString();
  const config = renderConfig({
    rootFolder: paths.root,
    stateFolder: paths.state,
    socketPath: paths.socket,
    sandboxImage: options.sandboxImage,
    cniBinFolder: options.cniBinFolder,
    cniConfigFolder: paths.cniConfig,
    registryFolder: paths.registries,
    snapshotter: options.snapshotter ?? 'overlayfs',
    mayLowerOomScore: hasCapability(status, capSysResource),
  });
  await writeIfChanged(disk, paths.config, config);
}

async function writeCniConfig(disk: Disk, options: ContainerdOptions, paths: NodePaths): Promise<void> {
  const config = { ...options.cni, dataFolder: paths.cniData };
  const invalid = invalidCniConfig(config);
  if (invalid !== undefined) throw new Error(invalid);
  await writeIfChanged(disk, `${paths.cniConfig}/10-k8ts.conflist`, renderCniConfig(config));
}

/** Containerd watches the CNI folder: writing the same again would make it load the network anew. */
async function writeIfChanged(disk: Disk, path: string, text: string): Promise<void> {
  const before = await disk.readFile(path);
  if (before !== undefined && Buffer.from(before).toString() === text) return;
  await disk.writeFileAtomic(path, Buffer.from(text), 0o644);
}

/** Whether the effective set in `/proc/<pid>/status` has the capability of this number. */
export function hasCapability(status: string, number: number): boolean {
  const [, hex = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(status) ?? [];
  return ((BigInt(`0x${hex}`) >> BigInt(number)) & 1n) === 1n;
}

/** Containerd appends to its log for as long as it lives; what grew too large is begun anew. */
async function keepLogSmall(
  clock: Clock,
  disk: Disk,
  path: string,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await trimLog(disk, path);
    } catch (error) {
      log.warn('the log of containerd cannot be trimmed', { path, error: errorText(error) });
    }
    await clock.sleep(logCheckMs, signal);
  }
}

export async function trimLog(disk: Disk, path: string, bytesMax: number = logBytesMax): Promise<void> {
  const size = await disk.size(path);
  if (size === undefined || size <= bytesMax) return;
  const file = await disk.openAppend(path);
  try {
    await file.truncate(0);
  } finally {
    await file.close();
  }
}
