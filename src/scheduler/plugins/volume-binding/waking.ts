/** Which changes can help a pod that VolumeBinding refused (upstream's queueing hints). */

import { csiDrivers } from '../../../api/groups/storage/csi-driver/csi-driver.ts';
import { csiNodes } from '../../../api/groups/storage/csi-node/csi-node.ts';
import { csiStorageCapacities } from '../../../api/groups/storage/csi-storage-capacity/csi-storage-capacity.ts';
import { storageClasses } from '../../../api/groups/storage/storage-class/storage-class.ts';
import { persistentVolumeClaims } from '../../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../../api/groups/core/persistent-volume/persistent-volume.ts';
import { deepEqual } from '../../../api/meta/equal.ts';
import { compareQuantities, quantityOf } from '../../../api/quantity/quantity.ts';
import type { CSIDriver, CSIStorageCapacity, Pod } from '../../../api/types.gen.ts';
import { storageClassOf } from '../../../api/volume-binding/storage-class.ts';
import type { ClusterEvent } from '../../framework.ts';
import { MIGRATED_PLUGINS } from '../../volumes/migrated-plugins.ts';
import { isAdded, isUpdated } from '../../volumes/events.ts';
import { claimsOf, usesClaim } from '../../../api/volume-binding/pod-claims.ts';
import type { VolumeCatalog } from '../../volumes/volume-catalog.ts';
import { volumeLimit } from './find-volumes.ts';

export function wakesVolumeBinding(event: ClusterEvent, pod: Pod, catalog: VolumeCatalog): boolean {
  switch (event.resource) {
    case 'Node':
      return event.old === undefined || !deepEqual(event.next.metadata.labels, event.old.metadata.labels);
    // It may have given back what was assumed for it.
    case 'Pod/Gone':
      return claimsOf(event.old).length > 0;
    case 'Other':
      return wakesOnStorage(event, pod, catalog);
    default:
      return false;
  }
}

function wakesOnStorage(
  event: Extract<ClusterEvent, { readonly resource: 'Other' }>,
  pod: Pod,
  catalog: VolumeCatalog,
): boolean {
  switch (event.kind) {
    case persistentVolumeClaims.kind:
      return (
        isAdded(event, persistentVolumeClaims, (claim) => usesClaim(pod, claim)) ||
        isUpdated(event, persistentVolumeClaims, (claim) => usesClaim(pod, claim))
      );
    case persistentVolumes.kind:
      return isAdded(event, persistentVolumes) || isUpdated(event, persistentVolumes, () => true);
    case storageClasses.kind:
      return (
        isAdded(event, storageClasses) ||
        isUpdated(
          event,
          storageClasses,
          (next, old) => !deepEqual(next.allowedTopologies, old.allowedTopologies),
        )
      );
    case csiNodes.kind:
      return (
        isAdded(event, csiNodes) ||
        isUpdated(
          event,
          csiNodes,
          (next, old) =>
            next.metadata.annotations?.[MIGRATED_PLUGINS] !== old.metadata.annotations?.[MIGRATED_PLUGINS],
        )
      );
    case csiDrivers.kind:
      return isUpdated(
        event,
        csiDrivers,
        (next, old) => stopsCounting(next, old) && isProvisionedBy(next, pod, catalog),
      );
    case csiStorageCapacities.kind:
      return isAdded(event, csiStorageCapacities) || isUpdated(event, csiStorageCapacities, hasMoreRoom);
    default:
      return false;
  }
}

function stopsCounting({ spec: next }: CSIDriver, { spec: old }: CSIDriver): boolean {
  return old.storageCapacity === true && next.storageCapacity !== true;
}

function isProvisionedBy({ metadata }: CSIDriver, pod: Pod, catalog: VolumeCatalog): boolean {
  return claimsOf(pod).some(({ name }) => {
    const claim = catalog.claim(pod.metadata.namespace, name);
    if (claim === undefined) return false;
    return catalog.storageClass(storageClassOf(claim))?.provisioner === metadata.name;
  });
}

function hasMoreRoom(next: CSIStorageCapacity, old: CSIStorageCapacity): boolean {
  const [limit, before] = [volumeLimit(next), volumeLimit(old)];
  if (limit === undefined) return false;
  return before === undefined || compareQuantities(quantityOf(limit), quantityOf(before)) > 0;
}
