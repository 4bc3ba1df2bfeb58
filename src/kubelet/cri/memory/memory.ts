/**
 * A container runtime without containers: the CRI for simulated nodes and for tests of the kubelet.
 *
 * Inputs: a clock, randomness for ids, the node's pod CIDR and a script of what sandboxes, containers and
 * images do (`behaviour.ts`). Outputs: the same states, exit codes, errors and events that a real runtime
 * gives, in the time of the clock.
 *
 * Invariants: nothing runs while nothing changes (thousands of nodes fit in a process); the object outlives
 * the kubelet that uses it, as a runtime outlives the restart of its agent.
 */

import type { Clock, Random } from '../../../host/host.ts';
import { type ContainerRuntime, CriError } from '../cri.ts';
import type {
  AuthConfig,
  Container,
  ContainerConfig,
  ContainerFilter,
  ContainerStatus,
  ExecSyncResult,
  Image,
  ImageSpec,
  LinuxContainerResources,
  PodSandbox,
  PodSandboxConfig,
  PodSandboxFilter,
  PodSandboxStatus,
  RuntimeStatus,
  RuntimeVersion,
} from '../messages.ts';
import type { ContainerStats, ContainerStatsFilter, ImageFsInfo } from '../stats.ts';
import { defaultBehaviour, defaultExec, type MemoryScript } from './behaviour.ts';
import type { LogLine, MemoryContainer } from './container.ts';
import { MemoryImages } from './images.ts';
import { type EventListener, MemoryNode, sandboxStatus, sandboxSummary } from './node.ts';

export interface MemoryRuntimeOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Absent: pods get addresses once `updateRuntimeConfig` has told the range. */
  readonly podCidr?: string;
  readonly script?: MemoryScript;
}

export class MemoryRuntime implements ContainerRuntime {
  readonly #clock: Clock;
  readonly #script: MemoryScript;
  readonly #images: MemoryImages;
  readonly #node: MemoryNode;
  #fault: CriError | undefined;

  constructor(options: MemoryRuntimeOptions) {
    const { clock, random, podCidr, script = {} } = options;
    this.#clock = clock;
    this.#script = script;
    this.#images = new MemoryImages(clock, (image) => script.image?.(image) ?? {});
    this.#node = new MemoryNode(clock, random);
    if (podCidr !== undefined) this.#node.setPodCidr(podCidr);
  }

  // For tests, scenarios and the log reader of simulated nodes

  /** Makes every call fail, as a runtime that is down does; undefined brings it back. */
  setFault(fault: CriError | undefined): void {
    this.#fault = fault;
  }

  /** A container ends by itself, for instance `exitContainer(id, 137, 'OOMKilled')`. */
  exitContainer(containerId: string, exitCode: number, reason?: string): void {
    this.#node.container(containerId).exit(exitCode, reason);
  }

