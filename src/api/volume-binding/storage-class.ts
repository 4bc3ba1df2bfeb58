/** Which storage class an object belongs to, and which one is the default. Pure. */

import { STORAGE_CLASS_ANNOTATION } from '../groups/core/persistent-volume-claim/claim-warnings.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../types.gen.ts';
import { DEFAULT_CLASS, DEFAULT_CLASS_BETA } from './annotations.ts';

/** The class of a claim or a volume; empty when it has none. The annotation of old wins over the field. */
export function storageClassOf({ metadata, spec }: PersistentVolumeClaim | PersistentVolume): string {
  return metadata.annotations?.[STORAGE_CLASS_ANNOTATION] ?? spec.storageClassName ?? '';
}

/** A claim may say that it wants no class (`''`), which is not the same as saying nothing. */
export function saysClass({ metadata, spec }: PersistentVolumeClaim): boolean {
  return (
    metadata.annotations?.[STORAGE_CLASS_ANNOTATION] !== undefined || spec.storageClassName !== undefined
  );
}

export function isDefaultClass({ metadata: { annotations = {} } }: StorageClass): boolean {
  return annotations[DEFAULT_CLASS] === 'true' || annotations[DEFAULT_CLASS_BETA] === 'true';
}

/** Of several default classes the newest; among equally old ones the first by name. */
export function defaultClassOf(classes: readonly StorageClass[]): StorageClass | undefined {
  const created = ({ metadata }: StorageClass): number => Date.parse(metadata.creationTimestamp ?? '') || 0;
  let chosen: StorageClass | undefined;
  for (const candidate of classes) {
    if (!isDefaultClass(candidate)) continue;
    const newer = chosen === undefined ? 1 : created(candidate) - created(chosen);
    const isFirst = (candidate.metadata.name ?? '') < (chosen?.metadata.name ?? '');
    if (newer > 0 || (newer === 0 && isFirst)) chosen = candidate;
  }
  return chosen;
}

/** Whether volumes of the class are chosen only once a pod that uses the claim is scheduled. */
export function waitsForConsumer(storageClass: StorageClass | undefined): boolean {
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
}
