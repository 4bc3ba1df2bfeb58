/** PersistentVolumeClaims in quotas: their number and their storage, altogether and for each storage class. */

import { compareQuantities, quantityOf, roundUpQuantity, type Quantity } from '../quantity/quantity.ts';
import type { PersistentVolumeClaim } from '../types.gen.ts';
import { counts, type Amounts } from './amounts.ts';
import type { Evaluator } from './evaluator.ts';
import { matchesValues } from './scopes.ts';

const COUNT = 'count/persistentvolumeclaims';
const CLAIMS = 'persistentvolumeclaims';
const STORAGE = 'requests.storage';
const OF_CLASS = '.storageclass.storage.k8s.io/';
/** From before the field. */
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

export const claimEvaluator: Evaluator<PersistentVolumeClaim> = {
  counts: (name) =>
    [COUNT, CLAIMS, STORAGE].includes(name) ||
    [CLAIMS, STORAGE].some((resource) => name.endsWith(OF_CLASS + resource)),
  usage,
  chargesUpdate: () => true,
  matchesScope: (scope, claim) =>
    scope.scopeName === 'VolumeAttributesClass' && matchesValues(scope, attributesClasses(claim)),
};

function usage(claim: PersistentVolumeClaim): Amounts {
  const storageClass = classOf(claim);
  const used = new Map(counts({ [COUNT]: 1, [CLAIMS]: 1 }));
  const one = counts({ one: 1 }).get('one');
  const storage = storageOf(claim);
  if (storage !== undefined) used.set(STORAGE, storage);
  if (storageClass === '') return used;
  if (one !== undefined) used.set(storageClass + OF_CLASS + CLAIMS, one);
  if (storage !== undefined) used.set(storageClass + OF_CLASS + STORAGE, storage);
  return used;
}

function classOf({ metadata, spec }: PersistentVolumeClaim): string {
  return metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? '';
}

/** Whole bytes; what was allocated already counts when it is more. */
function storageOf({ spec, status }: PersistentVolumeClaim): Quantity | undefined {
  const asked = spec.resources.requests?.['storage'];
  if (asked === undefined) return undefined;
  const request = roundUpQuantity(quantityOf(asked), 0);
  const allocated = status.allocatedResources?.['storage'];
  if (allocated === undefined) return request;
  const given = roundUpQuantity(quantityOf(allocated), 0);
  return compareQuantities(given, request) > 0 ? given : request;
}

function attributesClasses({ spec, status }: PersistentVolumeClaim): readonly string[] {
  const names = [
    spec.volumeAttributesClassName,
    status.currentVolumeAttributesClassName,
    status.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return [...new Set(names.filter((name) => name !== undefined && name !== ''))] as readonly string[];
}
