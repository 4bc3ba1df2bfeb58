/** A pod as the runtime has it, and the questions that planning and status ask about it; pure. */

import type { ContainerStatus, PodSandboxStatus } from '../cri/messages.ts';
import { CONTAINER_NAME_LABEL, restartCountOf, type PodName } from './pod-names.ts';

export interface ObservedContainer extends ContainerStatus {
  readonly podSandboxId: string;
}

export interface ObservedPod extends PodName {
  /** Newest first. */
  readonly sandboxes: readonly PodSandboxStatus[];
  /** Newest first; several of one name after restarts. */
  readonly containers: readonly ObservedContainer[];
}

export function nothingObserved(name: PodName): ObservedPod {
  return { ...name, sandboxes: [], containers: [] };
}

export function containerName({ labels, metadata }: Pick<ContainerStatus, 'labels' | 'metadata'>): string {
  return labels[CONTAINER_NAME_LABEL] ?? metadata.name;
}

/** Newest first. */
export function attemptsOf({ containers }: ObservedPod, name: string): readonly ObservedContainer[] {
  return containers.filter((container) => containerName(container) === name);
}

export function latestOf({ containers }: ObservedPod, name: string): ObservedContainer | undefined {
  return containers.find((container) => containerName(container) === name);
}

export function runningContainers({ containers }: ObservedPod): readonly ObservedContainer[] {
  return containers.filter(({ state }) => state === 'CONTAINER_RUNNING' || state === 'CONTAINER_UNKNOWN');
}

export function readySandbox({ sandboxes }: ObservedPod): PodSandboxStatus | undefined {
  const [newest] = sandboxes;
  return newest?.state === 'SANDBOX_READY' ? newest : undefined;
}

export function restartCount({ annotations, metadata }: ContainerStatus): number {
  return restartCountOf(annotations) ?? metadata.attempt;
}

/** All addresses of the newest sandbox that runs; empty on the host's network. */
export function podAddresses(observed: ObservedPod): readonly string[] {
  const network = readySandbox(observed)?.network;
  return network === undefined || network.ip === '' ? [] : [network.ip, ...network.additionalIps];
}

type Dated = { readonly createdAtMs: number; readonly metadata: { readonly attempt: number } };

export function newestFirst(a: Dated, b: Dated): number {
  return b.createdAtMs - a.createdAtMs || b.metadata.attempt - a.metadata.attempt;
}
