/**
 * How much of a device a request takes. Devices that may be given to several claims at once are shared by
 * capacity: each claim consumes some of it, in the amounts that the device's policy allows. Pure.
 *
 * Example: a network card of 100 with a policy of steps of 10 from 10 on; a request of 25 takes 30, one that
 * says nothing takes the policy's default.
 */

import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  quantityOf,
  ZERO_QUANTITY,
  type Quantity,
} from '../../api/quantity/quantity.ts';
import type {
  CapacityRequestPolicy,
  CapacityRequestPolicyRange,
  Device,
  DeviceCapacity,
} from '../../api/types.gen.ts';

/** By the name of the capacity, as the device has it. */
export type Consumption = ReadonlyMap<string, Quantity>;

/** By the name of the capacity; undefined: the request leaves it to the device. */
export type CapacityRequests = { readonly [name: string]: string } | undefined;

export const NO_CONSUMPTION: Consumption = new Map();

export function isShared({ allowMultipleAllocations }: Device): boolean {
  return allowMultipleAllocations === true;
}

/** Undefined: the device has no such capacity, or not in such an amount. */
export function consumptionOf(
  { capacity: capacities = {} }: Device,
  requests: CapacityRequests = {},
): Consumption | undefined {
  if (!Object.keys(requests).every((name) => capacities[name] !== undefined)) return undefined;
  const consumption = new Map<string, Quantity>();
  for (const [name, capacity] of Object.entries(capacities)) {
    const amount = amountOf(capacity, requests[name]);
    if (!isAllowed(amount, capacity.requestPolicy)) return undefined;
    consumption.set(name, amount);
  }
  return consumption;
}

/** Whether the device has it beside what is consumed already. */
export function hasRoom(
  { capacity: capacities = {} }: Device,
  consumption: Consumption,
  ...consumed: readonly Consumption[]
): boolean {
  return Object.entries(capacities).every(([name, { value }]) => {
    let total = consumption.get(name) ?? ZERO_QUANTITY;
    for (const one of consumed) total = addQuantities(total, one.get(name) ?? ZERO_QUANTITY);
    return compareQuantities(total, quantityOf(value)) <= 0;
  });
}

export function sumOf(a: Consumption, b: Consumption): Consumption {
  const sum = new Map(a);
  for (const [name, amount] of b) sum.set(name, addQuantities(amount, sum.get(name) ?? ZERO_QUANTITY));
  return sum;
}

/** As a claim's status says it. */
export function consumedCapacity(consumption: Consumption): { readonly [name: string]: string } {
  return Object.fromEntries([...consumption].map(([name, amount]) => [name, formatQuantity(amount)]));
}

export function consumptionFrom(texts: { readonly [name: string]: string } = {}): Consumption {
  return new Map(Object.entries(texts).map(([name, text]) => [name, quantityOf(text)]));
}

function amountOf({ value, requestPolicy: policy }: DeviceCapacity, requested: string | undefined): Quantity {
  if (requested === undefined) return quantityOf(policy?.default ?? value);
  const amount = quantityOf(requested);
  if (policy?.validRange !== undefined) return roundedUp(amount, policy.validRange);
  const values = (policy?.validValues ?? []).map(quantityOf);
  return values.find((one) => compareQuantities(one, amount) >= 0) ?? amount;
}

/** To the next step from the least amount on. */
function roundedUp(amount: Quantity, { min, step }: CapacityRequestPolicyRange): Quantity {
  const least = quantityOf(min);
  if (compareQuantities(amount, least) < 0) return least;
  if (step === undefined) return amount;
  const { nanos, format } = quantityOf(step);
  const steps = (amount.nanos - least.nanos + nanos - 1n) / nanos;
  return { nanos: least.nanos + steps * nanos, format };
}

function isAllowed(amount: Quantity, policy: CapacityRequestPolicy | undefined): boolean {
  if (policy === undefined) return true;
  const { default: usual, validRange, validValues = [] } = policy;
  if (usual !== undefined && compareQuantities(amount, quantityOf(usual)) === 0) return true;
  if (validRange !== undefined)
    return validRange.max === undefined || compareQuantities(amount, quantityOf(validRange.max)) <= 0;
  return (
    validValues.length === 0 || validValues.some((one) => compareQuantities(amount, quantityOf(one)) === 0)
  );
}
