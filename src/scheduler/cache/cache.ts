/**
 * The scheduler's picture of the cluster: nodes with running sums, and how pods are spread over topologies,
 * kept by deltas, never rebuilt.
 *
 * A pod is assumed on its node as soon as it is decided, before the API knows, so that the next decision
 * counts it. The binding's event confirms it; a failed binding forgets it.
 *
 * `whatIf` changes the picture in place, lets a question be asked, and undoes the changes: so a plugin sees a
 * cluster without the pods of a preemption by the same means as the real one.
 */

import { deepEqual } from '../../api/meta/equal.ts';
import type { Node, Pod } from '../../api/types.gen.ts';
import { HeldTerms, type HeldTerm } from './affinity-terms.ts';
import { DomainCountsIndex, type DomainCounts, type NodeScope } from './domain-counts.ts';
import { claimKey, claimsOf } from '../../api/volume-binding/pod-claims.ts';
import { countUse, Generations, NodeInfo } from './node-info.ts';
import { interleaveZones, zoneOf } from './node-order.ts';
import type { NamespaceLabels, PodMatcher } from './pod-matcher.ts';
import { Nominations } from './nominations.ts';
import { PodsByLabel } from './pods-by-label.ts';

type Labels = { readonly [key: string]: string };

/** Changes to the picture that are undone when the question is answered. */
export interface WhatIf {
  remove(node: NodeInfo, pod: Pod): void;
  add(node: NodeInfo, pod: Pod): void;
}

export class SchedulerCache implements NamespaceLabels {
  readonly nominations = new Nominations();
  readonly #byName = new Map<string, NodeInfo>();
  /** The names of pods' nodes by the pods' uids; of nodes that are not known (yet), too. */
  readonly #placed = new Map<string, string>();
  readonly #assumed = new Set<string>();
  /** Placed pods that are counted nowhere for now. */
  readonly #aside = new Map<string, Pod>();
  /** Pods by the name of a node that is not known, and uid. */
  readonly #homeless = new Map<string, Map<string, Pod>>();
  readonly #namespaces = new Map<string, Labels | undefined>();
  /** How many placed pods have each priority. */
  readonly #priorities = new Map<number, number>();
  readonly #imageNodes = new Map<string, number>();
  /** How many pods on nodes use each claim, by `namespace/name`. */
  readonly #claimUsers = new Map<string, number>();
  readonly #byLabel = new PodsByLabel();
  readonly #counts = new DomainCountsIndex(this);
  readonly #terms = new HeldTerms(this);
  readonly #freeSlots: number[] = [];
  readonly #generations = new Generations();
  #slots = 0;
  #order: NodeInfo[] | undefined;
  #orderedSlots: Int32Array | undefined;

  /** In the order in which they are looked at. */
  get nodes(): readonly NodeInfo[] {
    if (this.#order === undefined) {
      this.#order = interleaveZones(this.#byName.values());
      this.#orderedSlots = undefined;
    }
    return this.#order;
  }

  /** The slots of `nodes`, in the same order. */
  get order(): Int32Array {
    this.#orderedSlots ??= Int32Array.from(this.nodes, ({ slot }) => slot);
    return this.#orderedSlots;
  }

  /** By slot. */
  get generations(): Float64Array {
    return this.#generations.bySlot;
  }

  /** Above every node's slot. */
  get slots(): number {
    return this.#slots;
  }

  node(name: string): NodeInfo | undefined {
    return this.#byName.get(name);
  }

  setNode(node: Node): void {
    const name = node.metadata.name ?? '';
    const present = this.#byName.get(name);
    if (present !== undefined) return this.#replaceNode(present, node);
    const info = new NodeInfo(node, this.#freeSlots.pop() ?? this.#slots++, this.#generations);
    this.#byName.set(name, info);
    this.#order = undefined;
    this.#counts.countNode(info, 1);
    this.#countImages(info, 1);
    for (const pod of this.#homeless.get(name)?.values() ?? []) this.#put(info, pod);
    this.#homeless.delete(name);
  }

  #replaceNode(info: NodeInfo, node: Node): void {
    const { metadata, spec } = info.node;
    const isElsewhere = !deepEqual(metadata.labels, node.metadata.labels) || !deepEqual(spec, node.spec);
    this.#countImages(info, -1);
    if (isElsewhere) this.#moveNode(info, node);
    else info.replace(node);
    this.#countImages(info, 1);
  }

  /** To other domains, maybe. */
  #moveNode(info: NodeInfo, node: Node): void {
    const zone = zoneOf(info);
    this.#counts.countNode(info, -1);
    for (const pod of info.pods.values()) this.#terms.countPod(pod, info.node, -1);
    info.replace(node);
    this.#counts.countNode(info, 1);
    for (const pod of info.pods.values()) this.#terms.countPod(pod, info.node, 1);
    if (zoneOf(info) !== zone) this.#order = undefined;
  }

