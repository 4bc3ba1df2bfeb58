/**
 * Counters that the devices of a pool share: parts of one chip, say, that overlap. A device can be had while
 * all that it consumes is left.
 */

import {
  addQuantities,
  compareQuantities,
  quantityOf,
  subtractQuantities,
  ZERO_QUANTITY,
  type Quantity,
} from '../../api/quantity/quantity.ts';
import type { Pool, PooledDevice } from './pools.ts';

type Amounts = Map<string, Quantity>;

export class Counters {
  readonly #isAllocated: (id: string) => boolean;
  /** By pool: what is left beside what others have. */
  readonly #left = new Map<Pool, Amounts>();

  constructor(isAllocated: (id: string) => boolean) {
    this.#isAllocated = isAllocated;
  }

  /** False, and nothing is taken, when there is not enough. */
  take(device: PooledDevice): boolean {
    const consumed = consumedBy(device);
    if (consumed.length === 0) return true;
    const left = this.#leftOf(device.pool);
    const isEnough = consumed.every(([name, amount]) => {
      const available = left.get(name);
      return available !== undefined && compareQuantities(available, amount) >= 0;
    });
    if (isEnough) change(left, consumed, subtractQuantities);
    return isEnough;
  }

  giveBack(device: PooledDevice): void {
    const consumed = consumedBy(device);
    if (consumed.length > 0) change(this.#leftOf(device.pool), consumed, addQuantities);
  }

  #leftOf(pool: Pool): Amounts {
    let left = this.#left.get(pool);
    if (left !== undefined) return left;
    left = new Map();
    for (const { spec } of pool.slices)
      for (const { name, counters } of spec.sharedCounters ?? [])
        for (const [counter, { value }] of Object.entries(counters))
          left.set(`${name} ${counter}`, quantityOf(value));
    for (const device of pool.devices)
      if (this.#isAllocated(device.id)) change(left, consumedBy(device), subtractQuantities);
    this.#left.set(pool, left);
    return left;
  }
}

function consumedBy({ device }: PooledDevice): readonly (readonly [string, Quantity])[] {
  return (device.consumesCounters ?? []).flatMap(({ counterSet, counters }) =>
    Object.entries(counters).map(
      ([name, { value }]) => [`${counterSet} ${name}`, quantityOf(value)] as const,
    ),
  );
}

function change(
  amounts: Amounts,
  by: readonly (readonly [string, Quantity])[],
  apply: (a: Quantity, b: Quantity) => Quantity,
): void {
  for (const [name, amount] of by) amounts.set(name, apply(amounts.get(name) ?? ZERO_QUANTITY, amount));
}
