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
import { allocate, type AllocationOutcome } from './allocator.ts';
import { DevicesInUse } from './devices-in-use.ts';
import { PoolIndex } from './pools.ts';

export class DeviceCatalog {
  readonly #claims: Informer<ResourceV1ResourceClaim>;
  readonly #classes: Informer<DeviceClass>;
  readonly #slices: Informer<ResourceSlice>;
  readonly #selection = new DeviceSelection();
  readonly #inUse = new DevicesInUse();
  /** Allocations that are not written yet, by claim. */
  readonly #promised = new Map<string, AllocationResult>();
  #pools: PoolIndex | undefined;

  constructor(informers: Informers) {
    this.#claims = informers.of(resourceClaims);
    this.#classes = informers.of(deviceClasses);
    this.#slices = informers.of(resourceSlices);
    this.#slices.subscribe(() => (this.#pools = undefined));
    this.#claims.subscribe((next, old, key) => {
      this.#inUse.release(old?.status.allocation);
      this.#inUse.take(next?.status.allocation);
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
    this.#promised.set(objectKey(claim), allocation);
    this.#inUse.take(allocation);
  }

  /** By `namespace/name` of the claim; harmless when nothing was promised. */
  forget(key: string): void {
    this.#inUse.release(this.#promised.get(key));
    this.#promised.delete(key);
  }

  allocate(node: Node, claims: readonly ResourceV1ResourceClaim[]): AllocationOutcome {
    this.#pools ??= new PoolIndex(this.#slices.list());
    return allocate({
      node,
      claims,
      pools: this.#pools,
      classOf: (name) => this.deviceClass(name),
      isAllocated: (id) => this.#inUse.isAllocated(id),
      consumedOf: (id) => this.#inUse.consumedOf(id),
      selection: this.#selection,
    });
  }
}
