/**
 * StorageObjectInUseProtection: new volumes, claims and attributes classes carry the finalizers that keep
 * them while they are in use, from their first moment. The controllers of the same name take them off.
 */

import type { KubernetesObject } from '../../../api/meta/object.ts';
import {
  ATTRIBUTES_CLASS_PROTECTION,
  CLAIM_PROTECTION,
  VOLUME_PROTECTION,
} from '../../../api/volume-binding/annotations.ts';
import type { AdmissionPlugin } from '../admission.ts';

/** By group and plural. */
const FINALIZERS: ReadonlyMap<string, string> = new Map([
  ['/persistentvolumeclaims', CLAIM_PROTECTION],
  ['/persistentvolumes', VOLUME_PROTECTION],
  ['storage.k8s.io/volumeattributesclasses', ATTRIBUTES_CLASS_PROTECTION],
]);

export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  kinds: [...FINALIZERS.keys()],
  mutate: ({ operation, resource: { definition }, target, object }) => {
    const finalizer = FINALIZERS.get(`${definition.group}/${definition.plural}`);
    if (finalizer === undefined || operation !== 'CREATE' || target.subresource !== '') return object;
    return withFinalizer(object, finalizer);
  },
};

function withFinalizer(object: KubernetesObject, finalizer: string): KubernetesObject {
  const { finalizers = [] } = object.metadata;
  if (finalizers.includes(finalizer)) return object;
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } };
}
