/** The field numbers of the CRI v1 messages in `../messages.ts` and `../stats.ts`. */

import type * as cri from '../messages.ts';
import type * as stats from '../stats.ts';
import {
  bool,
  field,
  instant,
  integer,
  list,
  message,
  oneOf,
  optional,
  text,
  textMap,
  unsigned,
  wrapped,
} from './protobuf.ts';
import { signals } from './signals.ts';

const int64Value = wrapped(1, integer);
const uint64Value = wrapped(1, unsigned);
const namespaceMode = oneOf<cri.NamespaceMode>('POD', 'CONTAINER', 'NODE', 'TARGET');
const groupsPolicy = oneOf<cri.SupplementalGroupsPolicy>('Merge', 'Strict');
export const sandboxState = oneOf<cri.PodSandboxState>('SANDBOX_READY', 'SANDBOX_NOTREADY');
export const containerState = oneOf<cri.ContainerState>(
  'CONTAINER_CREATED',
  'CONTAINER_RUNNING',
  'CONTAINER_EXITED',
  'CONTAINER_UNKNOWN',
);

const idMapping = message<cri.IDMapping>({
  hostId: field(1, unsigned),
  containerId: field(2, unsigned),
  length: field(3, unsigned),
});

const namespaceOption = message<cri.NamespaceOption>({
  network: field(1, namespaceMode),
  pid: field(2, namespaceMode),
  ipc: field(3, namespaceMode),
  targetId: field(4, text),
  usernsOptions: optional(
    5,
    message<cri.UserNamespace>({
      mode: field(1, namespaceMode),
      uids: list(2, idMapping),
      gids: list(3, idMapping),
    }),
  ),
});

const selinuxOption = message<cri.SELinuxOption>({
  user: field(1, text),
  role: field(2, text),
  type: field(3, text),
  level: field(4, text),
});

const securityProfile = message<cri.SecurityProfile>({
  profileType: field(
    1,
    oneOf<cri.SecurityProfile['profileType']>('RuntimeDefault', 'Unconfined', 'Localhost'),
  ),
  localhostRef: field(2, text),
});

export const linuxContainerResources = message<cri.LinuxContainerResources>({
  cpuPeriod: field(1, integer),
  cpuQuota: field(2, integer),
  cpuShares: field(3, integer),
  memoryLimitInBytes: field(4, integer),
  oomScoreAdj: field(5, integer),
  cpusetCpus: field(6, text),
  cpusetMems: field(7, text),
  hugepageLimits: list(
    8,
    message<cri.HugepageLimit>({ pageSize: field(1, text), limit: field(2, unsigned) }),
  ),
  unified: textMap(9),
  memorySwapLimitInBytes: field(10, integer),
});

// Sandboxes

const sandboxMetadata = message<cri.PodSandboxMetadata>({
  name: field(1, text),
  uid: field(2, text),
  namespace: field(3, text),
  attempt: field(4, unsigned),
});

const sandboxSecurityContext = message<cri.LinuxSandboxSecurityContext>({
  namespaceOptions: optional(1, namespaceOption),
  selinuxOptions: optional(2, selinuxOption),
  runAsUser: optional(3, int64Value),
  runAsGroup: optional(8, int64Value),
  readonlyRootfs: field(4, bool),
  supplementalGroups: list(5, integer),
  supplementalGroupsPolicy: field(11, groupsPolicy),
  privileged: field(6, bool),
  seccomp: optional(9, securityProfile),
  apparmor: optional(10, securityProfile),
});