  /** The machine restarts: everything has stopped, and is still listed. */
  reboot(): void {
    for (const sandbox of this.#node.sandboxes()) this.#node.stopSandbox(sandbox);
  }

  readLog(containerId: string): readonly LogLine[] {
    return this.#node.container(containerId).log();
  }

  // The runtime

  async version(): Promise<RuntimeVersion> {
    this.#check();
    return { version: '0.1.0', runtimeName: 'k8ts-memory', runtimeVersion: '0.1.0', runtimeApiVersion: 'v1' };
  }

  async status(): Promise<RuntimeStatus> {
    this.#check();
    const ready = { status: true, reason: '', message: '' };
    const notReady = {
      status: false,
      reason: 'NetworkPluginNotReady',
      message: 'the node has no pod CIDR yet',
    };
    return {
      conditions: [
        { type: 'RuntimeReady', ...ready },
        { type: 'NetworkReady', ...(this.#node.hasAddresses ? ready : notReady) },
      ],
      runtimeHandlers: [{ name: '' }],
    };
  }

  async updateRuntimeConfig(config: { readonly podCidr: string }): Promise<void> {
    this.#check();
    this.#node.setPodCidr(config.podCidr);
  }

  async cgroupDriver(): Promise<'cgroupfs'> {
    this.#check();
    return 'cgroupfs';
  }

  async containerEvents(onEvent: EventListener, signal: AbortSignal): Promise<void> {
    this.#check();
    await this.#node.listen(onEvent, signal);
  }

  close(): void {
    this.#fault = new CriError('Cancelled', 'the connection to the runtime is closed');
  }

  // Sandboxes

  async runPodSandbox(config: PodSandboxConfig, runtimeHandler = '', signal?: AbortSignal): Promise<string> {
    this.#check();
    if (runtimeHandler !== '') {
      throw new CriError('Unknown', `no runtime for "${runtimeHandler}" is configured`);
    }
    const { delayMs = 0, error } = this.#script.sandbox?.(config) ?? {};
    if (delayMs > 0) await this.#clock.sleep(delayMs, signal);
    if (signal?.aborted === true) throw new CriError('Cancelled', 'context canceled', signal.reason);
    if (error !== undefined) throw error;
    return this.#node.addSandbox(config).id;
  }

  async stopPodSandbox(podSandboxId: string): Promise<void> {
    this.#check();
    const sandbox = this.#node.findSandbox(podSandboxId);
    if (sandbox !== undefined) this.#node.stopSandbox(sandbox);
  }

  async removePodSandbox(podSandboxId: string): Promise<void> {
    this.#check();
    const sandbox = this.#node.findSandbox(podSandboxId);
    if (sandbox !== undefined) this.#node.removeSandbox(sandbox);
  }

  async podSandboxStatus(podSandboxId: string): Promise<PodSandboxStatus> {
    this.#check();
    return sandboxStatus(this.#node.sandbox(podSandboxId));
  }

  async listPodSandbox(filter?: PodSandboxFilter): Promise<readonly PodSandbox[]> {
    this.#check();
    return this.#node.sandboxes(filter).map(sandboxSummary);
  }

  // Containers

  async createContainer(podSandboxId: string, config: ContainerConfig): Promise<string> {
    this.#check();
    const sandbox = this.#node.sandbox(podSandboxId);
    if (sandbox.state !== 'SANDBOX_READY') throw sandboxNotRunning(podSandboxId);
    const image = this.#images.find(config.image.image);
    if (image === undefined) {
      throw new CriError('NotFound', `failed to resolve image "${config.image.image}": not found`);
    }
    return this.#node.addContainer(sandbox, config, image.id).id;
  }

  async startContainer(containerId: string): Promise<void> {
    this.#check();
    const container = this.#node.container(containerId);
    const sandbox = this.#node.sandbox(container.podSandboxId);
    if (sandbox.state !== 'SANDBOX_READY') throw sandboxNotRunning(sandbox.id);
    const scripted = this.#script.container?.(container.config, sandbox.config);
    await container.start(scripted ?? defaultBehaviour(container.config));
  }

  async stopContainer(containerId: string, timeoutSeconds: number): Promise<void> {
    this.#check();
    await this.#node.findContainer(containerId)?.stop(timeoutSeconds);
  }

  async removeContainer(containerId: string): Promise<void> {
    this.#check();
    const container = this.#node.findContainer(containerId);
    if (container !== undefined) this.#node.removeContainer(container);
  }

  async containerStatus(containerId: string): Promise<ContainerStatus> {
    this.#check();
    return this.#node.container(containerId).status();
  }

  async listContainers(filter?: ContainerFilter): Promise<readonly Container[]> {
    this.#check();
    return this.#node.containers(filter).map((container) => container.summary());
  }

  async updateContainerResources(containerId: string, resources: LinuxContainerResources): Promise<void> {
    this.#check();
    this.#node.container(containerId).setResources(resources);
  }

  async reopenContainerLog(containerId: string): Promise<void> {
    this.#running(containerId);
  }

  async execSync(
    containerId: string,
    cmd: readonly string[],
    timeoutSeconds: number,
  ): Promise<ExecSyncResult> {
    const container = this.#running(containerId);
    const answer = container.behaviour.exec?.(cmd, container.running()) ?? defaultExec(cmd);
    const { stdout = '', stderr = '', exitCode = 0, delayMs = 0 } = answer;
    const limitMs = timeoutSeconds > 0 ? timeoutSeconds * 1000 : Infinity;
    if (delayMs > 0) await this.#clock.sleep(Math.min(delayMs, limitMs));
    if (delayMs > limitMs) {
      throw new CriError(
        'DeadlineExceeded',
        `timeout ${timeoutSeconds}s exceeded: context deadline exceeded`,
      );
    }
    return { stdout: Buffer.from(stdout), stderr: Buffer.from(stderr), exitCode };
  }

  async exec(): Promise<string> {
    throw noStreams();
  }

  async attach(): Promise<string> {
    throw noStreams();
  }

  async portForward(): Promise<string> {
    throw noStreams();
  }

  async containerStats(containerId: string): Promise<ContainerStats> {
    this.#check();
    return this.#node.container(containerId).stats();
  }

  async listContainerStats(filter: ContainerStatsFilter = {}): Promise<readonly ContainerStats[]> {
    this.#check();
    const running = this.#node.containers({ ...filter, state: 'CONTAINER_RUNNING' });
    return running.map((container) => container.stats());
  }

  // Images

  async imageStatus(image: ImageSpec): Promise<Image | undefined> {
    this.#check();
    return this.#images.find(image.image);
  }

  async pullImage(
    image: ImageSpec,
    _auth?: AuthConfig,
    _sandboxConfig?: PodSandboxConfig,
    signal?: AbortSignal,
  ): Promise<string> {
    this.#check();
    return (await this.#images.pull(image.image, signal)).id;
  }

  async listImages(): Promise<readonly Image[]> {
    this.#check();
    return this.#images.list();
  }

  async removeImage(image: ImageSpec): Promise<void> {
    this.#check();
    this.#images.remove(image.image);
  }

  async imageFsInfo(): Promise<ImageFsInfo> {
    this.#check();
    const usedBytes = this.#images.usedBytes();
    const usage = { timestampMs: this.#clock.now(), mountpoint: '/', usedBytes, inodesUsed: 0 };
    return { imageFilesystems: [usage], containerFilesystems: [] };
  }

  #check(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  #running(containerId: string): MemoryContainer {
    this.#check();
    const container = this.#node.container(containerId);
    if (container.state === 'CONTAINER_RUNNING') return container;
    throw new CriError('Unknown', `container is in ${container.state} state`);
  }
}

function sandboxNotRunning(podSandboxId: string): CriError {
  return new CriError('Unknown', `sandbox container "${podSandboxId}" is not running`);
}

function noStreams(): CriError {
  return new CriError('Unimplemented', 'a simulated node serves no streams');
}
