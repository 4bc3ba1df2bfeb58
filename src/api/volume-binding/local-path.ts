/**
 * The storage that every cluster has: folders on the disk of the node that runs the pod. Known to the
 * provisioner, which makes the volumes, and to nodes, which make the folders.
 */

import type { Draft } from '../meta/object.ts';
import type { StorageClass } from '../types.gen.ts';
import { DEFAULT_CLASS } from './annotations.ts';

export const LOCAL_PATH_PROVISIONER = 'k8ts.dev/local-path';

/** The folder of a volume is made with the pod that needs it, so it has to wait for that. */
export const STANDARD_CLASS: Draft<StorageClass> & { readonly metadata: { readonly name: string } } = {
  metadata: { name: 'standard', annotations: { [DEFAULT_CLASS]: 'true' } },
  provisioner: LOCAL_PATH_PROVISIONER,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
};
