/**
 * What the last decision found out about each node for pods that are equal to the plugins that look at
 * nothing but pod and node. A node that has not changed since is not looked at again; after one decision
 * that is every node but one.
 *
 * Invariant: what stands at a slot is right for the node whose generation stands beside it.
 */

import type { NodeInfo } from './cache/node-info.ts';
import type { NodeRefusal } from './framework.ts';

export class PodClass {
  readonly generations: Float64Array;
  /** 1 where the node fits. */
  readonly fits: Uint8Array;
  readonly #refusals: (NodeRefusal | undefined)[];
  /** Of plugins whose scores need no comparison: weighted and added up. */
  readonly sums: Float64Array;
  /** Of each plugin that compares, as it gave them. */
  readonly raw: readonly Float64Array[];
  /** Whether a plugin that compares gave 0 to every node so far, so that there is nothing to compare. */
  readonly isFlat: boolean[];

  constructor(slots: number, comparing: number) {
    this.generations = new Float64Array(slots);
    this.fits = new Uint8Array(slots);
    this.isFlat = Array.from({ length: comparing }, () => true);
    this.#refusals = Array.from({ length: slots }, () => undefined);
    this.sums = new Float64Array(slots);
    this.raw = Array.from({ length: comparing }, () => new Float64Array(slots));
  }

  get slots(): number {
    return this.generations.length;
  }

  knows({ slot, generation }: NodeInfo): boolean {
    return this.generations[slot] === generation;
  }

  refusal({ slot }: NodeInfo): NodeRefusal | undefined {
    return this.#refusals[slot];
  }

  set({ slot, generation }: NodeInfo, refusal: NodeRefusal | undefined): void {
    this.generations[slot] = generation;
    this.fits[slot] = refusal === undefined ? 1 : 0;
    this.#refusals[slot] = refusal;
  }
}

/** Slots of all kept classes together; a slot takes some 32 bytes. */
const SLOTS_MAX = 1_000_000;
const CLASSES_MAX = 64;
/** Signatures remembered to tell the second pod of a kind from the first. */
const SEEN_MAX = 256;

export class PodClasses {
  /** The longest unused first. */
  readonly #classes = new Map<string, PodClass>();
  readonly #seen = new Set<string>();

  /** Undefined for the first pod of its kind: what may be the only one is not worth keeping results for. */
  of(signature: string, slots: number, comparing: number): PodClass | undefined {
    const present = this.#classes.get(signature);
    if (present !== undefined && present.slots >= slots) {
      this.#classes.delete(signature);
      this.#classes.set(signature, present);
      return present;
    }
    if (present === undefined && !this.#seen.has(signature)) {
      if (this.#seen.size >= SEEN_MAX) this.#seen.clear();
      this.#seen.add(signature);
      return undefined;
    }
    const room = slots + (slots >> 2) + 64;
    const kept = Math.max(1, Math.min(CLASSES_MAX, Math.floor(SLOTS_MAX / room)));
    this.#classes.delete(signature);
    for (const [oldest] of this.#classes) {
      if (this.#classes.size < kept) break;
      this.#classes.delete(oldest);
    }
    const created = new PodClass(room, comparing);
    this.#classes.set(signature, created);
    return created;
  }
}
