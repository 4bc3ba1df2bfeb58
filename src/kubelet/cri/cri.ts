/**
 * The Container Runtime Interface v1 as the kubelet sees it: one typed method per call.
 *
 * Implementations: `grpc/` (a runtime behind a socket, such as containerd) and `memory/` (simulated nodes).
 * Both pass the suite in `contract.ts`.
 *
 * Invariants, equal for all of them:
 * - a call that fails rejects with a `CriError`, and with nothing else;
 * - asking for a sandbox or container that is not there rejects with code `NotFound`;
 * - stopping and removing are idempotent: what is stopped or gone already is a success;
 * - a sandbox that stops takes its containers with it (they end with 137), and removing it removes them.
 */

import type {
  AttachRequest,
  AuthConfig,
  Container,
  ContainerConfig,
  ContainerEvent,
  ContainerFilter,
  ContainerStatus,
  ExecRequest,
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
} from './messages.ts';
import type { ContainerStats, ContainerStatsFilter, ImageFsInfo } from './stats.ts';

export interface RuntimeService {
  version(): Promise<RuntimeVersion>;
  status(): Promise<RuntimeStatus>;
  /** Hands the node's pod CIDR to the runtime. */
  updateRuntimeConfig(config: { readonly podCidr: string }): Promise<void>;
  /** The driver that the runtime wants; undefined when it does not say (containerd before 2.0). */
  cgroupDriver(): Promise<'systemd' | 'cgroupfs' | undefined>;

  /**
   * Creates and starts the sandbox, its network included. Returns its id. `runtimeHandler` '' is the
   * default.
   */
  runPodSandbox(config: PodSandboxConfig, runtimeHandler?: string, signal?: AbortSignal): Promise<string>;
  stopPodSandbox(podSandboxId: string): Promise<void>;
  removePodSandbox(podSandboxId: string): Promise<void>;
  podSandboxStatus(podSandboxId: string): Promise<PodSandboxStatus>;
  listPodSandbox(filter?: PodSandboxFilter): Promise<readonly PodSandbox[]>;

  /** Returns the container's id. `sandboxConfig` is the one that the sandbox was run with. */
  createContainer(
    podSandboxId: string,
    config: ContainerConfig,
    sandboxConfig: PodSandboxConfig,
  ): Promise<string>;
  startContainer(containerId: string): Promise<void>;
  /**
   * Sends the stop signal, waits at most `timeoutSeconds`, then kills. 0 kills at once. Resolves when it
   * has ended.
   */
  stopContainer(containerId: string, timeoutSeconds: number, signal?: AbortSignal): Promise<void>;
  /** Kills it first when it runs. */
  removeContainer(containerId: string): Promise<void>;
  containerStatus(containerId: string): Promise<ContainerStatus>;
  listContainers(filter?: ContainerFilter): Promise<readonly Container[]>;
  updateContainerResources(containerId: string, resources: LinuxContainerResources): Promise<void>;
  /** After the kubelet moved the log away: opens a new file under the old name. */
  reopenContainerLog(containerId: string): Promise<void>;

  /** Runs to the end. `timeoutSeconds` 0 means no limit; over it, rejects with `DeadlineExceeded`. */
  execSync(
    containerId: string,
    cmd: readonly string[],
    timeoutSeconds: number,
    signal?: AbortSignal,
  ): Promise<ExecSyncResult>;
  /**
   * The URL of a streaming session, for one use; `Unimplemented` where the runtime serves no streams
   * (memory).
   */
  exec(request: ExecRequest): Promise<string>;
  attach(request: AttachRequest): Promise<string>;
  portForward(podSandboxId: string, ports: readonly number[]): Promise<string>;

  containerStats(containerId: string): Promise<ContainerStats>;
  listContainerStats(filter?: ContainerStatsFilter): Promise<readonly ContainerStats[]>;

  /**
   * Calls `onEvent` for every change of a sandbox or container until `signal` aborts (then resolves).
   * Rejects with `Unimplemented` where the runtime has no events: the caller then lists periodically.
   */
  containerEvents(onEvent: (event: ContainerEvent) => void, signal: AbortSignal): Promise<void>;
}

export interface ImageService {
  /** Undefined when the image is not there. */
  imageStatus(image: ImageSpec): Promise<Image | undefined>;
  /** Returns the reference to start containers with (the image's id or digest). */
  pullImage(
    image: ImageSpec,
    auth?: AuthConfig,
    sandboxConfig?: PodSandboxConfig,
    signal?: AbortSignal,
  ): Promise<string>;
  listImages(): Promise<readonly Image[]>;
  removeImage(image: ImageSpec): Promise<void>;
  imageFsInfo(): Promise<ImageFsInfo>;
}

export interface ContainerRuntime extends RuntimeService, ImageService {
  /** Frees the connection; calls after it reject with `Cancelled`. */
  close(): void;
}

/** gRPC's closed set of codes, without `OK`. */
export type CriErrorCode =
  | 'Cancelled'
  | 'Unknown'
  | 'InvalidArgument'
  | 'DeadlineExceeded'
  | 'NotFound'
  | 'AlreadyExists'
  | 'PermissionDenied'
  | 'ResourceExhausted'
  | 'FailedPrecondition'
  | 'Aborted'
  | 'OutOfRange'
  | 'Unimplemented'
  | 'Internal'
  | 'Unavailable'
  | 'DataLoss'
  | 'Unauthenticated';

/**
 * A failed call. `message` is the runtime's own text, without gRPC decoration: it ends up in events and
 * statuses.
 */
export class CriError extends Error {
  override readonly name = 'CriError';
  readonly code: CriErrorCode;

  constructor(code: CriErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof CriError && error.code === 'NotFound';
}
