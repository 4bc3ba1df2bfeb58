/**
 * The scheduler's picture of the cluster: nodes with running sums, kept by deltas, never rebuilt.
 *
 * A pod is assumed on its node as soon as it is decided, before the API knows, so that the next decision
 * counts it. The binding's event confirms it; a failed binding forgets it.
 */

import type { Node, Pod } from '../../api/types.gen.ts';
import { NodeInfo } from './node-info.ts';

export class SchedulerCache {
  /** In a flat array, so that a cycle can start anywhere and go round. */
  readonly nodes: NodeInfo[] = [];
  readonly #byName = new Map<string, NodeInfo>();
  /** Node names of known pods, by uid; of nodes that are not known (yet), too. */
  readonly #placed = new Map<string, { readonly nodeName: string; pod: Pod }>();
  readonly #assumed = new Set<string>();

  node(name: string): NodeInfo | undefined {
    return this.#byName.get(name);
  }

  setNode(node: Node): void {
    const name = node.metadata.name ?? '';
    const present = this.#byName.get(name);
    if (present !== undefined) return present.replace(node);
    const info = new NodeInfo(node);
    this.#byName.set(name, info);
    this.nodes.push(info);
    // Pods can be seen before their node.
    for (const { nodeName, pod } of this.#placed.values()) if (nodeName === name) info.add(pod);
  }

  removeNode(name: string): void {
    const info = this.#byName.get(name);
    if (info === undefined) return;
    this.#byName.delete(name);
    // Order carries no meaning: the last one takes the place.
    const last = this.nodes.pop();
    const at = this.nodes.indexOf(info);
    if (last !== undefined && last !== info) this.nodes[at] = last;
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
    const placed = this.#placed.get(uid);
    if (placed === undefined) return;
    this.#placed.delete(uid);
    this.#assumed.delete(uid);
    this.#byName.get(placed.nodeName)?.remove(uid);
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

  isAssumed(uid: string): boolean {
    return this.#assumed.has(uid);
  }

  #place(uid: string, nodeName: string, pod: Pod): void {
    const before = this.#placed.get(uid);
    if (before !== undefined && before.nodeName === nodeName && before.pod.spec === pod.spec) {
      before.pod = pod;
      return;
    }
    if (before !== undefined) this.#byName.get(before.nodeName)?.remove(uid);
    this.#placed.set(uid, { nodeName, pod });
    this.#byName.get(nodeName)?.add(pod);
  }
}

export function isFinished(pod: Pod): boolean {
  return pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
}
