/** DefaultStorageClass: claims that say nothing of their class get the default one, if there is any. */

import type { KubernetesObject } from '../../../api/meta/object.ts';
import type { PersistentVolumeClaim, StorageClass } from '../../../api/types.gen.ts';
import { defaultClassOf, saysClass } from '../../../api/volume-binding/storage-class.ts';
import { prefixRange, type Store } from '../../../store/store.ts';
import type { AdmissionPlugin } from '../admission.ts';

const CLASSES = '/registry/storage.k8s.io/storageclasses/';

export function defaultStorageClass(store: Store<KubernetesObject>): AdmissionPlugin {
  return {
    name: 'DefaultStorageClass',
    kinds: ['/persistentvolumeclaims'],
    mutate: ({ operation, target, object }) => {
      if (operation !== 'CREATE' || target.subresource !== '') return object;
      const claim = object as PersistentVolumeClaim;
      const storageClassName = saysClass(claim) ? undefined : defaultClassOf(classes(store))?.metadata.name;
      return storageClassName === undefined ? claim : { ...claim, spec: { ...claim.spec, storageClassName } };
    },
  };
}

function classes(store: Store<KubernetesObject>): readonly StorageClass[] {
  const page = store.list(prefixRange(CLASSES));
  return page.ok ? page.result.entries.map(({ value }) => value as StorageClass) : [];
}
