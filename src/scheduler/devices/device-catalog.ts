/**
 * What the scheduler knows of devices: claims, classes, pools from slices, and which devices somebody has,
 * those included that it has promised itself and not written yet.
 */

import { DEVICE_CLASS_RESOURCE_PREFIX, mayComeFromDevices } from '../../api/groups/core/resource-names.ts';
import { deviceClasses } from '../../api/groups/resource/device-class/device-class.ts';
import { DeviceSelection } from '../../api/groups/resource/device-selection.ts';
import { isForExtendedResources } from '../../api/groups/resource/pod-resource-claims.ts';
import { resourceClaims } from '../../api/groups/resource/resource-claim/resource-claim.ts';
import { resourceSlices } from '../../api/groups/resource/resource-slice/resource-slice.ts';
import { timeMs } from '../../api/time/time.ts';
import { objectKey } from '../../api/meta/object.ts';
import type {
  AllocationResult,
  DeviceClass,
  Node,
  Pod,
  ResourceSlice,
  ResourceV1ResourceClaim,
} from '../../api/types.gen.ts';
import type { Informer, Informers } from '../../client/informer/informer.ts';
import { allocate, type AllocationOutcome } from './allocator.ts';
import { countDevices, type DeviceCount, type DeviceView } from './device-counts.ts';
import { DevicesInUse } from './devices-in-use.ts';
import { PoolIndex } from './pools.ts';

const EXTENDED_BY_POD = 'scheduler/extended-by-pod';

export class DeviceCatalog implements DeviceView {
  readonly #claims: Informer<ResourceV1ResourceClaim>;
  readonly #classes: Informer<DeviceClass>;
  readonly #slices: Informer<ResourceSlice>;
  readonly #selection = new DeviceSelection();
  readonly #inUse = new DevicesInUse();
  /** Allocations that are not written yet, by claim. */
  readonly #promised = new Map<string, AllocationResult>();
  #pools: PoolIndex | undefined;
  #version = 0;
  /** By the extended resource for which they stand. */
  #classesFor: ReadonlyMap<string, DeviceClass> | undefined;

  constructor(informers: Informers) {
    informers.index(resourceClaims, EXTENDED_BY_POD, (claim) =>
      isForExtendedResources(claim) ? ownersOf(claim) : [],
    );
    this.#claims = informers.of(resourceClaims);
    this.#classes = informers.of(deviceClasses);
    this.#slices = informers.of(resourceSlices);
    this.#slices.subscribe(() => {
      this.#version++;
      this.#pools = undefined;
    });
    this.#classes.subscribe(() => {
      this.#version++;
      this.#classesFor = undefined;
    });
    this.#claims.subscribe((next, old, key) => {
      this.#version++;
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

  get version(): number {
    return this.#version;
  }

  hasClass(resource: string): boolean {
    return mayComeFromDevices(resource) && this.classFor(resource) !== undefined;
  }

  countOn(resource: string, node: Node): DeviceCount | undefined {
    const name = mayComeFromDevices(resource) ? this.classFor(resource) : undefined;
    const deviceClass = name === undefined ? undefined : this.deviceClass(name);
    if (deviceClass === undefined) return undefined;
    const isUsed = (id: string): boolean =>
      this.#inUse.isAllocated(id) || this.#inUse.consumedOf(id) !== undefined;
    return countDevices(this.#poolIndex().of(node).devices, deviceClass, this.#selection, isUsed);
  }

  #poolIndex(): PoolIndex {
    return (this.#pools ??= new PoolIndex(this.#slices.list()));
  }

  /** The name of the class that stands for an extended resource. */
  classFor(resource: string): string | undefined {
    if (resource.startsWith(DEVICE_CLASS_RESOURCE_PREFIX))
      return this.deviceClass(resource.slice(DEVICE_CLASS_RESOURCE_PREFIX.length))?.metadata.name;
    this.#classesFor ??= classesByResource(this.#classes.list());
    return this.#classesFor.get(resource)?.metadata.name;
  }

  /** What an earlier try made for the extended resources of the pod. */
  extendedClaimOf({ metadata: { uid = '' } }: Pod): ResourceV1ResourceClaim | undefined {
    return this.#claims.byIndex(EXTENDED_BY_POD, uid)[0];
  }

  /** Whether the scheduler is about to write an allocation. */
  isPromised(claim: ResourceV1ResourceClaim): boolean {
    return this.#promised.has(objectKey(claim));
  }

  promise(claim: ResourceV1ResourceClaim, allocation: AllocationResult): void {
    this.#version++;
    this.#promised.set(objectKey(claim), allocation);
    this.#inUse.take(allocation);
  }

  /** The claim of the promise has been made, by its own name. */
  promiseMoved(from: ResourceV1ResourceClaim, to: ResourceV1ResourceClaim): void {
    const allocation = this.#promised.get(objectKey(from));
    if (allocation === undefined) return;
    this.#promised.delete(objectKey(from));
    this.#promised.set(objectKey(to), allocation);
  }

  /** By `namespace/name` of the claim; harmless when nothing was promised. */
  forget(key: string): void {
    this.#version++;
    this.#inUse.release(this.#promised.get(key));
    this.#promised.delete(key);
  }

  allocate(node: Node, claims: readonly ResourceV1ResourceClaim[]): AllocationOutcome {
    return allocate({
      node,
      claims,
      pools: this.#poolIndex(),
      classOf: (name) => this.deviceClass(name),
      isAllocated: (id) => this.#inUse.isAllocated(id),
      consumedOf: (id) => this.#inUse.consumedOf(id),
      selection: this.#selection,
    });
  }
}

/** Of several for one resource the newest, so that one can take another's place. */
function classesByResource(classes: readonly DeviceClass[]): ReadonlyMap<string, DeviceClass> {
  const found = new Map<string, DeviceClass>();
  for (const one of classes) {
    const { extendedResourceName: resource } = one.spec;
    const other = resource === undefined ? undefined : found.get(resource);
    if (resource !== undefined && (other === undefined || isPreferred(one, other))) found.set(resource, one);
  }
  return found;
}

function isPreferred({ metadata: a }: DeviceClass, { metadata: b }: DeviceClass): boolean {
  const [made, other] = [timeMs(a.creationTimestamp ?? ''), timeMs(b.creationTimestamp ?? '')];
  return made === other ? (a.name ?? '') < (b.name ?? '') : made > other;
}

function ownersOf({ metadata }: ResourceV1ResourceClaim): readonly string[] {
  return (metadata.ownerReferences ?? []).flatMap(({ controller, uid }) =>
    controller === true ? [uid] : [],
  );
}
