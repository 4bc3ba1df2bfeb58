/** Amounts of resources as numbers: milli-cores, bytes, counts. Pure. */

import { quantityMilliValue, quantityValue } from '../../api/quantity/quantity.ts';
import type { Container, Pod } from '../../api/types.gen.ts';

export interface Amounts {
  milliCpu: number;
  memory: number;
  ephemeralStorage: number;
  /** Everything else: hugepages, devices. Undefined when there is nothing, which is nearly always. */
  scalars: Map<string, number> | undefined;
}

export type ResourceList = { readonly [name: string]: string };

export function noAmounts(): Amounts {
  return { milliCpu: 0, memory: 0, ephemeralStorage: 0, scalars: undefined };
}

export function amountsOf(list: ResourceList | undefined): Amounts {
  const amounts = noAmounts();
  for (const name in list) {
    const text = list[name];
    if (text === undefined) continue;
    switch (name) {
      case 'cpu':
        amounts.milliCpu = quantityMilliValue(text);
        break;
      case 'memory':
        amounts.memory = quantityValue(text);
        break;
      case 'ephemeral-storage':
        amounts.ephemeralStorage = quantityValue(text);
        break;
      case 'pods':
        break;
      default:
        amounts.scalars ??= new Map();
        amounts.scalars.set(name, quantityValue(text));
    }
  }
  return amounts;
}

export function amountOf({ milliCpu, memory, ephemeralStorage, scalars }: Amounts, name: string): number {
  switch (name) {
    case 'cpu':
      return milliCpu;
    case 'memory':
      return memory;
    case 'ephemeral-storage':
      return ephemeralStorage;
    default:
      return scalars?.get(name) ?? 0;
  }
}

/** Hugepages and devices, which few pods ask for. */
export function isScalarResource(name: string): boolean {
  return name !== 'cpu' && name !== 'memory' && name !== 'ephemeral-storage';
}

/** Adds in place; `sign` -1 takes away. */
export function addAmounts(to: Amounts, more: Amounts, sign: 1 | -1 = 1): void {
  to.milliCpu += sign * more.milliCpu;
  to.memory += sign * more.memory;
  to.ephemeralStorage += sign * more.ephemeralStorage;
  if (more.scalars === undefined) return;
  to.scalars ??= new Map();
  for (const [name, value] of more.scalars) to.scalars.set(name, (to.scalars.get(name) ?? 0) + sign * value);
}

function raise(to: Amounts, other: Amounts): void {
  to.milliCpu = Math.max(to.milliCpu, other.milliCpu);
  to.memory = Math.max(to.memory, other.memory);
  to.ephemeralStorage = Math.max(to.ephemeralStorage, other.ephemeralStorage);
  if (other.scalars === undefined) return;
  to.scalars ??= new Map();
  for (const [name, value] of other.scalars) to.scalars.set(name, Math.max(to.scalars.get(name) ?? 0, value));
}

/**
 * What a container without requests is taken to use when nodes are compared (upstream's non-zero defaults).
 */
const MILLI_CPU_ASSUMED = 100;
const MEMORY_ASSUMED = 200 * 1024 * 1024;

function requestsOf(container: Container, assumed: boolean): Amounts {
  const requests: ResourceList | undefined = container.resources.requests;
  const amounts = amountsOf(requests);
  if (!assumed) return amounts;
  if (requests?.['cpu'] === undefined) amounts.milliCpu = MILLI_CPU_ASSUMED;
  if (requests?.['memory'] === undefined) amounts.memory = MEMORY_ASSUMED;
  return amounts;
}

export interface PodAmounts {
  readonly requested: Amounts;
  /** As above, with assumptions for containers that request nothing; for scores. */
  readonly assumed: Amounts;
}

interface Computed {
  readonly amounts: PodAmounts;
  /** What it was made from. */
  readonly from: Pod['spec'];
}

const computed = new WeakMap<Pod['spec']['containers'], Computed>();

/** The parts of a spec are immutable and shared between replicas, so the sum is worked out once for all. */
export function podAmounts({ spec }: Pod): PodAmounts {
  const known = computed.get(spec.containers);
  if (
    known !== undefined &&
    known.from.initContainers === spec.initContainers &&
    known.from.resources === spec.resources &&
    known.from.overhead === spec.overhead
  ) {
    return known.amounts;
  }
  const amounts = { requested: sumOf(spec, false), assumed: sumOf(spec, true) };
  computed.set(spec.containers, { amounts, from: spec });
  return amounts;
}

/** Equal texts mean equal amounts. */
export function signAmounts(pod: Pod): string {
  const { requested, assumed } = podAmounts(pod);
  return `${textOf(requested)} ${textOf(assumed)}`;
}

function textOf({ milliCpu, memory, ephemeralStorage, scalars }: Amounts): string {
  const others = scalars === undefined ? '' : JSON.stringify([...scalars]);
  return `${milliCpu} ${memory} ${ephemeralStorage} ${others}`;
}

/**
 * Containers and restartable init containers together; or, where more, the largest init container with the
 * restartable ones before it. Pod-level requests stand in for the sum; overhead comes on top.
 */
function sumOf(spec: Pod['spec'], assumed: boolean): Amounts {
  const sum = noAmounts();
  for (const container of spec.containers) addAmounts(sum, requestsOf(container, assumed));
  const sidecars = noAmounts();
  const largest = noAmounts();
  for (const container of spec.initContainers ?? []) {
    const own = requestsOf(container, assumed);
    if (container.restartPolicy === 'Always') {
      addAmounts(sum, own);
      addAmounts(sidecars, own);
      raise(largest, sidecars);
    } else {
      addAmounts(own, sidecars);
      raise(largest, own);
    }
  }
  raise(sum, largest);
  const podLevel: ResourceList | undefined = spec.resources?.requests;
  if (podLevel !== undefined) {
    const own = amountsOf(podLevel);
    if (podLevel['cpu'] !== undefined) sum.milliCpu = own.milliCpu;
    if (podLevel['memory'] !== undefined) sum.memory = own.memory;
  }
  addAmounts(sum, amountsOf(spec.overhead));
  return sum;
}
