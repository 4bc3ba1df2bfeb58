/** Annotations by which everybody who has to do with volumes tells the others what was done. */

import type { LabelMap } from '../labels/selector.ts';

/** On a claim: it was bound once. Claims without it have never been complete. */
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
/** On a claim or a volume: the reference to the other was made by a machine, not by who created the object. */
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
/** On a volume: the provisioner that made it, and that will delete it. */
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
/** On a claim or a volume: the CSI driver that does the work of a plugin that was once part of Kubernetes. */
export const MIGRATED_TO = 'pv.kubernetes.io/migrated-to';
/** On a claim: the provisioner that is to make a volume for it. */
export const STORAGE_PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
export const STORAGE_PROVISIONER_BETA = 'volume.beta.kubernetes.io/storage-provisioner';
/** On a claim: the node that the scheduler chose, for which the volume is to be made. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
/** On a claim: who makes the volume larger. */
export const STORAGE_RESIZER = 'volume.kubernetes.io/storage-resizer';
/** On a volume that grows: how large it was before. */
export const PRE_RESIZE_CAPACITY = 'volume.alpha.kubernetes.io/pre-resize-capacity';
/** On a storage class: claims that name no class get this one. */
export const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';
export const DEFAULT_CLASS_BETA = 'storageclass.beta.kubernetes.io/is-default-class';

/** The value that says "done" where only the annotation's presence counts. */
export const YES = 'yes';
/** A class with this provisioner has volumes that people make by hand. */
export const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

export const CLAIM_PROTECTION = 'kubernetes.io/pvc-protection';
export const VOLUME_PROTECTION = 'kubernetes.io/pv-protection';
export const ATTRIBUTES_CLASS_PROTECTION = 'kubernetes.io/vac-protection';

export function hasAnnotation(
  { metadata }: { readonly metadata: { readonly annotations?: LabelMap } },
  name: string,
): boolean {
  return metadata.annotations !== undefined && Object.hasOwn(metadata.annotations, name);
}