  removeNode(name: string): void {
    const info = this.#byName.get(name);
    if (info === undefined) return;
    for (const pod of info.pods.values()) {
      this.#take(info, pod);
      this.#noteHomeless(name, pod);
    }
    this.#counts.countNode(info, -1);
    this.#countImages(info, -1);
    this.#byName.delete(name);
    this.#freeSlots.push(info.slot);
    this.#order = undefined;
  }

  /** Whether any placed pod has a lower priority. */
  hasBelow(priority: number): boolean {
    for (const [other] of this.#priorities) if (other < priority) return true;
    return false;
  }

  /** How many nodes have an image. */
  nodesWithImage(name: string): number {
    return this.#imageNodes.get(name) ?? 0;
  }

  /** How many pods on nodes use the claim, by `namespace/name`. */
  usersOfClaim(key: string): number {
    return this.#claimUsers.get(key) ?? 0;
  }

  #countImages({ images }: NodeInfo, sign: 1 | -1): void {
    for (const name of images.keys()) countUse(this.#imageNodes, name, sign);
  }

  /** A pod as the API has it; counted while it is bound and has not finished. */
  setPod(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const nodeName = pod.spec.nodeName ?? '';
    if (nodeName === '' || isFinished(pod)) {
      if (!(nodeName === '' && this.#assumed.has(uid))) this.removePod(uid);
      return;
    }
    this.#assumed.delete(uid);
    this.#place(uid, nodeName, pod);
  }

  removePod(uid: string): void {
    const nodeName = this.#placed.get(uid);
    if (nodeName === undefined) return;
    this.#placed.delete(uid);
    this.#assumed.delete(uid);
    if (this.#aside.delete(uid)) return;
    this.#takeFrom(nodeName, uid);
    this.#terms.sweep();
  }

  assume(pod: Pod, nodeName: string): void {
    const uid = pod.metadata.uid ?? '';
    this.#assumed.add(uid);
    this.#place(uid, nodeName, pod);
  }

  forget(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    if (this.#assumed.has(uid)) this.removePod(uid);
  }

  /** Has the pod's node look as if it were gone, through whatever happens, until it is put back. */
  setAside(uid: string): void {
    const info = this.#byName.get(this.#placed.get(uid) ?? '');
    const pod = info?.pods.get(uid);
    if (info === undefined || pod === undefined) return;
    this.#aside.set(uid, pod);
    this.#take(info, pod);
  }

  /** Harmless when the pod has really gone meanwhile. */
  putBack(uid: string): void {
    const pod = this.#aside.get(uid);
    const nodeName = this.#placed.get(uid);
    if (pod === undefined || nodeName === undefined) return;
    this.#aside.delete(uid);
    this.#putOn(nodeName, pod);
  }

  isAssumed(uid: string): boolean {
    return this.#assumed.has(uid);
  }

  /** The node that a pod occupies or is assumed on. */
  nodeOf(uid: string): string | undefined {
    return this.#placed.get(uid);
  }

  setNamespace(name: string, labels: Labels | undefined): void {
    if (deepEqual(this.#namespaces.get(name) ?? {}, labels ?? {})) return;
    this.#namespaces.set(name, labels);
    this.#counts.namespaceLabelsChanged();
  }

  removeNamespace(name: string): void {
    this.#namespaces.delete(name);
  }

  labelsOf(namespace: string): Labels | undefined {
    return this.#namespaces.get(namespace);
  }

  /** How many pods of a kind run in each domain; follows every change from now on, what-ifs included. */
  counts(matcher: PodMatcher, topologyKey: string, scope: NodeScope): DomainCounts {
    const nodes = (): Iterable<NodeInfo> => this.#byName.values();
    return this.#counts.of(matcher, topologyKey, scope, nodes, this.#byLabel);
  }

  /** Terms of placed pods that refuse this one. */
  refusing(pod: Pod): readonly HeldTerm[] {
    return this.#terms.refusing(pod);
  }

  /** Terms of placed pods that wish for this one, or wish it away. */
  wishing(pod: Pod): readonly HeldTerm[] {
    return this.#terms.wishing(pod);
  }

  whatIf<T>(ask: (change: WhatIf) => T): T {
    const undo: (() => void)[] = [];
    try {
      return ask({
        remove: (node, pod) => {
          this.#take(node, pod);
          undo.push(() => this.#put(node, pod));
        },
        add: (node, pod) => {
          this.#put(node, pod);
          undo.push(() => this.#take(node, pod));
        },
      });
    } finally {
      for (const step of undo.toReversed()) step();
    }
  }

  #place(uid: string, nodeName: string, pod: Pod): void {
    const before = this.#placed.get(uid);
    this.#placed.set(uid, nodeName);
    if (this.#aside.has(uid)) return void this.#aside.set(uid, pod);
    const info = this.#byName.get(nodeName);
    const present = before === nodeName ? info?.pods.get(uid) : undefined;
    if (present !== undefined && isSameToOthers(present, pod)) return void info?.pods.set(uid, pod);
    if (before !== undefined) this.#takeFrom(before, uid);
    this.#putOn(nodeName, pod);
  }

  #putOn(nodeName: string, pod: Pod): void {
    const info = this.#byName.get(nodeName);
    if (info !== undefined) this.#put(info, pod);
    else this.#noteHomeless(nodeName, pod);
  }

  #takeFrom(nodeName: string, uid: string): void {
    const info = this.#byName.get(nodeName);
    const pod = info?.pods.get(uid);
    if (info !== undefined && pod !== undefined) this.#take(info, pod);
    else this.#forgetHomeless(nodeName, uid);
  }

  #put(info: NodeInfo, pod: Pod): void {
    info.add(pod);
    this.#byLabel.add(info, pod);
    this.#countPriority(pod, 1);
    this.#countClaims(pod, 1);
    this.#counts.countPod(pod, info.node, 1);
    this.#terms.countPod(pod, info.node, 1);
  }

  #take(info: NodeInfo, pod: Pod): void {
    info.remove(pod.metadata.uid ?? '');
    this.#byLabel.remove(pod);
    this.#countPriority(pod, -1);
    this.#countClaims(pod, -1);
    this.#counts.countPod(pod, info.node, -1);
    this.#terms.countPod(pod, info.node, -1);
  }

  #countClaims(pod: Pod, sign: 1 | -1): void {
    for (const { name } of claimsOf(pod))
      countUse(this.#claimUsers, claimKey(pod.metadata.namespace, name), sign);
  }

  #countPriority({ spec: { priority = 0 } }: Pod, sign: 1 | -1): void {
    const count = (this.#priorities.get(priority) ?? 0) + sign;
    if (count > 0) this.#priorities.set(priority, count);
    else this.#priorities.delete(priority);
  }

  #noteHomeless(nodeName: string, pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const present = this.#homeless.get(nodeName);
    if (present === undefined) this.#homeless.set(nodeName, new Map([[uid, pod]]));
    else present.set(uid, pod);
  }

  #forgetHomeless(nodeName: string, uid: string): void {
    const present = this.#homeless.get(nodeName);
    present?.delete(uid);
    if (present?.size === 0) this.#homeless.delete(nodeName);
  }
}

/** Whether a newer version of a placed pod takes the same and falls under the same rules. */
function isSameToOthers(before: Pod, after: Pod): boolean {
  return (
    (before.spec === after.spec || isBoundVersion(before, after)) &&
    (before.metadata.labels === after.metadata.labels ||
      deepEqual(before.metadata.labels, after.metadata.labels)) &&
    (before.metadata.deletionTimestamp === undefined) === (after.metadata.deletionTimestamp === undefined)
  );
}

/** What was assumed comes back with nothing but the node's name added. */
function isBoundVersion({ spec: before }: Pod, { spec: after }: Pod): boolean {
  return (
    before.containers === after.containers &&
    before.initContainers === after.initContainers &&
    before.resources === after.resources &&
    before.affinity === after.affinity &&
    before.priority === after.priority
  );
}

export function isFinished(pod: Pod): boolean {
  return pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
}
