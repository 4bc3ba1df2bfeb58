/** The statuses that a kubelet would write for a pod without a container. Pure. */

import { remembered } from '../../base/remembered.ts';
import { formatTime } from '../../api/time/time.ts';
import type { Container, ContainerStatus, Pod, PodCondition, PodStatus } from '../../api/types.gen.ts';

const HOSTS_MAX = 10_000;

export interface Place {
  readonly hostIp: string;
  readonly podIp: string;
}

/** One list for all pods of a node. */
const hostIps = remembered(HOSTS_MAX, (ip: string) => [{ ip }]);

export function runningStatus(pod: Pod, { hostIp, podIp }: Place, nowMs: number): PodStatus {
  const now = formatTime(nowMs);
  const ip = pod.spec.hostNetwork === true ? hostIp : podIp;
  const inits = pod.spec.initContainers ?? [];
  return {
    ...pod.status,
    phase: 'Running',
    startTime: now,
    hostIP: hostIp,
    hostIPs: hostIps(hostIp),
    podIP: ip,
    podIPs: [{ ip }],
    conditions: conditionsOf(pod, now, { ready: 'True' }),
    ...(inits.length === 0
      ? {}
      : {
          initContainerStatuses: inits.map((one) =>
            one.restartPolicy === 'Always' ? running(one, now) : ended(one, now, now, 0),
          ),
        }),
    containerStatuses: pod.spec.containers.map((one) => running(one, now)),
  };
}

export function endedStatus(pod: Pod, exitCode: number, nowMs: number): PodStatus {
  const now = formatTime(nowMs);
  const startedAt = pod.status.startTime ?? now;
  const reason = exitCode === 0 ? 'PodCompleted' : 'PodFailed';
  return {
    ...pod.status,
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    conditions: conditionsOf(pod, now, { ready: 'False', reason }),
    containerStatuses: pod.spec.containers.map((one) => ended(one, startedAt, now, exitCode)),
  };
}

function conditionsOf(
  { metadata, status }: Pod,
  now: string,
  ready: { readonly ready: 'True' | 'False'; readonly reason?: string },
): readonly PodCondition[] {
  const because = ready.reason === undefined ? {} : { reason: ready.reason };
  const verdicts = new Map<string, { readonly status: string; readonly reason?: string }>([
    ['PodReadyToStartContainers', { status: ready.ready }],
    ['Initialized', { status: 'True', ...(ready.reason === 'PodCompleted' ? because : {}) }],
    ['Ready', { status: ready.ready, ...because }],
    ['ContainersReady', { status: ready.ready, ...because }],
  ]);
  const present = status.conditions ?? [];
  const observed = metadata.generation === undefined ? {} : { observedGeneration: metadata.generation };
  const own = [...verdicts].map(([type, verdict]) => {
    const old = present.find((one) => one.type === type);
    const lastTransitionTime = old?.status === verdict.status ? (old.lastTransitionTime ?? now) : now;
    return { type, ...observed, lastTransitionTime, ...verdict } as PodCondition;
  });
  return [...own, ...present.filter(({ type }) => !verdicts.has(type))];
}

function running({ name, image = '' }: Container, now: string): ContainerStatus {
  return {
    name,
    image,
    imageID: '',
    ready: true,
    started: true,
    restartCount: 0,
    state: { running: { startedAt: now } },
    lastState: {},
  };
}

function ended(
  { name, image = '' }: Container,
  startedAt: string,
  finishedAt: string,
  exitCode: number,
): ContainerStatus {
  const reason = exitCode === 0 ? 'Completed' : 'Error';
  return {
    name,
    image,
    imageID: '',
    ready: false,
    started: false,
    restartCount: 0,
    state: { terminated: { exitCode, reason, startedAt, finishedAt } },
    lastState: {},
  };
}
