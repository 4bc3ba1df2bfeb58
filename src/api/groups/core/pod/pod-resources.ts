/**
 * What a pod asks for as a whole, for quotas and limits; pure. Containers run together, init containers one
 * after the other before them, sidecars beside all that follows; what the pod itself says of a resource takes
 * their place. Upstream's `component-helpers/resource`.
 */

import {
  addQuantities,
  compareQuantities,
  quantityOf,
  ZERO_QUANTITY,
  type Quantity,
} from '../../../quantity/quantity.ts';
import type { Container, ContainerStatus, Pod, ResourceRequirements } from '../../../types.gen.ts';

export type Amounts = ReadonlyMap<string, Quantity>;
type Side = 'requests' | 'limits';
type List = ResourceRequirements['requests'];

const NOTHING: Amounts = new Map();

export function podAmounts({ spec, status }: Pod, side: Side): Amounts {
  const statuses = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])];
  const of = (container: Container): Amounts => {
    const running = statuses.find(({ name }) => name === container.name);
    return most(amountsOf(container.resources[side]), inUse(running, side));
  };
  const together = spec.containers.map(of).reduce(sum, NOTHING);
  let sidecars = NOTHING;
  let highest = NOTHING;
  for (const container of spec.initContainers ?? []) {
    const own = of(container);
    if (container.restartPolicy === 'Always') sidecars = sum(sidecars, own);
    highest = most(highest, container.restartPolicy === 'Always' ? sidecars : sum(own, sidecars));
  }
  const contained = most(sum(together, sidecars), highest);
  const whole = new Map([...contained, ...amountsOf(spec.resources?.[side])]);
  const overhead = amountsOf(spec.overhead);
  if (side === 'requests') return sum(whole, overhead);
  // What has no limit has none with overhead either.
  return new Map([...whole].map(([name, amount]) => [name, plus(amount, overhead.get(name))]));
}

export function amountsOf(list: List): Amounts {
  return new Map(Object.entries(list ?? {}).map(([name, text]) => [name, quantityOf(text)]));
}

/** While a pod is resized it has what it had, and is promised what it asks for. */
function inUse(status: ContainerStatus | undefined, side: Side): Amounts {
  const actual = amountsOf(status?.resources?.[side]);
  return side === 'requests' ? most(actual, amountsOf(status?.allocatedResources)) : actual;
}

function plus(a: Quantity, b: Quantity | undefined): Quantity {
  return b === undefined ? a : addQuantities(a, b);
}

function sum(a: Amounts, b: Amounts): Amounts {
  if (b.size === 0) return a;
  const all = new Map(a);
  for (const [name, amount] of b) all.set(name, addQuantities(all.get(name) ?? ZERO_QUANTITY, amount));
  return all;
}

function most(a: Amounts, b: Amounts): Amounts {
  if (b.size === 0) return a;
  const all = new Map(a);
  for (const [name, amount] of b) {
    const other = all.get(name);
    if (other === undefined || compareQuantities(other, amount) < 0) all.set(name, amount);
  }
  return all;
}
