/**
 * StorageObjectInUseProtection: new volumes and claims carry the finalizers that keep them while they are in
 * use, from their first moment. The controllers of the same name take them off.
 */

import type { KubernetesObject } from '../../../api/meta/object.ts';
import { CLAIM_PROTECTION, VOLUME_PROTECTION } from '../../../api/volume-binding/annotations.ts';
import type { AdmissionPlugin } from '../admission.ts';

const FINALIZERS: { readonly [plural: string]: string } = {
  persistentvolumeclaims: CLAIM_PROTECTION,
  persistentvolumes: VOLUME_PROTECTION,
};

export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  mutate: ({ operation, resource: { definition }, target, object }) => {
    const finalizer = definition.group === '' ? FINALIZERS[definition.plural] : undefined;
    if (finalizer === undefined || operation !== 'CREATE' || target.subresource !== '') return object;
    return withFinalizer(object, finalizer);
  },
};

function withFinalizer(object: KubernetesObject, finalizer: string): KubernetesObject {
  const { finalizers = [] } = object.metadata;
  if (finalizers.includes(finalizer)) return object;
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } };
}
