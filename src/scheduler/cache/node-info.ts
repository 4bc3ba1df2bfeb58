/** A node as the scheduler sees it: the object, and running sums over the pods on it. */

import { hostPortsOf } from '../../api/node-fit/host-ports.ts';
import { quantityValue } from '../../api/quantity/quantity.ts';
import type { Node, Pod } from '../../api/types.gen.ts';
import { claimKey, claimsOf } from '../../api/volume-binding/pod-claims.ts';
import { addAmounts, amountsOf, noAmounts, podAmounts, type Amounts } from './resources.ts';

/** A number for the state of each node, by slot: another one after every change, never one that was there before. */
export class Generations {
  bySlot = new Float64Array(SLOTS_MIN);
  #last = 0;

  changed(slot: number): void {
    if (slot >= this.bySlot.length) {
      const larger = new Float64Array(slot * 2);
      larger.set(this.bySlot);
      this.bySlot = larger;
    }
    this.bySlot[slot] = ++this.#last;
  }
}

const SLOTS_MIN = 64;

export class NodeInfo {
  readonly name: string;
  /** Its index in arrays over all nodes; given to another node when this one is gone. */
  readonly slot: number;
  readonly #generations: Generations;
  node: Node;
  allocatable: Amounts;
  allowedPods: number;
  readonly requested = noAmounts();
  readonly assumed = noAmounts();
  /** By uid. */
  readonly pods = new Map<string, Pod>();
  /** `protocol address port` of host ports in use, with how many pods use each. */
  readonly hostPorts = new Map<string, number>();
  /** `namespace/name` of claims in use, with how many pods use each. */
  readonly claims = new Map<string, number>();
  /** Sizes in bytes by image name. */
  images: ReadonlyMap<string, number> = NO_IMAGES;

  constructor(node: Node, slot: number, generations: Generations) {
    this.name = node.metadata.name ?? '';
    this.slot = slot;
    this.#generations = generations;
    this.node = node;
    this.allocatable = noAmounts();
    this.allowedPods = 0;
    this.replace(node);
  }

  get generation(): number {
    return this.#generations.bySlot[this.slot] ?? 0;
  }

  replace(node: Node): void {
    this.#generations.changed(this.slot);
    this.node = node;
    const allocatable = node.status.allocatable;
    this.allocatable = amountsOf(allocatable);
    this.allowedPods = allocatable?.['pods'] === undefined ? 0 : quantityValue(allocatable['pods']);
    this.images = imagesOf(node);
  }

  add(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    if (this.pods.has(uid)) this.remove(uid);
    this.pods.set(uid, pod);
    this.#count(pod, 1);
  }

  remove(uid: string): void {
    const pod = this.pods.get(uid);
    if (pod === undefined) return;
    this.pods.delete(uid);
    this.#count(pod, -1);
  }

  #count(pod: Pod, sign: 1 | -1): void {
    this.#generations.changed(this.slot);
    const { requested, assumed } = podAmounts(pod);
    addAmounts(this.requested, requested, sign);
    addAmounts(this.assumed, assumed, sign);
    for (const port of hostPortsOf(pod)) countUse(this.hostPorts, port, sign);
    for (const { name } of claimsOf(pod)) countUse(this.claims, claimKey(pod.metadata.namespace, name), sign);
  }
}

/** A counter without entries of 0. */
export function countUse(counts: Map<string, number>, key: string, more: number): void {
  const count = (counts.get(key) ?? 0) + more;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}

const NO_IMAGES: ReadonlyMap<string, number> = new Map();

function imagesOf({ status }: Node): ReadonlyMap<string, number> {
  if ((status.images ?? []).length === 0) return NO_IMAGES;
  const images = new Map<string, number>();
  for (const { names = [], sizeBytes = 0 } of status.images ?? [])
    for (const name of names) images.set(name, sizeBytes);
  return images;
}
