/**
 * Whether a pod that was bound to this node can run here; pure. The scheduler has asked the same, but pods
 * can be bound by hand, and two schedulers can use the same room.
 *
 * Outputs upstream's reasons and words: `OutOfcpu`, `OutOfmemory`, `OutOfpods`, `NodeAffinity`, `NodePorts`,
 * `TaintToleration`.
 */

import { quantityMilliValue, quantityValue } from '../../api/quantity/quantity.ts';
import { hostPortsOf, isPortTaken } from '../../api/node-fit/host-ports.ts';
import { fitsNode, nodeNeedsOf } from '../../api/node-fit/node-affinity.ts';
import { toleratesTaint } from '../../api/node-fit/taints.ts';
import type { Container, Node, Pod } from '../../api/types.gen.ts';
import { amounts } from '../containers/resources.ts';
import type { ResizeProblem } from '../resize/allocation.ts';
import { isSidecar } from './pod-containers.ts';

export interface NodeRoom {
  readonly allocatable: Readonly<Record<string, string>>;
  /** As the API has it now. */
  readonly node: Pick<Node, 'metadata' | 'spec'>;
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
  { allocatable, node }: NodeRoom,
): Rejection | undefined {
  return shortage(pod, others, allocatable) ?? mismatch(pod, others, node);
}

function mismatch(pod: Pod, others: readonly Pod[], node: NodeRoom['node']): Rejection | undefined {
  if (!fitsNode(nodeNeedsOf(pod), node))
    return failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
  const taken = others.flatMap(hostPortsOf);
  if (hostPortsOf(pod).some((port) => isPortTaken(port, taken)))
    return failed('NodePorts', "node(s) didn't have free ports for the requested pod ports");
  const { tolerations = [] } = pod.spec;
  const isBorne = (node.spec.taints ?? []).every(
    (taint) => taint.effect !== 'NoExecute' || toleratesTaint(tolerations, taint),
  );
  return isBorne ? undefined : failed('TaintToleration', "node(s) had taints that the pod didn't tolerate");
}

function failed(reason: string, why: string): Rejection {
  return { reason, message: `Pod was rejected: Predicate ${reason} failed: ${why}` };
}

/** Why a running pod cannot be given what it asks for now. */
export function resizeProblem(
  pod: Pod,
  others: readonly Pod[],
  allocatable: NodeRoom['allocatable'],
): ResizeProblem | undefined {
  const never = missing(pod, [], allocatable);
  if (never !== undefined) {
    const { resource, requested, capacity } = never;
    const amountsText = `requested: ${requested}, capacity: ${capacity}`;
    return { reason: 'Infeasible', message: `Node didn't have enough capacity: ${resource}, ${amountsText}` };
  }
  const now = missing(pod, others, allocatable);
  return now === undefined ? undefined : { reason: 'Deferred', message: shortageText(now) };
}

function shortage(
  pod: Pod,
  others: readonly Pod[],
  allocatable: NodeRoom['allocatable'],
): Rejection | undefined {
  const found = missing(pod, others, allocatable);
  if (found === undefined) return undefined;
  return { reason: `OutOf${found.resource}`, message: `Pod was rejected: ${shortageText(found)}` };
}

interface Shortage {
  readonly resource: string;
  readonly requested: number;
  readonly used: number;
  readonly capacity: number;
}

function shortageText({ resource, requested, used, capacity }: Shortage): string {
  const amountsText = `requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return `Node didn't have enough resource: ${resource}, ${amountsText}`;
}

function missing(
  pod: Pod,
  others: readonly Pod[],
  allocatable: NodeRoom['allocatable'],
): Shortage | undefined {
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

function outOf(resource: string, requested: number, used: number, capacity: number): Shortage {
  return { resource, requested, used, capacity };
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
