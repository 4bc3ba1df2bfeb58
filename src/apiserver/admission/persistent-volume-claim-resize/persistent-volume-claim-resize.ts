/** PersistentVolumeClaimResize: a bound claim may ask for more only where its class says that volumes can grow. */

import { storageClasses } from '../../../api/groups/storage/storage-class/storage-class.ts';
import { forbiddenError } from '../../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import { compareQuantities } from '../../../api/quantity/quantity.ts';
import type { PersistentVolumeClaim } from '../../../api/types.gen.ts';
import { requestedStorage } from '../../../api/volume-binding/matching.ts';
import { storageClassOf } from '../../../api/volume-binding/storage-class.ts';
import type { Store } from '../../../store/store.ts';
import { lookUp } from '../../registry/look-up.ts';
import type { AdmissionPlugin } from '../admission.ts';

export function persistentVolumeClaimResize(store: Store<KubernetesObject>): AdmissionPlugin {
  return {
    name: 'PersistentVolumeClaimResize',
    kinds: ['/persistentvolumeclaims'],
    validate: ({ operation, resource, target, object, oldObject }) => {
      if (target.subresource !== '' || operation !== 'UPDATE') return;
      const next = object as PersistentVolumeClaim;
      const old = oldObject as PersistentVolumeClaim;
      if (compareQuantities(requestedStorage(next), requestedStorage(old)) <= 0) return;
      const refuse = (why: string): never => {
        throw forbiddenError(resource.subject, next.metadata.name ?? '', why);
      };
      if (old.status.phase !== 'Bound') refuse('Only bound persistent volume claims can be expanded');
      const className = storageClassOf(old);
      const storageClass = className === '' ? undefined : lookUp(store, storageClasses, '', className);
      if (storageClass?.allowVolumeExpansion === true) return;
      const what =
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc';
      refuse(`${what} must support resize`);
    },
  };
}
