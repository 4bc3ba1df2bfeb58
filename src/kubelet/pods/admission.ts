/**
 * Whether a pod that was bound to this node can run here; pure. The scheduler has asked the same, but pods
 * can be bound by hand, and two schedulers can use the same room.
 *
 * Outputs upstream's reasons and words: `OutOfcpu`, `OutOfmemory`, `OutOfpods`, `NodeAffinity`.
 */

import { quantityMilliValue, quantityValue } from '../../api/quantity/quantity.ts';
import type { Container, Pod } from '../../api/types.gen.ts';
import { amounts } from '../containers/resources.ts';
import { isSidecar } from './pod-containers.ts';

export interface NodeRoom {
  readonly allocatable: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

interface Needs {
  readonly milliCpus: number;
  readonly memoryBytes: number;
}

/** `others` are the pods that run here or are about to. */
export function rejection(
  pod: Pod,
  others: readonly Pod[],
  { allocatable, labels }: NodeRoom,
): Rejection | undefined {
  const selector = Object.entries(pod.spec.nodeSelector ?? {});
  if (selector.some(([name, value]) => labels[name] !== value)) {
    const message =
      "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector";
    return { reason: 'NodeAffinity', message };
  }
  const podsMax = quantityValue(allocatable['pods'] ?? '0');
  if (others.length + 1 > podsMax) return outOf('pods', 1, others.length, podsMax);
  const wanted = needsOf(pod);
  const used = others.map(needsOf).reduce(
    (sum, each) => ({
      milliCpus: sum.milliCpus + each.milliCpus,
      memoryBytes: sum.memoryBytes + each.memoryBytes,
    }),
    { milliCpus: 0, memoryBytes: 0 },
  );
  const cpus = quantityMilliValue(allocatable['cpu'] ?? '0');
  if (wanted.milliCpus > 0 && used.milliCpus + wanted.milliCpus > cpus)
    return outOf('cpu', wanted.milliCpus, used.milliCpus, cpus);
  const memory = quantityValue(allocatable['memory'] ?? '0');
  if (wanted.memoryBytes > 0 && used.memoryBytes + wanted.memoryBytes > memory)
    return outOf('memory', wanted.memoryBytes, used.memoryBytes, memory);
  return undefined;
}

function outOf(resource: string, requested: number, used: number, capacity: number): Rejection {
  const amountsText = `requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  const message = `Pod was rejected: Node didn't have enough resource: ${resource}, ${amountsText}`;
  return { reason: `OutOf${resource}`, message };
}

/**
 * As the scheduler counts: regular containers and sidecars together, or one init container with those
 * before it.
 */
function needsOf({ spec }: Pod): Needs {
  const most = (of: (container: Container) => number): number => {
    let sidecars = 0;
    let peak = 0;
    for (const container of spec.initContainers ?? []) {
      peak = Math.max(peak, sidecars + of(container));
      if (isSidecar(container)) sidecars += of(container);
    }
    return Math.max(peak, sidecars + spec.containers.reduce((sum, container) => sum + of(container), 0));
  };
  const overhead = amounts({ requests: spec.overhead ?? {} });
  return {
    milliCpus: most(({ resources }) => amounts(resources).cpuRequest) + overhead.cpuRequest,
    memoryBytes: most(({ resources }) => amounts(resources).memoryRequest) + overhead.memoryRequest,
  };
}
