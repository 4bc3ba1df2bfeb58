/** The calls of the CRI v1 that the client makes: path, request and response. */

import type * as cri from '../messages.ts';
import type * as stats from '../stats.ts';
import {
  bool,
  bytes,
  field,
  type Fields,
  instant,
  integer,
  list,
  message,
  type Message,
  oneOf,
  optional,
  text,
  textMap,
  wrapped,
} from './protobuf.ts';
import * as wire from './wire-messages.ts';

export interface Call<Request, Response> {
  readonly path: string;
  readonly request: Message<Request>;
  readonly response: Message<Response>;
}

type Nothing = Readonly<Record<never, never>>;
const nothing: Fields<Nothing> = {};

function runtime<Q extends object, R extends object>(name: string, q: Fields<Q>, r: Fields<R>): Call<Q, R> {
  return { path: `/runtime.v1.RuntimeService/${name}`, request: message<Q>(q), response: message<R>(r) };
}

function images<Q extends object, R extends object>(name: string, q: Fields<Q>, r: Fields<R>): Call<Q, R> {
  return { path: `/runtime.v1.ImageService/${name}`, request: message<Q>(q), response: message<R>(r) };
}

interface SandboxId {
  readonly podSandboxId: string;
}
interface ContainerId {
  readonly containerId: string;
}
interface Url {
  readonly url: string;
}
const sandboxId: Fields<SandboxId> = { podSandboxId: field(1, text) };
const containerId: Fields<ContainerId> = { containerId: field(1, text) };
const url: Fields<Url> = { url: field(1, text) };

// The runtime itself

const readable = message<{ readonly recursiveReadOnlyMounts: boolean; readonly userNamespaces: boolean }>({
  recursiveReadOnlyMounts: field(1, bool),
  userNamespaces: field(2, bool),
});
const condition = message<cri.RuntimeCondition>({
  type: field(1, text),
  status: field(2, bool),
  reason: field(3, text),
  message: field(4, text),
});

export const version = runtime<Nothing, cri.RuntimeVersion>('Version', nothing, {
  version: field(1, text),
  runtimeName: field(2, text),
  runtimeVersion: field(3, text),
  runtimeApiVersion: field(4, text),
});

interface StatusResponse extends Omit<cri.RuntimeStatus, 'conditions'> {
  readonly status: Pick<cri.RuntimeStatus, 'conditions'>;
}

export const status = runtime<Nothing, StatusResponse>('Status', nothing, {
  status: field(1, message<StatusResponse['status']>({ conditions: list(1, condition) })),
  runtimeHandlers: list(
    3,
    message<cri.RuntimeHandler>({ name: field(1, text), features: optional(2, readable) }),
  ),
  features: optional(
    4,
    message<{ readonly supplementalGroupsPolicy: boolean }>({ supplementalGroupsPolicy: field(1, bool) }),
  ),
});

export const updateRuntimeConfig = runtime<{ readonly podCidr: string }, Nothing>(
  'UpdateRuntimeConfig',
  // RuntimeConfig.network_config, NetworkConfig.pod_cidr
  { podCidr: field(1, wrapped(1, wrapped(1, text))) },
  nothing,
);

type CgroupDriver = 'SYSTEMD' | 'CGROUPFS';

export const runtimeConfig = runtime<Nothing, { readonly cgroupDriver?: CgroupDriver }>(
  'RuntimeConfig',
  nothing,
  {
    // RuntimeConfigResponse.linux, LinuxRuntimeConfiguration.cgroup_driver
    cgroupDriver: optional(1, wrapped(1, oneOf<CgroupDriver>('SYSTEMD', 'CGROUPFS'))),
  },
);

export const getContainerEvents = runtime<Nothing, cri.ContainerEvent>('GetContainerEvents', nothing, {
  containerId: field(1, text),
  containerEventType: field(
    2,
    oneOf<cri.ContainerEventType>(
      'CONTAINER_CREATED_EVENT',
      'CONTAINER_STARTED_EVENT',
      'CONTAINER_STOPPED_EVENT',
      'CONTAINER_DELETED_EVENT',
    ),
  ),
  createdAtMs: field(3, instant),
  podSandboxStatus: optional(4, wire.podSandboxStatus),
  containersStatuses: list(5, wire.containerStatus),
});

// Sandboxes

export const runPodSandbox = runtime<
  { readonly config: cri.PodSandboxConfig; readonly runtimeHandler: string },
  SandboxId
>('RunPodSandbox', { config: field(1, wire.podSandboxConfig), runtimeHandler: field(2, text) }, sandboxId);

export const stopPodSandbox = runtime<SandboxId, Nothing>('StopPodSandbox', sandboxId, nothing);
export const removePodSandbox = runtime<SandboxId, Nothing>('RemovePodSandbox', sandboxId, nothing);

export const podSandboxStatus = runtime<SandboxId, { readonly status: cri.PodSandboxStatus }>(
  'PodSandboxStatus',
  sandboxId,
  { status: field(1, wire.podSandboxStatus) },
);

export const listPodSandbox = runtime<
  { readonly filter?: cri.PodSandboxFilter },
  { readonly items: readonly cri.PodSandbox[] }
