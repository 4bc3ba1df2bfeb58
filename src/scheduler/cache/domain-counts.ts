/**
 * How many pods of a kind run in each domain of a topology (a zone, a host), kept by deltas.
 *
 * Example: the matcher is `app=web` in namespace `shop`, the topology key is the zone. With two web pods in
 * zone a and none in zone b the domains are a: 2 pods, b: 0 pods. A web pod placed in b makes that 1, and
 * costs one lookup, however many pods and nodes there are.
 *
 * Which domains there are is the same for all kinds of pods, so it is known once (`Topology`); a count has
 * those only in which some of its pods run.
 *
 * Invariant: a topology has exactly the values that the nodes in scope have, and the sums of a count are
 * those of the pods on these nodes. What is asked for is kept while it is asked for now and then; the longest
 * unused goes.
 */

import type { Node, Pod } from '../../api/types.gen.ts';
import type { NodeInfo } from './node-info.ts';
import { MatcherIndex, type NamespaceLabels, type PodMatcher } from './pod-matcher.ts';
import type { PodsByLabel } from './pods-by-label.ts';

/** Which nodes count. Equal keys mean equal scopes. */
export interface NodeScope {
  readonly key: string;
  includes(node: Node): boolean;
}

export const ALL_NODES: NodeScope = { key: '', includes: () => true };

/** A cluster uses as many counts as it has workloads with such rules. */
const KEPT_MAX = 16_384;

/** The domains that the nodes of a scope make. */
class Topology {
  readonly key: string;
  readonly #scope: NodeScope;
  readonly #nodes = new Map<string, number>();
  /** Counts that rest on it. */
  users = 0;

  constructor(topologyKey: string, scope: NodeScope) {
    this.key = topologyKey;
    this.#scope = scope;
  }

  /** Number of domains. */
  get size(): number {
    return this.#nodes.size;
  }

  /** The domain of a node; undefined when it is in none. */
  valueOf(node: Node): string | undefined {
    const value = node.metadata.labels?.[this.key];
    return value === undefined || !this.#scope.includes(node) ? undefined : value;
  }

  count(node: Node, sign: 1 | -1): void {
    const value = this.valueOf(node);
    if (value === undefined) return;
    const sum = (this.#nodes.get(value) ?? 0) + sign;
    if (sum > 0) this.#nodes.set(value, sum);
    else this.#nodes.delete(value);
  }
}

export class DomainCounts {
  readonly matcher: PodMatcher;
  readonly topology: Topology;
  /** Domains with pods. */
  readonly #pods = new Map<string, number>();
  #sum = 0;
  #fewest: number | undefined;

  constructor(matcher: PodMatcher, topology: Topology) {
    this.matcher = matcher;
    this.topology = topology;
  }

  /** Over all domains. */
  get pods(): number {
    return this.#sum;
  }

  podsIn(value: string): number {
    return this.#pods.get(value) ?? 0;
  }

  /** Of the emptiest domain; 0 when there is none. */
  get fewest(): number {
    if (this.#pods.size < this.topology.size || this.#pods.size === 0) return 0;
    if (this.#fewest === undefined) {
      this.#fewest = Number.POSITIVE_INFINITY;
      for (const pods of this.#pods.values()) if (pods < this.#fewest) this.#fewest = pods;
    }
    return this.#fewest;
  }

  countPod(node: Node, sign: 1 | -1): void {
    const value = this.topology.valueOf(node);
    if (value === undefined) return;
    const before = this.#pods.get(value) ?? 0;
    const after = before + sign;
    // Only then can the emptiest domain have become another one.
    if (this.#fewest !== undefined && (before <= this.#fewest || after < this.#fewest))
      this.#fewest = undefined;
    if (after > 0) this.#pods.set(value, after);
    else this.#pods.delete(value);
    this.#sum += sign;
  }
}

/** All counts that are kept. */
export class DomainCountsIndex {
  readonly #namespaces: NamespaceLabels;
  readonly #topologies = new Map<string, Topology>();
  /** The longest unused first. */
  readonly #kept = new Map<string, DomainCounts>();
  readonly #byMatcher = new MatcherIndex<DomainCounts>();

  constructor(namespaces: NamespaceLabels) {
    this.#namespaces = namespaces;
  }

  of(
    matcher: PodMatcher,
    topologyKey: string,
    scope: NodeScope,
    nodes: () => Iterable<NodeInfo>,
    pods: PodsByLabel,
  ): DomainCounts {
    const ofTopology = `${topologyKey}|${scope.key}`;
    const key = `${ofTopology}|${matcher.key}`;
    const present = this.#kept.get(key);
    if (present !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, present);
      return present;
    }
    const counts = new DomainCounts(matcher, this.#topology(ofTopology, topologyKey, scope, nodes));
    for (const { node } of pods.nodesOf(matcher, nodes, this.#namespaces)) counts.countPod(node, 1);
    for (const [oldest, unused] of this.#kept) {
      if (this.#kept.size < KEPT_MAX) break;
      this.#drop(oldest, unused);
    }
    counts.topology.users++;
    this.#kept.set(key, counts);
    this.#byMatcher.add(counts);
    return counts;
  }

  #topology(key: string, topologyKey: string, scope: NodeScope, nodes: () => Iterable<NodeInfo>): Topology {
    const present = this.#topologies.get(key);
    if (present !== undefined) return present;
    const topology = new Topology(topologyKey, scope);
    for (const { node } of nodes()) topology.count(node, 1);
    this.#topologies.set(key, topology);
    return topology;
  }

  countPod(pod: Pod, node: Node, sign: 1 | -1): void {
    if (this.#kept.size === 0) return;
    for (const counts of this.#byMatcher.matching(pod, this.#namespaces)) counts.countPod(node, sign);
  }

  /** A node with the pods that are on it. */
  countNode({ node, pods }: NodeInfo, sign: 1 | -1): void {
    for (const topology of this.#topologies.values()) topology.count(node, sign);
    for (const pod of pods.values()) this.countPod(pod, node, sign);
  }

  /** Which pods a matcher means has changed with the labels of a namespace. */
  namespaceLabelsChanged(): void {
    for (const [key, counts] of this.#kept) if (counts.matcher.readsNamespaceLabels) this.#drop(key, counts);
  }

  #drop(key: string, counts: DomainCounts): void {
    this.#kept.delete(key);
    this.#byMatcher.delete(counts);
    if (--counts.topology.users > 0) return;
    for (const [name, topology] of this.#topologies)
      if (topology === counts.topology) this.#topologies.delete(name);
  }
}