export const podSandboxConfig = message<cri.PodSandboxConfig>({
  metadata: field(1, sandboxMetadata),
  hostname: field(2, text),
  logDirectory: field(3, text),
  dnsConfig: optional(
    4,
    message<cri.DNSConfig>({ servers: list(1, text), searches: list(2, text), options: list(3, text) }),
  ),
  portMappings: list(
    5,
    message<cri.PortMapping>({
      protocol: field(1, oneOf<cri.Protocol>('TCP', 'UDP', 'SCTP')),
      containerPort: field(2, integer),
      hostPort: field(3, integer),
      hostIp: field(4, text),
    }),
  ),
  labels: textMap(6),
  annotations: textMap(7),
  linux: optional(
    8,
    message<cri.LinuxPodSandboxConfig>({
      cgroupParent: field(1, text),
      securityContext: optional(2, sandboxSecurityContext),
      sysctls: textMap(3),
      overhead: optional(4, linuxContainerResources),
      resources: optional(5, linuxContainerResources),
    }),
  ),
});

export const podSandboxStatus = message<cri.PodSandboxStatus>({
  id: field(1, text),
  metadata: field(2, sandboxMetadata),
  state: field(3, sandboxState),
  createdAtMs: field(4, instant),
  network: optional(
    5,
    message<cri.PodSandboxNetworkStatus>({ ip: field(1, text), additionalIps: list(2, wrapped(1, text)) }),
  ),
  // LinuxPodSandboxStatus.namespaces, Namespace.options
  namespaceOptions: optional(6, wrapped(1, wrapped(2, namespaceOption))),
  labels: textMap(7),
  annotations: textMap(8),
  runtimeHandler: field(9, text),
});

export const podSandbox = message<cri.PodSandbox>({
  id: field(1, text),
  metadata: field(2, sandboxMetadata),
  state: field(3, sandboxState),
  createdAtMs: field(4, instant),
  labels: textMap(5),
  annotations: textMap(6),
  runtimeHandler: field(7, text),
});

// Containers

export const imageSpec = message<cri.ImageSpec>({
  image: field(1, text),
  annotations: textMap(2),
  userSpecifiedImage: field(18, text),
  runtimeHandler: field(19, text),
  imageRef: field(20, text),
});

const mount = message<cri.Mount>({
  containerPath: field(1, text),
  hostPath: field(2, text),
  readonly: field(3, bool),
  selinuxRelabel: field(4, bool),
  propagation: field(
    5,
    oneOf<cri.MountPropagation>(
      'PROPAGATION_PRIVATE',
      'PROPAGATION_HOST_TO_CONTAINER',
      'PROPAGATION_BIDIRECTIONAL',
    ),
  ),
  uidMappings: list(6, idMapping),
  gidMappings: list(7, idMapping),
  recursiveReadOnly: field(8, bool),
  image: optional(9, imageSpec),
  imageSubPath: field(10, text),
});

const containerSecurityContext = message<cri.LinuxContainerSecurityContext>({
  capabilities: optional(
    1,
    message<cri.Capability>({
      addCapabilities: list(1, text),
      dropCapabilities: list(2, text),
      addAmbientCapabilities: list(3, text),
    }),
  ),
  privileged: field(2, bool),
  namespaceOptions: optional(3, namespaceOption),
  selinuxOptions: optional(4, selinuxOption),
  runAsUser: optional(5, int64Value),
  runAsGroup: optional(12, int64Value),
  runAsUsername: field(6, text),
  readonlyRootfs: field(7, bool),
  supplementalGroups: list(8, integer),
  supplementalGroupsPolicy: field(17, groupsPolicy),
  noNewPrivs: field(11, bool),
  maskedPaths: list(13, text),
  readonlyPaths: list(14, text),
  seccomp: optional(15, securityProfile),
  apparmor: optional(16, securityProfile),
});

const containerMetadata = message<cri.ContainerMetadata>({
  name: field(1, text),
  attempt: field(2, unsigned),
});

