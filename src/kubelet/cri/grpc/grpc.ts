/**
 * A `ContainerRuntime` behind a unix socket: containerd, CRI-O, or any other that speaks the CRI v1.
 *
 * Input: the socket's path. Invariant: every call has an end; the deadlines are the kubelet's (2 minutes,
 * twice that for sandboxes, grace period added for stops), pulls end with their signal only.
 */

import { type ContainerRuntime, CriError, isNotFound } from '../cri.ts';
import { type CallOptions, type Channel, openChannel } from './channel.ts';
import { despiteEnding } from './ending.ts';
import * as calls from './wire-calls.ts';

export interface GrpcRuntimeOptions {
  /** Absolute. */
  readonly socketPath: string;
  /** Default: 2 minutes, as the kubelet's `runtimeRequestTimeout`. */
  readonly requestTimeoutMs?: number;
}

const defaultTimeoutMs = 120_000;

export async function connectRuntime(options: GrpcRuntimeOptions): Promise<ContainerRuntime> {
  const timeoutMs = options.requestTimeoutMs ?? defaultTimeoutMs;
  const channel = await openChannel(options.socketPath);
  const context: Context = {
    channel,
    timeoutMs,
    call: (call, request, callOptions) => channel.call(call, request, { timeoutMs, ...callOptions }),
  };
  return {
    ...runtimeCalls(context),
    ...sandboxCalls(context),
    ...containerCalls(context),
    ...streamingCalls(context),
    ...imageCalls(context),
    close: () => channel.close(),
  };
}

interface Context {
  readonly channel: Channel;
  readonly timeoutMs: number;
  /** With the usual deadline. */
  readonly call: Channel['call'];
}

type Part<K extends keyof ContainerRuntime> = Pick<ContainerRuntime, K>;

/** Runtimes differ in whether stopping what is gone is an error; here it never is. */
async function unlessGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function runtimeCalls({
  call,
  channel,
}: Context): Part<
  | 'version'
  | 'status'
  | 'updateRuntimeConfig'
  | 'cgroupDriver'
  | 'containerEvents'
  | 'containerStats'
  | 'listContainerStats'
> {
  return {
    version: () => call(calls.version, {}),
    async status() {
      const { status, ...more } = await call(calls.status, {});
      return { ...status, ...more };
    },
    async updateRuntimeConfig(config) {
      await call(calls.updateRuntimeConfig, config);
    },
    async cgroupDriver() {
      try {
        const { cgroupDriver } = await call(calls.runtimeConfig, {});
        if (cgroupDriver === undefined) return undefined;
        return cgroupDriver === 'SYSTEMD' ? 'systemd' : 'cgroupfs';
      } catch (error) {
        if (error instanceof CriError && error.code === 'Unimplemented') return undefined;
        throw error;
      }
    },
    containerEvents: (onEvent, signal) => channel.stream(calls.getContainerEvents, {}, onEvent, signal),
    async containerStats(containerId) {
      const { stats } = await call(calls.containerStats, { containerId });
      if (stats === undefined) throw new CriError('NotFound', `container "${containerId}" has no statistics`);
      return stats;
    },
    listContainerStats: async (filter = {}) => (await call(calls.listContainerStats, { filter })).stats,
  };
}

function sandboxCalls({
  call,
  timeoutMs,
}: Context): Part<
  'runPodSandbox' | 'stopPodSandbox' | 'removePodSandbox' | 'podSandboxStatus' | 'listPodSandbox'
> {
  return {
    async runPodSandbox(config, runtimeHandler = '', signal) {
      const options: CallOptions = { timeoutMs: 2 * timeoutMs, signal };
      return (await call(calls.runPodSandbox, { config, runtimeHandler }, options)).podSandboxId;
    },
    stopPodSandbox: (podSandboxId) =>
      unlessGone(despiteEnding(() => call(calls.stopPodSandbox, { podSandboxId }))),
    removePodSandbox: (podSandboxId) =>
      unlessGone(despiteEnding(() => call(calls.removePodSandbox, { podSandboxId }))),
    podSandboxStatus: async (podSandboxId) => (await call(calls.podSandboxStatus, { podSandboxId })).status,
    listPodSandbox: async (filter = {}) => (await call(calls.listPodSandbox, { filter })).items,
  };
}

function containerCalls({
  call,
  timeoutMs,
}: Context): Part<
  | 'createContainer'
  | 'startContainer'
  | 'stopContainer'
  | 'removeContainer'
  | 'containerStatus'
  | 'listContainers'
  | 'updateContainerResources'
  | 'reopenContainerLog'
> {
  return {
    createContainer: async (podSandboxId, config, sandboxConfig) =>
      (await call(calls.createContainer, { podSandboxId, config, sandboxConfig })).containerId,
    async startContainer(containerId) {
      await call(calls.startContainer, { containerId });
    },
    stopContainer(containerId, timeoutSeconds, signal) {
      const options: CallOptions = { timeoutMs: timeoutMs + timeoutSeconds * 1000, signal };
      return unlessGone(call(calls.stopContainer, { containerId, timeoutSeconds }, options));
    },
    removeContainer: (containerId) => unlessGone(call(calls.removeContainer, { containerId })),
    containerStatus: async (containerId) => (await call(calls.containerStatus, { containerId })).status,
    listContainers: async (filter = {}) => (await call(calls.listContainers, { filter })).containers,
    async updateContainerResources(containerId, linux) {
      await call(calls.updateContainerResources, { containerId, linux });
    },
    async reopenContainerLog(containerId) {
      await call(calls.reopenContainerLog, { containerId });
    },
  };
}

function streamingCalls({
  call,
  channel,
  timeoutMs,
}: Context): Part<'execSync' | 'exec' | 'attach' | 'portForward'> {
  return {
    execSync(containerId, cmd, timeoutSeconds, signal) {
      const request = { containerId, cmd, timeoutSeconds };
      const limit = timeoutSeconds > 0 ? { timeoutMs: timeoutMs + timeoutSeconds * 1000 } : {};
      return channel.call(calls.execSync, request, { ...limit, signal });
    },
    exec: async (request) => (await call(calls.exec, request)).url,
    attach: async (request) => (await call(calls.attach, request)).url,
    portForward: async (podSandboxId, ports) => (await call(calls.portForward, { podSandboxId, ports })).url,
  };
}

function imageCalls({
  call,
  channel,
}: Context): Part<'imageStatus' | 'pullImage' | 'listImages' | 'removeImage' | 'imageFsInfo'> {
  return {
    imageStatus: async (image) => (await call(calls.imageStatus, { image })).image,
    async pullImage(image, auth, sandboxConfig, signal) {
      const request = {
        image,
        ...(auth === undefined ? {} : { auth }),
        ...(sandboxConfig === undefined ? {} : { sandboxConfig }),
      };
      return (await channel.call(calls.pullImage, request, { signal })).imageRef;
    },
    listImages: async () => (await call(calls.listImages, {})).images,
    async removeImage(image) {
      await unlessGone(call(calls.removeImage, { image }));
    },
    imageFsInfo: () => call(calls.imageFsInfo, {}),
  };
}
