/** What the tests of the runtime contract stand on: the subject, and one sandbox per test. */

import assert from 'node:assert/strict';

import type { Clock } from '../../host/host.ts';
import type { ContainerRuntime } from './cri.ts';
import type { ContainerConfig, ContainerStatus, NamespaceOption, PodSandboxConfig } from './messages.ts';

export interface ContractSubject {
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  /** Present, with `sh`, `sleep` and `echo`. */
  readonly image: string;
  /** Makes an image available that the suite then removes; returns its reference. */
  addDisposableImage(): Promise<string>;
  /** The base of every sandbox's configuration: log folder, cgroup parent and the like. */
  sandboxConfig(name: string): Omit<PodSandboxConfig, 'metadata'>;
  /** The text of what a container has written to stdout. */
  readLog(status: ContainerStatus): Promise<string>;
}

/** A sandbox for one test, with shorthands. */
export interface Pod {
  readonly subject: ContractSubject;
  readonly runtime: ContainerRuntime;
  readonly config: PodSandboxConfig;
  readonly id: string;
  create(command: readonly string[], metadata?: ContainerConfig['metadata']): Promise<string>;
  /** Creates and starts. */
  start(command: readonly string[], metadata?: ContainerConfig['metadata']): Promise<string>;
  /** Waits until the container has ended. */
  ended(containerId: string): Promise<ContainerStatus>;
}

export type WithPod = (name: string, use: (pod: Pod) => Promise<void>) => Promise<void>;

/** Polls until `look` finds something; 10 s at most. */
export async function eventually<T>(
  clock: Clock,
  what: string,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const untilMs = clock.monotonicMs() + 10_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    assert.ok(clock.monotonicMs() < untilMs, `${what} did not come about within 10 s`);
    await clock.sleep(20);
  }
}

/** As the kubelet has them for an ordinary pod: the first process of a container is process 1. */
const namespaceOptions: NamespaceOption = { network: 'POD', pid: 'CONTAINER', ipc: 'POD' };

let pods = 0;

export async function runPod(subject: ContractSubject, name: string): Promise<Pod> {
  const { runtime, clock, image } = subject;
  const uid = `00000000-0000-4000-8000-${String(++pods).padStart(12, '0')}`;
  const metadata = { name, uid, namespace: 'contract', attempt: 0 };
  const base = subject.sandboxConfig(`${name}-${pods}`);
  const securityContext = { namespaceOptions };
  const config: PodSandboxConfig = {
    ...base,
    linux: { ...base.linux, securityContext },
    metadata,
    labels: { 'contract/pod': name, run: uid },
    annotations: { note: 'kept as it is' },
  };
  const id = await runtime.runPodSandbox(config);
  const create: Pod['create'] = (command, containerMetadata = { name: 'main', attempt: 0 }) =>
    runtime.createContainer(
      id,
      {
        metadata: containerMetadata,
        image: { image },
        command,
        logPath: `${containerMetadata.name}_${containerMetadata.attempt}.log`,
        labels: { 'contract/container': containerMetadata.name, run: uid },
        linux: { securityContext },
      },
      config,
    );
  return {
    subject,
    runtime,
    config,
    id,
    create,
    async start(command, containerMetadata) {
      const containerId = await create(command, containerMetadata);
      await runtime.startContainer(containerId);
      return containerId;
    },
    ended: (containerId) =>
      eventually(clock, `the end of container ${containerId}`, async () => {
        const status = await runtime.containerStatus(containerId);
        return status.state === 'CONTAINER_EXITED' ? status : undefined;
      }),
  };
}
