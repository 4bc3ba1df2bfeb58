/** A node as the scheduler sees it: the object, and running sums over the pods on it. */

import { quantityValue } from '../../api/quantity/quantity.ts';
import type { Node, Pod } from '../../api/types.gen.ts';
import { addAmounts, amountsOf, noAmounts, podAmounts, type Amounts } from './resources.ts';

export class NodeInfo {
  readonly name: string;
  node: Node;
  allocatable: Amounts;
  allowedPods: number;
  readonly requested = noAmounts();
  readonly assumed = noAmounts();
  /** By uid. */
  readonly pods = new Map<string, Pod>();
  /** `protocol address port` of host ports in use, with how many pods use each. */
  readonly hostPorts = new Map<string, number>();
  /** Sizes in bytes by image name. */
  images: ReadonlyMap<string, number>;

  constructor(node: Node) {
    this.name = node.metadata.name ?? '';
    this.node = node;
    this.allocatable = noAmounts();
    this.allowedPods = 0;
    this.images = new Map();
    this.replace(node);
  }

  replace(node: Node): void {
    this.node = node;
    const allocatable = node.status.allocatable;
    this.allocatable = amountsOf(allocatable);
    this.allowedPods = allocatable?.['pods'] === undefined ? 0 : quantityValue(allocatable['pods']);
    const images = new Map<string, number>();
    for (const { names = [], sizeBytes = 0 } of node.status.images ?? [])
      for (const name of names) images.set(name, sizeBytes);
    this.images = images;
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
    const { requested, assumed } = podAmounts(pod);
    addAmounts(this.requested, requested, sign);
    addAmounts(this.assumed, assumed, sign);
    for (const port of hostPortsOf(pod)) {
      const count = (this.hostPorts.get(port) ?? 0) + sign;
      if (count > 0) this.hostPorts.set(port, count);
      else this.hostPorts.delete(port);
    }
  }
}

const NO_PORTS: readonly string[] = [];

export function hostPortsOf(pod: Pod): readonly string[] {
  let ports: string[] | undefined;
  for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
    for (const { hostPort = 0, hostIP = '', protocol = 'TCP' } of container.ports ?? []) {
      if (hostPort > 0) (ports ??= []).push(`${protocol} ${hostIP === '' ? '0.0.0.0' : hostIP} ${hostPort}`);
    }
  }
  return ports ?? NO_PORTS;
}
