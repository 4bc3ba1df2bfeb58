/**
 * What the scheduler knows of devices: claims, classes, pools from slices, and which devices somebody has,
 * those included that it has promised itself and not written yet.
 */

import { deviceClasses } from '../../api/groups/resource/device-class/device-class.ts';
import { DeviceSelection } from '../../api/groups/resource/device-selection.ts';
import { resourceClaims } from '../../api/groups/resource/resource-claim/resource-claim.ts';
import { resourceSlices } from '../../api/groups/resource/resource-slice/resource-slice.ts';
import { objectKey } from '../../api/meta/object.ts';
import type {
  AllocationResult,
  DeviceClass,
  Node,
  ResourceSlice,
  ResourceV1ResourceClaim,
} from '../../api/types.gen.ts';
import type { Informer, Informers } from '../../client/informer/informer.ts';
import { countUse } from '../cache/node-info.ts';
import { allocate, type AllocationOutcome } from './allocator.ts';
import { deviceId, PoolIndex } from './pools.ts';

export class DeviceCatalog {
  readonly #claims: Informer<ResourceV1ResourceClaim>;
  readonly #classes: Informer<DeviceClass>;
  readonly #slices: Informer<ResourceSlice>;
  readonly #selection = new DeviceSelection();
  /** How many claims have a device; more than one only while news are on their way. */
  readonly #inUse = new Map<string, number>();
  /** Devices of allocations that are not written yet, by claim. */
  readonly #promised = new Map<string, readonly string[]>();
  #pools: PoolIndex | undefined;

  constructor(informers: Informers) {
    this.#claims = informers.of(resourceClaims);
    this.#classes = informers.of(deviceClasses);
    this.#slices = informers.of(resourceSlices);
    this.#slices.subscribe(() => (this.#pools = undefined));
    this.#claims.subscribe((next, old, key) => {
      this.#count(devicesOf(old?.status.allocation), -1);
      this.#count(devicesOf(next?.status.allocation), 1);
      if (next?.status.allocation !== undefined || next === undefined) this.forget(key);
    });
  }

  claim(namespace: string | undefined, name: string): ResourceV1ResourceClaim | undefined {
    return this.#claims.get(namespace ?? '', name);
  }

  deviceClass(name: string): DeviceClass | undefined {
    return this.#classes.get('', name);
  }

  /** Whether the scheduler is about to write an allocation. */
  isPromised(claim: ResourceV1ResourceClaim): boolean {
    return this.#promised.has(objectKey(claim));
  }

  promise(claim: ResourceV1ResourceClaim, allocation: AllocationResult): void {
    const devices = devicesOf(allocation);
    this.#promised.set(objectKey(claim), devices);
    this.#count(devices, 1);
  }

  /** By `namespace/name` of the claim; harmless when nothing was promised. */
  forget(key: string): void {
    this.#count(this.#promised.get(key) ?? [], -1);
    this.#promised.delete(key);
  }

  allocate(node: Node, claims: readonly ResourceV1ResourceClaim[]): AllocationOutcome {
    this.#pools ??= new PoolIndex(this.#slices.list());
    return allocate({
      node,
      claims,
      pools: this.#pools,
      classOf: (name) => this.deviceClass(name),
      isAllocated: (id) => this.#inUse.has(id),
      selection: this.#selection,
    });
  }

  #count(devices: readonly string[], sign: 1 | -1): void {
    for (const id of devices) countUse(this.#inUse, id, sign);
  }
}

/** Who only looks after a device does not have it. */
function devicesOf(allocation: AllocationResult | undefined): readonly string[] {
  return (allocation?.devices.results ?? []).flatMap(({ driver, pool, device, adminAccess }) =>
    adminAccess === true ? [] : [deviceId(driver, pool, device)],
  );
}