export const containerConfig = message<cri.ContainerConfig>({
  metadata: field(1, containerMetadata),
  image: field(2, imageSpec),
  command: list(3, text),
  args: list(4, text),
  workingDir: field(5, text),
  envs: list(6, message<cri.KeyValue>({ key: field(1, text), value: field(2, text) })),
  mounts: list(7, mount),
  devices: list(
    8,
    message<cri.Device>({
      containerPath: field(1, text),
      hostPath: field(2, text),
      permissions: field(3, text),
    }),
  ),
  labels: textMap(9),
  annotations: textMap(10),
  logPath: field(11, text),
  stdin: field(12, bool),
  stdinOnce: field(13, bool),
  tty: field(14, bool),
  linux: optional(
    15,
    message<cri.LinuxContainerConfig>({
      resources: optional(1, linuxContainerResources),
      securityContext: optional(2, containerSecurityContext),
    }),
  ),
  cdiDevices: list(17, wrapped(1, text)),
  stopSignal: field(18, signals),
});

export const container = message<cri.Container>({
  id: field(1, text),
  podSandboxId: field(2, text),
  metadata: field(3, containerMetadata),
  image: field(4, imageSpec),
  imageRef: field(5, text),
  state: field(6, containerState),
  createdAtMs: field(7, instant),
  labels: textMap(8),
  annotations: textMap(9),
  imageId: field(10, text),
});

const linuxContainerUser = message<cri.LinuxContainerUser>({
  uid: field(1, integer),
  gid: field(2, integer),
  supplementalGroups: list(3, integer),
});

export const containerStatus = message<cri.ContainerStatus>({
  id: field(1, text),
  metadata: field(2, containerMetadata),
  state: field(3, containerState),
  createdAtMs: field(4, instant),
  startedAtMs: field(5, instant),
  finishedAtMs: field(6, instant),
  exitCode: field(7, integer),
  image: field(8, imageSpec),
  imageRef: field(9, text),
  reason: field(10, text),
  message: field(11, text),
  labels: textMap(12),
  annotations: textMap(13),
  mounts: list(14, mount),
  logPath: field(15, text),
  // ContainerResources.linux, ContainerUser.linux
  resources: optional(16, wrapped(1, linuxContainerResources)),
  imageId: field(17, text),
  user: optional(18, wrapped(1, linuxContainerUser)),
  stopSignal: field(19, signals),
});

export const image = message<cri.Image>({
  id: field(1, text),
  repoTags: list(2, text),
  repoDigests: list(3, text),
  size: field(4, unsigned),
  uid: optional(5, int64Value),
  username: field(6, text),
  pinned: field(8, bool),
});

// Usage

export const filesystemUsage = message<stats.FilesystemUsage>({
  timestampMs: field(1, instant),
  mountpoint: field(2, wrapped(1, text)),
  usedBytes: optional(3, uint64Value),
  inodesUsed: optional(4, uint64Value),
});

export const containerStats = message<stats.ContainerStats>({
  attributes: field(
    1,
    message<stats.ContainerAttributes>({
      id: field(1, text),
      metadata: field(2, containerMetadata),
      labels: textMap(3),
      annotations: textMap(4),
    }),
  ),
  cpu: optional(
    2,
    message<stats.CpuUsage>({
      timestampMs: field(1, instant),
      usageCoreNanoSeconds: optional(2, uint64Value),
      usageNanoCores: optional(3, uint64Value),
    }),
  ),
  memory: optional(
    3,
    message<stats.MemoryUsage>({
      timestampMs: field(1, instant),
      workingSetBytes: optional(2, uint64Value),
      availableBytes: optional(3, uint64Value),
      usageBytes: optional(4, uint64Value),
      rssBytes: optional(5, uint64Value),
      pageFaults: optional(6, uint64Value),
      majorPageFaults: optional(7, uint64Value),
    }),
  ),
  writableLayer: optional(4, filesystemUsage),
  swap: optional(
    5,
    message<stats.SwapUsage>({
      timestampMs: field(1, instant),
      swapAvailableBytes: optional(2, uint64Value),
      swapUsageBytes: optional(3, uint64Value),
    }),
  ),
});
