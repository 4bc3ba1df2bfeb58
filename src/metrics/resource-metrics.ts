/**
 * The metrics of a node or pod: from what its kubelet said, or scripted where there is none.
 *
 * Inputs: the objects, the scraper's points. Outputs: NodeMetrics and PodMetrics; undefined while not enough is
 * known. As in metrics-server, a pod is known only when all of its running containers are.
 */

import { isPlayed } from '../api/groups/core/node/played-node.ts';
import { nodeMetrics } from '../api/groups/metrics/node-metrics/node-metrics.ts';
import { podMetrics } from '../api/groups/metrics/pod-metrics/pod-metrics.ts';
import { METRICS_GROUP, METRICS_VERSION } from '../api/groups/metrics/metric-columns.ts';
import type { KubernetesObject } from '../api/meta/object.ts';
import { formatTime, timeMs } from '../api/time/time.ts';
import type {
  Container,
  ContainerStatus,
  Node,
  NodeMetrics,
  ObjectMeta,
  Pod,
  PodMetrics,
} from '../api/types.gen.ts';
import type { Clock } from '../host/host.ts';
import { containerKey } from './exposition.ts';
import type { Scraper } from './scraper.ts';
import { scriptedUse } from './scripted-use.ts';
import { quantitiesOf, timesOf, usageBetween, type Usage } from './usage.ts';

export interface ResourceMetricsParts {
  readonly clock: Clock;
  readonly periodMs: number;
  readonly scraper: Pick<Scraper, 'historyOf'>;
  /** Whether the node has no kubelet that could be asked, because it runs inside of this process. */
  readonly isSimulated: (nodeName: string) => boolean;
  readonly nodeOf: (name: string) => Node | undefined;
  readonly podsOf: (nodeName: string) => readonly Pod[];
}

const API_VERSION = `${METRICS_GROUP}/${METRICS_VERSION}`;

export class ResourceMetrics {
  readonly #parts: ResourceMetricsParts;

  constructor(parts: ResourceMetricsParts) {
    this.#parts = parts;
  }

  /** Nodes without a kubelet of their own, whose pods' use is scripted. */
  isScripted(node: Node): boolean {
    return isPlayed(node) || this.#parts.isSimulated(node.metadata.name ?? '');
  }

  ofNode(node: Node): NodeMetrics | undefined {
    const usage = this.#nodeUsage(node);
    if (usage === undefined) return undefined;
    const metadata = this.#metadata(node);
    return {
      kind: nodeMetrics.kind,
      apiVersion: API_VERSION,
      metadata,
      ...timesOf(usage),
      usage: quantitiesOf(usage),
    };
  }

  ofPod(pod: Pod): PodMetrics | undefined {
    const node = this.#parts.nodeOf(pod.spec.nodeName ?? '');
    if (node === undefined) return undefined;
    const usages = this.#podUsages(pod, node);
    if (usages === undefined) return undefined;
    const earliest = usages.reduce((a, b) => (b.usage.atMs < a.usage.atMs ? b : a), usages[0] ?? NOBODY);
    if (earliest === NOBODY) return undefined;
    return {
      kind: podMetrics.kind,
      apiVersion: API_VERSION,
      metadata: this.#metadata(pod),
      ...timesOf(earliest.usage),
      containers: usages.map(({ name, usage }) => ({ name, usage: quantitiesOf(usage) })),
    };
  }

  #metadata({ metadata }: KubernetesObject): ObjectMeta {
    const { name, namespace, labels } = metadata;
    return {
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      creationTimestamp: formatTime(this.#parts.clock.now()),
      ...(labels === undefined ? {} : { labels }),
    };
  }

  #nodeUsage(node: Node): Usage | undefined {
    const { scraper, periodMs, podsOf } = this.#parts;
    const { name = '' } = node.metadata;
    if (!this.isScripted(node)) {
      const history = scraper.historyOf(name);
      const last = history?.last.node;
      return last === undefined ? undefined : usageBetween(history?.before?.node, last, periodMs);
    }
    const used = podsOf(name).flatMap((pod) => this.#podUsages(pod, node) ?? []);
    const sum = (pick: (usage: Usage) => number): number =>
      used.reduce((total, { usage }) => total + pick(usage), 0);
    return this.#scripted({
      cpuNanoCores: sum(({ cpuNanoCores }) => cpuNanoCores),
      memoryBytes: sum(({ memoryBytes }) => memoryBytes),
    });
  }

  #podUsages(pod: Pod, node: Node): readonly ContainerUsage[] | undefined {
    const running = runningContainers(pod);
    if (running.length === 0) return undefined;
    if (this.isScripted(node)) {
      return running.map(({ container }) => ({
        name: container.name,
        usage: this.#scripted(scriptedUse(pod, container)),
      }));
    }
    const usages = running.map((one) => this.#measured(pod, one));
    return usages.every((usage) => usage !== undefined) ? usages : undefined;
  }

  #measured({ metadata, spec }: Pod, { container, status }: RunningContainer): ContainerUsage | undefined {
    const { scraper, periodMs } = this.#parts;
    const key = containerKey(metadata.namespace ?? '', metadata.name ?? '', container.name);
    const history = scraper.historyOf(spec.nodeName ?? '');
    const last = history?.last.containers.get(key);
    if (last === undefined) return undefined;
    const startedAt = status.state.running?.startedAt;
    const startedMs = startedAt === undefined ? undefined : timeMs(startedAt);
    const usage = usageBetween(history?.before?.containers.get(key), last, periodMs, startedMs);
    return usage === undefined ? undefined : { name: container.name, usage };
  }

  /** As if it had been asked for at the beginning of the period. */
  #scripted(use: Pick<Usage, 'cpuNanoCores' | 'memoryBytes'>): Usage {
    const { clock, periodMs } = this.#parts;
    return { ...use, atMs: Math.floor(clock.now() / periodMs) * periodMs, windowMs: periodMs };
  }
}

interface ContainerUsage {
  readonly name: string;
  readonly usage: Usage;
}

interface RunningContainer {
  readonly container: Container;
  readonly status: ContainerStatus;
}

const NOBODY: ContainerUsage = {
  name: '',
  usage: { cpuNanoCores: 0, memoryBytes: 0, atMs: 0, windowMs: 0 },
};

/** Sidecars among them. */
function runningContainers({ spec, status }: Pod): readonly RunningContainer[] {
  if (status.phase !== 'Running') return [];
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return [...(spec.initContainers ?? []), ...spec.containers].flatMap((container) => {
    const found = statuses.find(({ name }) => name === container.name);
    return found?.state.running === undefined ? [] : [{ container, status: found }];
  });
}