>(
  'ListPodSandbox',
  {
    filter: optional(
      1,
      message<cri.PodSandboxFilter>({
        id: field(1, text),
        state: optional(2, wrapped(1, wire.sandboxState)),
        labelSelector: textMap(3),
      }),
    ),
  },
  { items: list(1, wire.podSandbox) },
);

// Containers

interface CreateContainerRequest extends SandboxId {
  readonly config: cri.ContainerConfig;
  readonly sandboxConfig: cri.PodSandboxConfig;
}

export const createContainer = runtime<CreateContainerRequest, ContainerId>(
  'CreateContainer',
  { ...sandboxId, config: field(2, wire.containerConfig), sandboxConfig: field(3, wire.podSandboxConfig) },
  containerId,
);

export const startContainer = runtime<ContainerId, Nothing>('StartContainer', containerId, nothing);

export const stopContainer = runtime<ContainerId & { readonly timeoutSeconds: number }, Nothing>(
  'StopContainer',
  { ...containerId, timeoutSeconds: field(2, integer) },
  nothing,
);

export const removeContainer = runtime<ContainerId, Nothing>('RemoveContainer', containerId, nothing);

export const containerStatus = runtime<ContainerId, { readonly status: cri.ContainerStatus }>(
  'ContainerStatus',
  containerId,
  { status: field(1, wire.containerStatus) },
);

export const listContainers = runtime<
  { readonly filter?: cri.ContainerFilter },
  { readonly containers: readonly cri.Container[] }
>(
  'ListContainers',
  {
    filter: optional(
      1,
      message<cri.ContainerFilter>({
        id: field(1, text),
        state: optional(2, wrapped(1, wire.containerState)),
        podSandboxId: field(3, text),
        labelSelector: textMap(4),
      }),
    ),
  },
  { containers: list(1, wire.container) },
);

export const updateContainerResources = runtime<
  ContainerId & { readonly linux: cri.LinuxContainerResources },
  Nothing
>('UpdateContainerResources', { ...containerId, linux: field(2, wire.linuxContainerResources) }, nothing);

export const reopenContainerLog = runtime<ContainerId, Nothing>('ReopenContainerLog', containerId, nothing);

export const execSync = runtime<
  ContainerId & { readonly cmd: readonly string[]; readonly timeoutSeconds: number },
  cri.ExecSyncResult
>(
  'ExecSync',
  { ...containerId, cmd: list(2, text), timeoutSeconds: field(3, integer) },
  { stdout: field(1, bytes), stderr: field(2, bytes), exitCode: field(3, integer) },
);

export const exec = runtime<cri.ExecRequest, Url>(
  'Exec',
  {
    ...containerId,
    cmd: list(2, text),
    tty: field(3, bool),
    stdin: field(4, bool),
    stdout: field(5, bool),
    stderr: field(6, bool),
  },
  url,
);

export const attach = runtime<cri.AttachRequest, Url>(
  'Attach',
  {
    ...containerId,
    stdin: field(2, bool),
    tty: field(3, bool),
    stdout: field(4, bool),
    stderr: field(5, bool),
  },
  url,
);

export const portForward = runtime<SandboxId & { readonly ports: readonly number[] }, Url>(
  'PortForward',
  { ...sandboxId, ports: list(2, integer) },
  url,
);

export const containerStats = runtime<ContainerId, { readonly stats?: stats.ContainerStats }>(
  'ContainerStats',
  containerId,
  { stats: optional(1, wire.containerStats) },
);

export const listContainerStats = runtime<
  { readonly filter?: stats.ContainerStatsFilter },
  { readonly stats: readonly stats.ContainerStats[] }
>(
  'ListContainerStats',
  {
    filter: optional(
      1,
      message<stats.ContainerStatsFilter>({
        id: field(1, text),
        podSandboxId: field(2, text),
        labelSelector: textMap(3),
      }),
    ),
  },
  { stats: list(1, wire.containerStats) },
);

// Images

interface PullImageRequest {
  readonly image: cri.ImageSpec;
  readonly auth?: cri.AuthConfig;
  readonly sandboxConfig?: cri.PodSandboxConfig;
}
interface ImageRequest {
  readonly image: cri.ImageSpec;
}

export const imageStatus = images<ImageRequest, { readonly image?: cri.Image }>(
  'ImageStatus',
  { image: field(1, wire.imageSpec) },
  { image: optional(1, wire.image) },
);

export const pullImage = images<PullImageRequest, { readonly imageRef: string }>(
  'PullImage',
  {
    image: field(1, wire.imageSpec),
    auth: optional(
      2,
      message<cri.AuthConfig>({
        username: field(1, text),
        password: field(2, text),
        auth: field(3, text),
        serverAddress: field(4, text),
        identityToken: field(5, text),
        registryToken: field(6, text),
      }),
    ),
    sandboxConfig: optional(3, wire.podSandboxConfig),
  },
  { imageRef: field(1, text) },
);

export const listImages = images<Nothing, { readonly images: readonly cri.Image[] }>('ListImages', nothing, {
  images: list(1, wire.image),
});

export const removeImage = images<ImageRequest, Nothing>(
  'RemoveImage',
  { image: field(1, wire.imageSpec) },
  nothing,
);

export const imageFsInfo = images<Nothing, stats.ImageFsInfo>('ImageFsInfo', nothing, {
  imageFilesystems: list(1, wire.filesystemUsage),
  containerFilesystems: list(2, wire.filesystemUsage),
});
