/** By what the binder finds volumes, claims and pods, so that no look at one object goes through all others. */

import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import type { ObjectReference } from '../../api/types.gen.ts';
import { BIND_COMPLETED, hasAnnotation } from '../../api/volume-binding/annotations.ts';
import { storageClassOf } from '../../api/volume-binding/storage-class.ts';
import type { Informers } from '../../client/informer/informer.ts';

/** Volumes by the key of the claim that they refer to. */
export const BY_CLAIM = 'claim';
/** Volumes that anybody may have, by class. */
export const FREE_BY_CLASS = 'free-by-class';
/** Claims whose binding is not complete, by class. */
export const UNBOUND_BY_CLASS = 'unbound-by-class';
/** Claims by the volume that they name. */
export const BY_VOLUME = 'volume';

export function indexVolumes(informers: Informers): void {
  informers.index(persistentVolumes, BY_CLAIM, ({ spec }) => keysOf(spec.claimRef));
  informers.index(persistentVolumes, FREE_BY_CLASS, (volume) =>
    volume.spec.claimRef === undefined && volume.status.phase === 'Available' ? [storageClassOf(volume)] : [],
  );
  informers.index(persistentVolumeClaims, UNBOUND_BY_CLASS, (claim) =>
    hasAnnotation(claim, BIND_COMPLETED) ? [] : [storageClassOf(claim)],
  );
  informers.index(persistentVolumeClaims, BY_VOLUME, ({ spec: { volumeName = '' } }) =>
    volumeName === '' ? [] : [volumeName],
  );
}

function keysOf(claimRef: ObjectReference | undefined): readonly string[] {
  return claimRef === undefined ? [] : [claimKeyOf(claimRef)];
}

export function claimKeyOf({ namespace = '', name = '' }: ObjectReference): string {
  return `${namespace}/${name}`;
}
