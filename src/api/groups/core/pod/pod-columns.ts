/** What `kubectl get pods` shows; the status column tells the most telling thing about the containers. */

import { AGE_COLUMN, age, NAME_COLUMN, NONE, textOr } from '../../../meta/columns.ts';
import type { Column } from '../../../meta/resource-definition.ts';
import type { ContainerStatus, Pod } from '../../../types.gen.ts';

interface Summary {
  readonly ready: string;
  readonly status: string;
  readonly restarts: number;
  /** RFC 3339; empty when nothing ever restarted. */
  readonly lastRestart: string;
}

const text = (value: string | undefined): string => textOr(NONE, value);

export const POD_COLUMNS: readonly Column<Pod>[] = [
  NAME_COLUMN,
  {
    name: 'Ready',
    type: 'string',
    description: 'The aggregate readiness state of this pod for accepting traffic.',
    priority: 0,
    value: (pod) => summary(pod).ready,
  },
  {
    name: 'Status',
    type: 'string',
    description: 'The aggregate status of the containers in this pod.',
    priority: 0,
    value: (pod) => summary(pod).status,
  },
  {
    name: 'Restarts',
    type: 'string',
    description:
      'The number of times the containers in this pod have been restarted and when the last container in ' +
      'this pod has restarted.',
    priority: 0,
    value: (pod, nowMs) => {
      const { restarts, lastRestart } = summary(pod);
      return restarts > 0 && lastRestart !== ''
        ? `${restarts} (${age(lastRestart, nowMs)} ago)`
        : `${restarts}`;
    },
  },
  AGE_COLUMN,
  {
    name: 'IP',
    type: 'string',
    description: 'The address of the pod, reachable at least within the cluster.',
    priority: 1,
    value: (pod) => text(pod.status.podIPs?.[0]?.ip ?? pod.status.podIP),
  },
  {
    name: 'Node',
    type: 'string',
    description: 'The node that the pod runs on, or is meant for.',
    priority: 1,
    value: (pod) => text(pod.spec.nodeName),
  },
  {
    name: 'Nominated Node',
    type: 'string',
    description: 'The node on which other pods are asked to leave for this one.',
    priority: 1,
    value: (pod) => text(pod.status.nominatedNodeName),
  },
  {
    name: 'Readiness Gates',
    type: 'string',
    description: 'How many of the conditions that the pod waits for are true.',
    priority: 1,
    value: readinessGates,
  },
];

function readinessGates({ spec, status }: Pod): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return NONE;
  const isTrue = (type: string): boolean =>
    (status.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True');
  return `${gates.filter((gate) => isTrue(gate.conditionType)).length}/${gates.length}`;
}

function summary(pod: Pod): Summary {
  const begin = beginning(pod);
  const running =
    begin.initializing && !hasTrue(pod, 'Initialized') ? undefined : whenRunning(pod, begin.status);
  const sidecars = sidecarNames(pod);
  const ready = begin.readySidecars + (running?.ready ?? 0);
  const counted =
    running === undefined
      ? (pod.status.initContainerStatuses ?? []).slice(0, begin.seen)
      : [
          ...(pod.status.initContainerStatuses ?? [])
            .slice(0, begin.seen)
            .filter((s) => sidecars.has(s.name)),
          ...(pod.status.containerStatuses ?? []),
        ];
  return {
    ready: `${ready}/${pod.spec.containers.length + sidecars.size}`,
    status: ending(pod) ?? running?.status ?? begin.status,
    restarts: counted.reduce((sum, container) => sum + container.restartCount, 0),
    lastRestart: lastRestart(counted),
  };
}

function sidecarNames({ spec }: Pod): ReadonlySet<string> {
  const sidecars = (spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  return new Set(sidecars.map((container) => container.name));
}

function hasTrue({ status }: Pod, type: string): boolean {
  return (status.conditions ?? []).some((c) => c.type === type && c.status === 'True');
}

function lastRestart(containers: readonly ContainerStatus[]): string {
  const times = containers.map((container) => container.lastState.terminated?.finishedAt ?? '');
  return times.reduce((last, time) => (time > last ? time : last), '');
}

interface Beginning {
  readonly status: string;
  readonly initializing: boolean;
  readonly readySidecars: number;
  /** How many init containers were looked at: up to the first one that is not done. */
  readonly seen: number;
}

function beginning(pod: Pod): Beginning {
  const { status, spec } = pod;
  const gated = (status.conditions ?? []).some(
    (c) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated',
  );
  const plain = gated
    ? 'SchedulingGated'
    : (status.reason ?? '') === ''
      ? (status.phase ?? '')
      : status.reason;
  const sidecars = sidecarNames(pod);
  const statuses = status.initContainerStatuses ?? [];
  let readySidecars = 0;
  for (const [i, container] of statuses.entries()) {
    const { terminated } = container.state;
    if (terminated?.exitCode === 0) continue;
    if (sidecars.has(container.name) && container.started === true) {
      if (container.ready) readySidecars++;
      continue;
    }
    const waiting = container.state.waiting?.reason ?? '';
    const reason =
      terminated !== undefined
        ? terminationReason(container)
        : waiting !== '' && waiting !== 'PodInitializing'
          ? waiting
          : `${i}/${(spec.initContainers ?? []).length}`;
    return { status: `Init:${reason}`, initializing: true, readySidecars, seen: i + 1 };
  }
  return { status: plain ?? '', initializing: false, readySidecars, seen: statuses.length };
}

function terminationReason({ state }: ContainerStatus): string {
  const { reason = '', signal = 0, exitCode = 0 } = state.terminated ?? {};
  if (reason !== '') return reason;
  return signal !== 0 ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

/** The last container that has something to tell wins, as upstream walks them from the end. */
function whenRunning(pod: Pod, before: string): { readonly status: string; readonly ready: number } {
  let status = before;
  let ready = 0;
  let failed = '';
  let hasRunning = false;
  for (const container of (pod.status.containerStatuses ?? []).toReversed()) {
    const waiting = container.state.waiting?.reason ?? '';
    if (waiting !== '') status = waiting;
    else if (container.state.terminated !== undefined) {
      status = terminationReason(container);
      if (container.state.terminated.exitCode !== 0) failed = status;
    } else if (container.ready && container.state.running !== undefined) {
      hasRunning = true;
      ready++;
    }
  }
  if (status !== 'Completed') return { status, ready };
  if (hasRunning && hasTrue(pod, 'Ready')) return { status: 'Running', ready };
  // A container that failed says more than another that is done or still runs.
  return { status: failed !== '' ? failed : hasRunning ? 'NotReady' : status, ready };
}

function ending({ metadata, status }: Pod): string | undefined {
  if (metadata.deletionTimestamp === undefined) return undefined;
  if (status.reason === 'NodeLost') return 'Unknown';
  return status.phase === 'Succeeded' || status.phase === 'Failed' ? undefined : 'Terminating';
}
