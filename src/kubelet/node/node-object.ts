/** The Node object as this kubelet reports it; pure. Reasons and messages as upstream's. */

import { formatTime } from '../../api/time/time.ts';
import type { Node, NodeCondition, NodeStatus, Taint } from '../../api/types.gen.ts';
import type { Image } from '../cri/messages.ts';
import type { Machine } from '../system/system.ts';

export const KUBELET_VERSION = 'v1.36.0+k8ts';

/** Upstream's `nodeStatusMaxImages`. */
const IMAGES_MAX = 50;
const NAMES_PER_IMAGE_MAX = 5;

export interface NodeFacts {
  readonly nodeName: string;
  readonly nodeIps: readonly string[];
  readonly machine: Machine;
  readonly maxPods: number;
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Taken off what pods may use. */
  readonly reserved: { readonly milliCpus: number; readonly memoryBytes: number };
  readonly containerRuntimeVersion: string;
}

export function nodeLabels({ nodeName, machine, labels }: NodeFacts): Readonly<Record<string, string>> {
  const { operatingSystem, architecture } = machine;
  return {
    'beta.kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': operatingSystem,
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': operatingSystem,
    ...labels,
  };
}

type Amounts = Readonly<Record<string, string>>;

export function capacity({ machine, maxPods }: NodeFacts): Amounts {
  return {
    cpu: String(machine.cpus),
    'ephemeral-storage': `${Math.floor(machine.storageBytes / 1024)}Ki`,
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory: `${Math.floor(machine.memoryBytes / 1024)}Ki`,
    pods: String(maxPods),
  };
}

/** As upstream: 100Mi of memory and a tenth of the disk are kept back, where eviction would begin. */
const EVICTION_MEMORY_BYTES = 100 * 2 ** 20;
const EVICTION_STORAGE = 0.1;

export function allocatable(facts: NodeFacts): Amounts {
  const { machine, reserved } = facts;
  const milliCpus = machine.cpus * 1000 - reserved.milliCpus;
  const memory = machine.memoryBytes - reserved.memoryBytes - EVICTION_MEMORY_BYTES;
  return {
    ...capacity(facts),
    cpu: milliCpus % 1000 === 0 ? String(milliCpus / 1000) : `${milliCpus}m`,
    'ephemeral-storage': String(Math.floor(machine.storageBytes * (1 - EVICTION_STORAGE))),
    memory: `${Math.floor(Math.max(0, memory) / 1024)}Ki`,
  };
}

export interface Health {
  /** Empty when the node can run pods. */
  readonly problems: readonly string[];
  readonly memoryPressure: boolean;
  readonly diskPressure: boolean;
}

export function nodeStatus(
  facts: NodeFacts,
  health: Health,
  images: readonly Image[],
  nowMs: number,
  old?: Node,
): NodeStatus {
  const { machine, nodeName, nodeIps, port, containerRuntimeVersion } = facts;
  return {
    addresses: [
      ...nodeIps.map((address) => ({ type: 'InternalIP', address })),
      { type: 'Hostname', address: nodeName },
    ],
    capacity: capacity(facts),
    allocatable: allocatable(facts),
    conditions: conditions(health, formatTime(nowMs), old?.status.conditions ?? []),
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
    nodeInfo: {
      machineID: machine.machineId,
      systemUUID: machine.systemUuid,
      bootID: machine.bootId,
      kernelVersion: machine.kernelVersion,
      osImage: machine.osImage,
      containerRuntimeVersion,
      kubeletVersion: KUBELET_VERSION,
      kubeProxyVersion: '',
      operatingSystem: machine.operatingSystem,
      architecture: machine.architecture,
    },
    images: images
      .toSorted((a, b) => b.size - a.size)
      .slice(0, IMAGES_MAX)
      .map(({ repoDigests, repoTags, size }) => ({
        names: [...repoDigests, ...repoTags].slice(0, NAMES_PER_IMAGE_MAX),
        sizeBytes: size,
      })),
    runtimeHandlers: [{ name: '' }],
  };
}

function conditions(
  { problems, memoryPressure, diskPressure }: Health,
  now: string,
  old: readonly NodeCondition[],
): readonly NodeCondition[] {
  const isReady = problems.length === 0;
  const verdicts: readonly Omit<NodeCondition, 'lastHeartbeatTime' | 'lastTransitionTime'>[] = [
    pressure('MemoryPressure', memoryPressure, 'Memory', 'memory available'),
    diskPressure
      ? { type: 'DiskPressure', status: 'True', reason: 'KubeletHasDiskPressure', message: 'kubelet has disk pressure' }
      : { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
    pressure('PIDPressure', false, 'PID', 'PID available'),
    isReady
      ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
      : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: problemText(problems) },
  ]; // prettier-ignore
  return verdicts.map((verdict) => {
    const before = old.find(({ type }) => type === verdict.type);
    const since = before?.status === verdict.status ? before.lastTransitionTime : undefined;
    return { ...verdict, lastHeartbeatTime: now, lastTransitionTime: since ?? now };
  });
}

function pressure(
  type: string,
  isShort: boolean,
  reason: string,
  what: string,
): Omit<NodeCondition, 'lastHeartbeatTime' | 'lastTransitionTime'> {
  const degree = isShort ? 'insufficient' : 'sufficient';
  return {
    type,
    status: isShort ? 'True' : 'False',
    reason: isShort ? `KubeletHasInsufficient${reason}` : `KubeletHasSufficient${reason}`,
    message: `kubelet has ${degree} ${what}`,
  };
}

/** As Go prints aggregated errors: several stand in brackets. */
function problemText(problems: readonly string[]): string {
  return problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`;
}
