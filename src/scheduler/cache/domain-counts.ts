/**
 * How many pods of a kind run in each domain of a topology (a zone, a host), kept by deltas.
 *
 * Example: the matcher is `app=web` in namespace `shop`, the topology key is the zone. With two web pods in
 * zone a and none in zone b the domains are a: 2 pods, b: 0 pods. A web pod placed in b makes that 1, and
 * costs one lookup, however many pods and nodes there are.
 *
 * Invariant: `domains` has exactly the values that the nodes in scope have, and their sums are those of the
 * pods on these nodes. What is asked for is kept while it is asked for now and then; the longest unused goes.
 */

import type { Node, Pod } from '../../api/types.gen.ts';
import type { NodeInfo } from './node-info.ts';
import { MatcherIndex, matchesPod, type NamespaceLabels, type PodMatcher } from './pod-matcher.ts';

/** Which nodes count. Equal keys mean equal scopes. */
export interface NodeScope {
  readonly key: string;
  includes(node: Node): boolean;
}

export const ALL_NODES: NodeScope = { key: '', includes: () => true };

export interface Domain {
  nodes: number;
  pods: number;
}

/** Each costs some bytes for every domain; a cluster uses as many as it has workloads with such rules. */
const KEPT_MAX = 4096;

export class DomainCounts {
  readonly matcher: PodMatcher;
  readonly topologyKey: string;
  readonly scope: NodeScope;
  readonly domains = new Map<string, Domain>();
  /** Over all domains. */
  pods = 0;
  #fewest: number | undefined;

  constructor(matcher: PodMatcher, topologyKey: string, scope: NodeScope) {
    this.matcher = matcher;
    this.topologyKey = topologyKey;
    this.scope = scope;
  }

  podsIn(value: string): number {
    return this.domains.get(value)?.pods ?? 0;
  }

  /** Of the emptiest domain; 0 when there is none. */
  get fewest(): number {
    if (this.#fewest === undefined) {
      this.#fewest = Number.POSITIVE_INFINITY;
      for (const { pods } of this.domains.values()) if (pods < this.#fewest) this.#fewest = pods;
    }
    return Number.isFinite(this.#fewest) ? this.#fewest : 0;
  }

  countPod(node: Node, sign: 1 | -1): void {
    const domain = this.#domainOf(node);
    if (domain === undefined) return;
    // Only then can the emptiest domain have become another one.
    if (domain.pods === this.#fewest || domain.pods + sign < (this.#fewest ?? 0)) this.#fewest = undefined;
    domain.pods += sign;
    this.pods += sign;
  }

  addNode({ node, pods }: NodeInfo, namespaces: NamespaceLabels): void {
    const value = this.#valueOf(node);
    if (value === undefined) return;
    this.#fewest = undefined;
    const domain = this.domains.get(value);
    if (domain === undefined) this.domains.set(value, { nodes: 1, pods: 0 });
    else domain.nodes++;
    for (const pod of pods.values()) if (matchesPod(this.matcher, pod, namespaces)) this.countPod(node, 1);
  }

  removeNode({ node, pods }: NodeInfo, namespaces: NamespaceLabels): void {
    const value = this.#valueOf(node);
    const domain = this.#domainOf(node);
    if (value === undefined || domain === undefined) return;
    for (const pod of pods.values()) if (matchesPod(this.matcher, pod, namespaces)) this.countPod(node, -1);
    this.#fewest = undefined;
    if (--domain.nodes === 0) this.domains.delete(value);
  }

  #valueOf(node: Node): string | undefined {
    const value = node.metadata.labels?.[this.topologyKey];
    return value === undefined || !this.scope.includes(node) ? undefined : value;
  }

  #domainOf(node: Node): Domain | undefined {
    const value = this.#valueOf(node);
    return value === undefined ? undefined : this.domains.get(value);
  }
}

/** All counts that are kept. */
export class DomainCountsIndex {
  readonly #namespaces: NamespaceLabels;
  /** The longest unused first. */
  readonly #kept = new Map<string, DomainCounts>();
  readonly #byMatcher = new MatcherIndex<DomainCounts>();

  constructor(namespaces: NamespaceLabels) {
    this.#namespaces = namespaces;
  }

  of(matcher: PodMatcher, topologyKey: string, scope: NodeScope, nodes: Iterable<NodeInfo>): DomainCounts {
    const key = `${topologyKey}|${scope.key}|${matcher.key}`;
    const present = this.#kept.get(key);
    if (present !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, present);
      return present;
    }
    const counts = new DomainCounts(matcher, topologyKey, scope);
    for (const node of nodes) counts.addNode(node, this.#namespaces);
    for (const [oldest, unused] of this.#kept) {
      if (this.#kept.size < KEPT_MAX) break;
      this.#drop(oldest, unused);
    }
    this.#kept.set(key, counts);
    this.#byMatcher.add(counts);
    return counts;
  }

  countPod(pod: Pod, node: Node, sign: 1 | -1): void {
    if (this.#kept.size === 0) return;
    for (const counts of this.#byMatcher.matching(pod, this.#namespaces)) counts.countPod(node, sign);
  }

  addNode(node: NodeInfo): void {
    for (const counts of this.#kept.values()) counts.addNode(node, this.#namespaces);
  }

  removeNode(node: NodeInfo): void {
    for (const counts of this.#kept.values()) counts.removeNode(node, this.#namespaces);
  }

  /** Which pods a matcher means has changed with the labels of a namespace. */
  namespaceLabelsChanged(): void {
    for (const [key, counts] of this.#kept) if (counts.matcher.readsNamespaceLabels) this.#drop(key, counts);
  }

  #drop(key: string, counts: DomainCounts): void {
    this.#kept.delete(key);
    this.#byMatcher.delete(counts);
  }
}
