/**
 * What the node and its pods use: the body of `/stats/summary` and of `/metrics/resource`, which metrics-
 * server reads.
 *
 * Inputs: the runtime's statistics and the machine's. Outputs: plain JSON and the text format of Prometheus.
 */

import { formatTime } from '../../api/time/time.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { ContainerStats } from '../cri/stats.ts';
import type { MachineUsage } from '../system/system.ts';
import type { NodeContext } from '../containers/node-context.ts';
import {
  CONTAINER_NAME_LABEL,
  POD_NAME_LABEL,
  POD_NAMESPACE_LABEL,
  POD_UID_LABEL,
} from '../pods/pod-names.ts';

export interface NodeUsage {
  readonly machine: MachineUsage;
  readonly memoryBytes: number;
  readonly containers: readonly ContainerStats[];
  readonly nowMs: number;
}

export async function readUsage({
  runtime,
  system,
  machine,
  settings,
  host,
}: NodeContext): Promise<NodeUsage> {
  const [containers, usage] = await Promise.all([
    runtime.listContainerStats(),
    system.usage(settings.rootFolder),
  ]);
  const managed = containers.filter(({ attributes }) => attributes.labels[POD_UID_LABEL] !== undefined);
  return { machine: usage, memoryBytes: machine.memoryBytes, containers: managed, nowMs: host.clock.now() };
}

export function statsSummary(nodeName: string, usage: NodeUsage): JsonObject {
  const time = formatTime(usage.nowMs);
  const { machine, memoryBytes } = usage;
  const byPod = Map.groupBy(usage.containers, ({ attributes }) => attributes.labels[POD_UID_LABEL] ?? '');
  return {
    node: {
      nodeName,
      cpu: { time, usageCoreNanoSeconds: machine.cpuNanoSeconds },
      memory: {
        time,
        availableBytes: machine.memoryAvailableBytes,
        workingSetBytes: memoryBytes - machine.memoryAvailableBytes,
      },
      fs: {
        time,
        availableBytes: machine.storageAvailableBytes,
        capacityBytes: machine.storageBytes,
        usedBytes: machine.storageBytes - machine.storageAvailableBytes,
        inodes: machine.inodes,
        inodesFree: machine.inodesFree,
      },
    },
    pods: [...byPod].map(([uid, containers]) => podSummary(uid, containers, time)),
  };
}

function podSummary(uid: string, containers: readonly ContainerStats[], time: string): JsonObject {
  const labels = containers[0]?.attributes.labels ?? {};
  const sum = (pick: (stats: ContainerStats) => number | undefined): number =>
    containers.reduce((total, stats) => total + (pick(stats) ?? 0), 0);
  return {
    podRef: { name: labels[POD_NAME_LABEL] ?? '', namespace: labels[POD_NAMESPACE_LABEL] ?? '', uid },
    cpu: {
      time,
      usageCoreNanoSeconds: sum(({ cpu }) => cpu?.usageCoreNanoSeconds),
      usageNanoCores: sum(({ cpu }) => cpu?.usageNanoCores),
    },
    memory: { time, workingSetBytes: sum(({ memory }) => memory?.workingSetBytes) },
    containers: containers.map(({ attributes, cpu, memory, writableLayer }) => ({
      name: attributes.labels[CONTAINER_NAME_LABEL] ?? attributes.metadata.name,
      cpu: {
        time,
        usageCoreNanoSeconds: cpu?.usageCoreNanoSeconds ?? 0,
        usageNanoCores: cpu?.usageNanoCores ?? 0,
      },
      memory: {
        time,
        workingSetBytes: memory?.workingSetBytes ?? 0,
        usageBytes: memory?.usageBytes ?? 0,
        rssBytes: memory?.rssBytes ?? 0,
      },
      rootfs: { time, usedBytes: writableLayer?.usedBytes ?? 0 },
    })),
  };
}

interface Reading {
  readonly value: number | undefined;
  readonly atMs: number | undefined;
}

export function resourceMetrics(usage: NodeUsage): string {
  const lines: string[] = [];
  const metric = (name: string, type: 'counter' | 'gauge', samples: readonly string[]): void => {
    lines.push(`# TYPE ${name} ${type}`, ...samples.map((sample) => `${name}${sample}`));
  };
  const of = ({ attributes: { labels } }: ContainerStats): string =>
    `{container="${labels[CONTAINER_NAME_LABEL] ?? ''}",namespace="${labels[POD_NAMESPACE_LABEL] ?? ''}",pod="${labels[POD_NAME_LABEL] ?? ''}"}`;
  // What was not measured is not said: a counter that falls to zero would look like a restart.
  const each = (read: (stats: ContainerStats) => Reading): readonly string[] =>
    usage.containers.flatMap((stats) => {
      const { value, atMs = usage.nowMs } = read(stats);
      return value === undefined ? [] : [`${of(stats)} ${value} ${Math.round(atMs)}`];
    });
  metric(
    'container_cpu_usage_seconds_total',
    'counter',
    each(({ cpu }) => ({ value: seconds(cpu?.usageCoreNanoSeconds), atMs: cpu?.timestampMs })),
  );
  metric(
    'container_memory_working_set_bytes',
    'gauge',
    each(({ memory }) => ({ value: memory?.workingSetBytes, atMs: memory?.timestampMs })),
  );
  const { machine, memoryBytes, nowMs } = usage;
  metric('node_cpu_usage_seconds_total', 'counter', [` ${machine.cpuNanoSeconds / 1e9} ${nowMs}`]);
  const used = memoryBytes - machine.memoryAvailableBytes;
  metric('node_memory_working_set_bytes', 'gauge', [` ${used} ${nowMs}`]);
  return `${lines.join('\n')}\n`;
}

function seconds(nanos: number | undefined): number | undefined {
  return nanos === undefined ? undefined : nanos / 1e9;
}
