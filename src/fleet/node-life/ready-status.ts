/** What a kubelet without any trouble says of its node. Pure. */

import { formatTime } from '../../api/time/time.ts';
import type { Node, NodeCondition, NodeStatus } from '../../api/types.gen.ts';

const VERDICTS: readonly (readonly [string, 'True' | 'False', string, string])[] = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
];

const DEFAULT_CAPACITY = { cpu: '32', memory: '256Gi', pods: '110' };

export function readyStatus({ metadata, status }: Node, address: string, nowMs: number): NodeStatus {
  const now = formatTime(nowMs);
  const capacity = status.capacity ?? status.allocatable ?? DEFAULT_CAPACITY;
  return {
    ...status,
    capacity,
    allocatable: status.allocatable ?? capacity,
    addresses: status.addresses ?? [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: metadata.name ?? '' },
    ],
    conditions: [
      ...othersOf(status.conditions ?? []),
      ...VERDICTS.map((one) => conditionOf(status, one, now)),
    ],
    nodeInfo: {
      architecture: 'amd64',
      bootID: '',
      containerRuntimeVersion: 'fleet',
      kernelVersion: '',
      kubeProxyVersion: '',
      kubeletVersion: 'v1.36.0+k8ts',
      machineID: '',
      operatingSystem: 'linux',
      osImage: '',
      systemUUID: '',
    },
  };
}

function othersOf(conditions: readonly NodeCondition[]): readonly NodeCondition[] {
  return conditions.filter(({ type }) => !VERDICTS.some(([own]) => own === type));
}

function conditionOf(
  { conditions = [] }: NodeStatus,
  [type, verdict, reason, message]: (typeof VERDICTS)[number],
  now: string,
): NodeCondition {
  const old = conditions.find((condition) => condition.type === type);
  const lastTransitionTime = old?.status === verdict ? (old.lastTransitionTime ?? now) : now;
  return { type, status: verdict, lastHeartbeatTime: now, lastTransitionTime, reason, message };
}
