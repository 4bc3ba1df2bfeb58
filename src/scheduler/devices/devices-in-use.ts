/**
 * Which devices claims have, as counts that allocations add to and take from. A device is had alone, or, when
 * the allocation has a share, in part.
 */

import type { AllocationResult, DeviceRequestAllocationResult } from '../../api/types.gen.ts';
import { countUse } from '../cache/node-info.ts';
import { consumptionFrom, NO_CONSUMPTION, sumOf, type Consumption } from './capacity.ts';
import { deviceId } from './pools.ts';

interface Shares {
  /** By share; the same one twice only while news are on their way. */
  readonly consumed: Consumption[];
  /** Undefined: not summed up since the last change. */
  sum: Consumption | undefined;
}

export class DevicesInUse {
  /** How many claims have a device; more than one only while news are on their way. */
  readonly #alone = new Map<string, number>();
  readonly #shared = new Map<string, Shares>();

  isAllocated(id: string): boolean {
    return this.#alone.has(id);
  }

  /** Undefined: nobody has a part of it. */
  consumedOf(id: string): Consumption | undefined {
    const shares = this.#shared.get(id);
    if (shares === undefined) return undefined;
    return (shares.sum ??= shares.consumed.reduce(sumOf, NO_CONSUMPTION));
  }

  take(allocation: AllocationResult | undefined): void {
    for (const result of heldBy(allocation)) {
      const id = idOf(result);
      if (result.shareID === undefined) {
        countUse(this.#alone, id, 1);
        continue;
      }
      const consumed = consumptionFrom(result.consumedCapacity);
      const shares = this.#shared.get(id);
      if (shares === undefined) {
        this.#shared.set(id, { consumed: [consumed], sum: undefined });
      } else {
        shares.consumed.push(consumed);
        shares.sum = undefined;
      }
    }
  }

  release(allocation: AllocationResult | undefined): void {
    for (const result of heldBy(allocation)) {
      const id = idOf(result);
      if (result.shareID === undefined) {
        countUse(this.#alone, id, -1);
        continue;
      }
      this.#releaseShare(id, consumptionFrom(result.consumedCapacity));
    }
  }

  /** Any share of the same size will do. */
  #releaseShare(id: string, consumption: Consumption): void {
    const shares = this.#shared.get(id);
    const at = shares?.consumed.findIndex((one) => isSame(one, consumption)) ?? -1;
    if (shares === undefined || at < 0) return;
    shares.consumed.splice(at, 1);
    shares.sum = undefined;
    if (shares.consumed.length === 0) this.#shared.delete(id);
  }
}

function isSame(a: Consumption, b: Consumption): boolean {
  return a.size === b.size && [...a].every(([name, { nanos }]) => b.get(name)?.nanos === nanos);
}

function idOf({ driver, pool, device }: DeviceRequestAllocationResult): string {
  return deviceId(driver, pool, device);
}

/** Who only looks after a device does not have it. */
function heldBy(allocation: AllocationResult | undefined): readonly DeviceRequestAllocationResult[] {
  return (allocation?.devices.results ?? []).filter(({ adminAccess }) => adminAccess !== true);
}
