/** Amounts of resources by name, as quotas count them; pure. */

import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  quantityOf,
  quantityFromValue,
  subtractQuantities,
  ZERO_QUANTITY,
  type Quantity,
} from '../quantity/quantity.ts';

export type Amounts = ReadonlyMap<string, Quantity>;
export type ResourceList = { readonly [name: string]: string };

export const NO_AMOUNTS: Amounts = new Map();

export function fromList(list: ResourceList | undefined): Amounts {
  return new Map(Object.entries(list ?? {}).map(([name, text]) => [name, quantityOf(text)]));
}

export function toList(amounts: Amounts): ResourceList {
  return Object.fromEntries([...amounts].map(([name, amount]) => [name, formatQuantity(amount)]));
}

export function counts(entries: { readonly [name: string]: number }): Amounts {
  return new Map(Object.entries(entries).map(([name, count]) => [name, quantityFromValue(count)]));
}

export function add(a: Amounts, b: Amounts): Amounts {
  const all = new Map(a);
  for (const [name, amount] of b) all.set(name, addQuantities(all.get(name) ?? ZERO_QUANTITY, amount));
  return all;
}

/** What `a` has more than `b`; what it has less counts as nothing. */
export function increase(a: Amounts, b: Amounts): Amounts {
  const more = new Map<string, Quantity>();
  for (const [name, amount] of a) {
    const left = subtractQuantities(amount, b.get(name) ?? ZERO_QUANTITY);
    more.set(name, left.nanos < 0n ? ZERO_QUANTITY : left);
  }
  return more;
}

export function only(amounts: Amounts, names: Iterable<string>): Amounts {
  const kept = new Map<string, Quantity>();
  for (const name of names) {
    const amount = amounts.get(name);
    if (amount !== undefined) kept.set(name, amount);
  }
  return kept;
}

export function withoutZeros(amounts: Amounts): Amounts {
  return new Map([...amounts].filter(([, { nanos }]) => nanos !== 0n));
}

/** Names of what is more than allowed; what has no bound never is. */
export function exceeding(amounts: Amounts, bounds: Amounts): readonly string[] {
  return [...amounts]
    .filter(([name, amount]) => {
      const bound = bounds.get(name);
      return bound !== undefined && compareQuantities(amount, bound) > 0;
    })
    .map(([name]) => name);
}

/** `cpu=2,pods=3` */
export function amountsText(amounts: Amounts): string {
  return [...amounts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, amount]) => `${name}=${formatQuantity(amount)}`)
    .join(',');
}

export function sameAmounts(a: Amounts, b: Amounts): boolean {
  if (a.size !== b.size) return false;
  return [...a].every(([name, amount]) => b.get(name)?.nanos === amount.nanos);
}
