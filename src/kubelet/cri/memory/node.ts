/**
 * What exists on a simulated node: its sandboxes and their containers, and who listens to their changes.
 *
 * Invariant: a container belongs to one sandbox, and is gone when its sandbox is.
 */

import { aborted } from '../../../base/abort.ts';
import type { Clock, Random } from '../../../host/host.ts';
import { CriError } from '../cri.ts';
import type {
  ContainerEvent,
  ContainerEventType,
  ContainerFilter,
  PodSandbox,
  PodSandboxConfig,
  PodSandboxFilter,
  PodSandboxState,
  PodSandboxStatus,
} from '../messages.ts';
import { type AddressPool, createAddressPool } from './addresses.ts';
import { MemoryContainer } from './container.ts';

export type EventListener = (event: ContainerEvent) => void;

export interface MemorySandbox {
  readonly id: string;
  readonly config: PodSandboxConfig;
  readonly createdAtMs: number;
  /** Empty on the host's network and once it has stopped. */
  ip: string;
  state: PodSandboxState;
  readonly containers: Set<MemoryContainer>;
}

export class MemoryNode {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #sandboxes = new Map<string, MemorySandbox>();
  readonly #names = new Set<string>();
  readonly #containers = new Map<string, MemoryContainer>();
  readonly #listeners = new Set<EventListener>();
  #addresses: AddressPool | undefined;
  #lastCreatedAtMs = 0;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  get hasAddresses(): boolean {
    return this.#addresses !== undefined;
  }

  /** The first range counts. Pods keep the addresses that they have, so a later range is not taken. */
  setPodCidr(podCidrs: string): void {
    if (this.#addresses !== undefined) return;
    const pool = podCidrs
      .split(',')
      .map(createAddressPool)
      .find((found) => found !== undefined);
    if (pool === undefined) throw new CriError('InvalidArgument', `"${podCidrs}" has no IPv4 range`);
    this.#addresses = pool;
  }

  addSandbox(config: PodSandboxConfig): MemorySandbox {
    const name = sandboxName(config);
    if (this.#names.has(name)) {
      throw new CriError('Unknown', `failed to reserve sandbox name "${name}": it is in use`);
    }
    const sandbox: MemorySandbox = {
      id: this.#newId(),
      config,
      createdAtMs: this.#createdAtMs(),
      ip: namespaceOptions(config)?.network === 'NODE' ? '' : this.#takeAddress(),
      state: 'SANDBOX_READY',
      containers: new Set(),
    };
    this.#names.add(name);
    this.#sandboxes.set(sandbox.id, sandbox);
    this.#emit('CONTAINER_CREATED_EVENT', sandbox.id, sandbox);
    this.#emit('CONTAINER_STARTED_EVENT', sandbox.id, sandbox);
    return sandbox;
  }

  addContainer(sandbox: MemorySandbox, config: MemoryContainer['config'], imageId: string): MemoryContainer {
    const { name, attempt } = config.metadata;
    for (const { config: other } of sandbox.containers) {
      if (other.metadata.name !== name || other.metadata.attempt !== attempt) continue;
      const reserved = `${name}_${sandboxName(sandbox.config)}_${attempt}`;
      throw new CriError('Unknown', `failed to reserve container name "${reserved}": it is in use`);
    }
    const id = this.#newId();
    const container = new MemoryContainer({
      clock: this.#clock,
      id,
      podSandboxId: sandbox.id,
      config,
      imageId,
      logPath: config.logPath === undefined ? '' : `${sandbox.config.logDirectory ?? ''}/${config.logPath}`,
      createdAtMs: this.#createdAtMs(),
      changed: (type) => this.#emit(type, id, sandbox),
    });
    this.#containers.set(id, container);
    sandbox.containers.add(container);
    this.#emit('CONTAINER_CREATED_EVENT', id, sandbox);
    return container;
  }

  findSandbox(id: string): MemorySandbox | undefined {
    return this.#sandboxes.get(id);
  }

  sandbox(id: string): MemorySandbox {
    const sandbox = this.#sandboxes.get(id);
    if (sandbox === undefined) throw notFound('sandbox', id);
    return sandbox;
  }

  findContainer(id: string): MemoryContainer | undefined {
    return this.#containers.get(id);
  }

  container(id: string): MemoryContainer {
    const container = this.#containers.get(id);
    if (container === undefined) throw notFound('container', id);
    return container;
  }

  sandboxes(filter: PodSandboxFilter = {}): readonly MemorySandbox[] {
    const { id = '', state, labelSelector = {} } = filter;
    return [...this.#sandboxes.values()].filter(
      (sandbox) =>
        sandbox.id.startsWith(id) &&
        (state === undefined || sandbox.state === state) &&
        hasLabels(sandbox.config.labels, labelSelector),
    );
  }

  containers(filter: ContainerFilter = {}): readonly MemoryContainer[] {
    const { id = '', state, podSandboxId = '', labelSelector = {} } = filter;
    return [...this.#containers.values()].filter(
      (container) =>
        container.id.startsWith(id) &&
        container.podSandboxId.startsWith(podSandboxId) &&
        (state === undefined || container.state === state) &&
        hasLabels(container.config.labels, labelSelector),
    );
  }

  stopSandbox(sandbox: MemorySandbox): void {
    if (sandbox.state === 'SANDBOX_NOTREADY') return;
    for (const container of sandbox.containers) container.kill();
    if (sandbox.ip !== '') this.#addresses?.free(sandbox.ip);
    sandbox.ip = '';
    sandbox.state = 'SANDBOX_NOTREADY';
    this.#emit('CONTAINER_STOPPED_EVENT', sandbox.id, sandbox);
  }

  removeSandbox(sandbox: MemorySandbox): void {
    this.stopSandbox(sandbox);
    for (const container of sandbox.containers) this.removeContainer(container);
    this.#sandboxes.delete(sandbox.id);
    this.#names.delete(sandboxName(sandbox.config));
    this.#emit('CONTAINER_DELETED_EVENT', sandbox.id, sandbox);
  }

  removeContainer(container: MemoryContainer): void {
    container.kill();
    this.#containers.delete(container.id);
    const sandbox = this.sandbox(container.podSandboxId);
    sandbox.containers.delete(container);
    this.#emit('CONTAINER_DELETED_EVENT', container.id, sandbox);
  }

  async listen(onEvent: EventListener, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    // A function of its own per call, since the same one may be given twice.
    const listener: EventListener = (event) => onEvent(event);
    this.#listeners.add(listener);
    await aborted(signal);
    this.#listeners.delete(listener);
  }

  #emit(containerEventType: ContainerEventType, containerId: string, sandbox: MemorySandbox): void {
    if (this.#listeners.size === 0) return;
    const event: ContainerEvent = {
      containerId,
      containerEventType,
      createdAtMs: this.#clock.now(),
      podSandboxStatus: sandboxStatus(sandbox),
      containersStatuses: [...sandbox.containers].map((container) => container.status()),
    };
    for (const listener of this.#listeners) listener(event);
  }

  #takeAddress(): string {
    if (this.#addresses === undefined) {
      throw new CriError('Unknown', 'failed to setup network for sandbox: the node has no pod CIDR yet');
    }
    const address = this.#addresses.take();
    if (address !== undefined) return address;
    throw new CriError(
      'Unknown',
      'failed to setup network for sandbox: no IP addresses available in range set',
    );
  }

  #newId(): string {
    return Buffer.from(this.#random.bytes(32)).toString('hex');
  }

  /** Rises with every call, as the nanoseconds of a real runtime do: the kubelet orders attempts by it. */
  #createdAtMs(): number {
    this.#lastCreatedAtMs = Math.max(this.#clock.now(), this.#lastCreatedAtMs + 0.001);
    return this.#lastCreatedAtMs;
  }
}

export function sandboxSummary(sandbox: MemorySandbox): PodSandbox {
  const { metadata, labels = {}, annotations = {} } = sandbox.config;
  const { id, state, createdAtMs } = sandbox;
  return { id, metadata, state, createdAtMs, labels, annotations, runtimeHandler: '' };
}

export function sandboxStatus(sandbox: MemorySandbox): PodSandboxStatus {
  const options = namespaceOptions(sandbox.config);
  return {
    ...sandboxSummary(sandbox),
    network: { ip: sandbox.ip, additionalIps: [] },
    ...(options === undefined ? {} : { namespaceOptions: options }),
  };
}

function namespaceOptions(config: PodSandboxConfig): PodSandboxStatus['namespaceOptions'] {
  return config.linux?.securityContext?.namespaceOptions;
}

function sandboxName(config: PodSandboxConfig): string {
  const { name, namespace, uid, attempt } = config.metadata;
  return `${name}_${namespace}_${uid}_${attempt}`;
}

function hasLabels(
  labels: Readonly<Record<string, string>> = {},
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

function notFound(kind: 'sandbox' | 'container', id: string): CriError {
  return new CriError('NotFound', `an error occurred when try to find ${kind} "${id}": not found`);
}
