/** Pods that were promised a node: others made room for them, and until they have it, it must not be given away. */

import type { Pod } from '../../api/types.gen.ts';

export class Nominations {
  readonly #nodes = new Map<string, Map<string, Pod>>();
  readonly #nodeOf = new Map<string, string>();

  /** An empty node name takes the nomination back. */
  set(pod: Pod, nodeName: string): void {
    const uid = pod.metadata.uid ?? '';
    this.delete(uid);
    if (nodeName === '') return;
    this.#nodeOf.set(uid, nodeName);
    const present = this.#nodes.get(nodeName);
    if (present === undefined) this.#nodes.set(nodeName, new Map([[uid, pod]]));
    else present.set(uid, pod);
  }

  delete(uid: string): void {
    const nodeName = this.#nodeOf.get(uid);
    if (nodeName === undefined) return;
    this.#nodeOf.delete(uid);
    const pods = this.#nodes.get(nodeName);
    pods?.delete(uid);
    if (pods?.size === 0) this.#nodes.delete(nodeName);
  }

  nodeOf(uid: string): string | undefined {
    return this.#nodeOf.get(uid);
  }

  get size(): number {
    return this.#nodeOf.size;
  }

  /** Those on the node that come before `pod`: of at least its priority, itself excluded. */
  before(pod: Pod, nodeName: string): readonly Pod[] {
    const present = this.#nodes.get(nodeName);
    if (present === undefined) return [];
    const { priority = 0 } = pod.spec;
    return [...present.values()].filter(
      (other) => other.metadata.uid !== pod.metadata.uid && (other.spec.priority ?? 0) >= priority,
    );
  }

  /** Those on the node of a lower priority than `pod`: they lose their promise to it. */
  below(pod: Pod, nodeName: string): readonly Pod[] {
    const { priority = 0 } = pod.spec;
    return [...(this.#nodes.get(nodeName)?.values() ?? [])].filter(
      (other) => (other.spec.priority ?? 0) < priority,
    );
  }
}
