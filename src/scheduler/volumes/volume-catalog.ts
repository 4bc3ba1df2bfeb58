/**
 * What the scheduler knows of storage: claims, volumes, classes and what drivers say, from informers, with
 * what it has assumed itself on top, so that the next decision counts a volume that was just given away.
 */

import { csiDrivers } from '../../api/groups/storage/csi-driver/csi-driver.ts';
import { csiNodes } from '../../api/groups/storage/csi-node/csi-node.ts';
import { csiStorageCapacities } from '../../api/groups/storage/csi-storage-capacity/csi-storage-capacity.ts';
import { storageClasses } from '../../api/groups/storage/storage-class/storage-class.ts';
import { volumeAttachments } from '../../api/groups/storage/volume-attachment/volume-attachment.ts';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  VolumeAttachment,
} from '../../api/types.gen.ts';
import { storageClassOf } from '../../api/volume-binding/storage-class.ts';
import type { Informer, Informers } from '../../client/informer/informer.ts';
import { Assumptions } from './assumptions.ts';
import { MigratedPluginsReader } from './migrated-plugins.ts';
import { claimKey } from '../../api/volume-binding/pod-claims.ts';

const BY_CLASS = 'scheduler/class';
const BY_NODE = 'scheduler/node';

export class VolumeCatalog {
  readonly assumedClaims = new Assumptions<PersistentVolumeClaim>();
  readonly assumedVolumes = new Assumptions<PersistentVolume>();
  readonly migratedPlugins = new MigratedPluginsReader();
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #volumes: Informer<PersistentVolume>;
  readonly #classes: Informer<StorageClass>;
  readonly #csiNodes: Informer<CSINode>;
  readonly #drivers: Informer<CSIDriver>;
  readonly #capacities: Informer<CSIStorageCapacity>;
  readonly #attachments: Informer<VolumeAttachment>;

  constructor(informers: Informers) {
    informers.index(persistentVolumes, BY_CLASS, (volume) => [storageClassOf(volume)]);
    informers.index(csiStorageCapacities, BY_CLASS, ({ storageClassName }) => [storageClassName]);
    informers.index(volumeAttachments, BY_NODE, ({ spec }) => [spec.nodeName]);
    this.#claims = informers.of(persistentVolumeClaims);
    this.#volumes = informers.of(persistentVolumes);
    this.#classes = informers.of(storageClasses);
    this.#csiNodes = informers.of(csiNodes);
    this.#drivers = informers.of(csiDrivers);
    this.#capacities = informers.of(csiStorageCapacities);
    this.#attachments = informers.of(volumeAttachments);
  }

  claim(namespace: string | undefined, name: string): PersistentVolumeClaim | undefined {
    return this.assumedClaims.over(claimKey(namespace, name), this.writtenClaim(namespace, name));
  }

  volume(name: string): PersistentVolume | undefined {
    return this.assumedVolumes.over(name, this.writtenVolume(name));
  }

  /** As the API has it. */
  writtenClaim(namespace: string | undefined, name: string): PersistentVolumeClaim | undefined {
    return this.#claims.get(namespace ?? '', name);
  }

  /** As the API has it. */
  writtenVolume(name: string): PersistentVolume | undefined {
    return this.#volumes.get('', name);
  }

  volumesOfClass(name: string): readonly PersistentVolume[] {
    const volumes = this.#volumes.byIndex(BY_CLASS, name);
    if (this.assumedVolumes.size === 0) return volumes;
    return volumes.map((one) => this.assumedVolumes.over(one.metadata.name ?? '', one) ?? one);
  }

  storageClass(name: string): StorageClass | undefined {
    return this.#classes.get('', name);
  }

  csiNode(nodeName: string): CSINode | undefined {
    return this.#csiNodes.get('', nodeName);
  }

  csiDriver(name: string): CSIDriver | undefined {
    return this.#drivers.get('', name);
  }

  capacitiesOfClass(name: string): readonly CSIStorageCapacity[] {
    return this.#capacities.byIndex(BY_CLASS, name);
  }

  attachmentsOf(nodeName: string): readonly VolumeAttachment[] {
    return this.#attachments.byIndex(BY_NODE, nodeName);
  }
}
