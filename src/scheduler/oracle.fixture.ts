/**
 * For tests and benchmarks: judges a placement from nothing but lists of nodes and pods, by the rules as the
 * documentation words them, without any of the scheduler's running sums.
 */

import { fromLabelSelector, matches } from '../api/labels/selector.ts';
import type { Node, Pod, PodAffinityTerm, TopologySpreadConstraint } from '../api/types.gen.ts';
import { addAmounts, noAmounts, podAmounts } from './cache/resources.ts';
import { Generations, NodeInfo } from './cache/node-info.ts';
import { fitsNode, nodeNeedsOf } from '../api/node-fit/node-affinity.ts';
import { untolerated } from '../api/node-fit/taints.ts';
import { volumeProblemOf, type VolumeWorld } from './volumes/volume-oracle.fixture.ts';

type Labels = { readonly [key: string]: string };

export interface World {
  readonly nodes: readonly Node[];
  /** Placed ones, with `spec.nodeName`. */
  readonly pods: readonly Pod[];
  readonly namespaces: ReadonlyMap<string, Labels>;
  /** Absent: there are none. */
  readonly storage?: VolumeWorld;
}

/** Undefined: the pod may run there. */
export function problemOf(pod: Pod, node: Node, world: World): string | undefined {
  if (untolerated(node, pod.spec.tolerations ?? []) !== undefined) return 'taint';
  if (!fitsNode(nodeNeedsOf(pod), node)) return 'node affinity';
  if (!hasRoom(pod, node, world)) return 'resources';
  if (!isSpread(pod, node, world)) return 'spread';
  if (world.storage !== undefined) {
    const problem = volumeProblemOf(pod, node, world.pods, world.storage);
    if (problem !== undefined) return problem;
  }
  return affinityProblem(pod, node, world);
}

function hasRoom(pod: Pod, node: Node, { pods }: World): boolean {
  const { allocatable, allowedPods } = new NodeInfo(node, 0, new Generations());
  const here = pods.filter(({ spec }) => spec.nodeName === node.metadata.name);
  const sum = noAmounts();
  for (const one of [...here, pod]) addAmounts(sum, podAmounts(one).requested);
  return (
    here.length < allowedPods && sum.milliCpu <= allocatable.milliCpu && sum.memory <= allocatable.memory
  );
}

const labelOf = (node: Node | undefined, key: string): string | undefined => node?.metadata.labels?.[key];

function means(term: PodAffinityTerm, holder: Pod, other: Pod, { namespaces }: World): boolean {
  const selector = fromLabelSelector(term.labelSelector);
  if (selector === undefined || !matches(selector, other.metadata.labels)) return false;
  const namespace = other.metadata.namespace ?? '';
  const byLabels = fromLabelSelector(term.namespaceSelector);
  if (byLabels !== undefined && matches(byLabels, namespaces.get(namespace))) return true;
  const named = term.namespaces ?? [];
  if (named.length === 0 && byLabels === undefined) return namespace === holder.metadata.namespace;
  return named.includes(namespace);
}

/** Whether two nodes are in one domain. */
function together(a: Node, b: Node | undefined, key: string): boolean {
  const value = labelOf(a, key);
  return value !== undefined && value === labelOf(b, key);
}

function affinityProblem(pod: Pod, node: Node, world: World): string | undefined {
  const nodeOf = (one: Pod): Node | undefined =>
    world.nodes.find(({ metadata }) => metadata.name === one.spec.nodeName);
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  const required = podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const all = world.pods.filter((other) => required.every((term) => means(term, pod, other, world)));
  if (required.some(({ topologyKey }) => labelOf(node, topologyKey) === undefined)) return 'affinity label';
  const isNear = required.every(({ topologyKey }) =>
    all.some((other) => together(node, nodeOf(other), topologyKey)),
  );
  const isFirst =
    required.every((term) => means(term, pod, pod, world)) &&
    !all.some((other) =>
      required.some(({ topologyKey }) => labelOf(nodeOf(other), topologyKey) !== undefined),
    );
  if (!isNear && !isFirst) return 'affinity';
  for (const term of podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [])
    for (const other of world.pods)
      if (means(term, pod, other, world) && together(node, nodeOf(other), term.topologyKey))
        return 'anti-affinity';
  for (const other of world.pods) {
    const terms = other.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    for (const term of terms)
      if (means(term, other, pod, world) && together(node, nodeOf(other), term.topologyKey))
        return 'anti-affinity of a placed pod';
  }
  return undefined;
}

function isSpread(pod: Pod, node: Node, world: World): boolean {
  const constraints = (pod.spec.topologySpreadConstraints ?? []).filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule',
  );
  return constraints.every((one) => isWithinSkew(one, constraints, pod, node, world));
}

function isWithinSkew(
  {
    topologyKey,
    maxSkew,
    minDomains = 1,
    labelSelector,
    nodeAffinityPolicy,
    nodeTaintsPolicy,
  }: TopologySpreadConstraint,
  constraints: readonly TopologySpreadConstraint[],
  pod: Pod,
  node: Node,
  { nodes, pods }: World,
): boolean {
  const selector = fromLabelSelector(labelSelector);
  const isKind = ({ metadata }: Pod): boolean =>
    selector !== undefined &&
    metadata.namespace === pod.metadata.namespace &&
    metadata.deletionTimestamp === undefined &&
    matches(selector, metadata.labels);
  const counted = nodes.filter(
    (one) =>
      constraints.every(({ topologyKey: key }) => labelOf(one, key) !== undefined) &&
      (nodeAffinityPolicy === 'Ignore' || fitsNode(nodeNeedsOf(pod), one)) &&
      (nodeTaintsPolicy !== 'Honor' || untolerated(one, pod.spec.tolerations ?? []) === undefined),
  );
  const counts = new Map<string, number>();
  for (const one of counted) {
    const value = labelOf(one, topologyKey) ?? '';
    const here = pods.filter((other) => other.spec.nodeName === one.metadata.name && isKind(other)).length;
    counts.set(value, (counts.get(value) ?? 0) + here);
  }
  const value = labelOf(node, topologyKey);
  if (value === undefined) return false;
  const fewest = counts.size < minDomains ? 0 : Math.min(...counts.values());
  return (counts.get(value) ?? 0) + (isKind(pod) ? 1 : 0) - fewest <= maxSkew;
}
