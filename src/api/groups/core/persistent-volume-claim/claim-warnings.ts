/** What is allowed in a claim but most likely not meant; for the claim templates of StatefulSets too. */

import type { FieldPath } from '../../../field/field-error.ts';
import type { PersistentVolumeClaimSpec } from '../../../types.gen.ts';
import { fractionWarnings } from '../pod/pod-warnings.ts';

export const STORAGE_CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

export function storageClassWarnings(annotations: { readonly [key: string]: string } = {}): string[] {
  if (!(STORAGE_CLASS_ANNOTATION in annotations)) return [];
  const message = 'deprecated since v1.8; use "storageClassName" attribute instead';
  return [`metadata.annotations[${STORAGE_CLASS_ANNOTATION}]: ${message}`];
}

export function claimSpecWarnings(path: FieldPath, spec: PersistentVolumeClaimSpec): readonly string[] {
  const { requests, limits } = spec.resources;
  const at = path.child('resources');
  return [
    ...fractionWarnings(at.child('requests'), 'storage', requests?.['storage']),
    ...fractionWarnings(at.child('limits'), 'storage', limits?.['storage']),
  ];
}
