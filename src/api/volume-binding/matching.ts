/**
 * Which volume a claim may get. Pure; the binder and the scheduler decide by the same rules (upstream's
 * `component-helpers/storage/volume`).
 *
 * Invariants: a volume that refers to another claim is never chosen; one that refers to this claim is chosen
 * before all others; among the rest the one with the fewest access modes, then the smallest, is, and of equal
 * ones the first by name, so that the choice does not depend on the order of the list.
 */

import { fromLabelSelector, matches } from '../labels/selector.ts';
import { matchesTerm } from '../node-fit/node-affinity.ts';
import { compareQuantities, quantityOf, ZERO_QUANTITY, type Quantity } from '../quantity/quantity.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../types.gen.ts';
import { BIND_COMPLETED, hasAnnotation } from './annotations.ts';
import { storageClassOf } from './storage-class.ts';

export interface MatchOptions {
  /** The scheduler asks for one node: the volume has to be reachable from it. */
  readonly node?: Node;
  /** Names of volumes that were promised to other claims of the same pod. */
  readonly excluded?: ReadonlySet<string>;
  /** Only a volume that already refers to the claim will do: the scheduler chooses among the others. */
  readonly delayBinding?: boolean;
}

/** The best volume for the claim; undefined when none fits. `volumes` may hold any, in any order. */
export function findMatchingVolume(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
  { node, excluded, delayBinding = false }: MatchOptions = {},
): PersistentVolume | undefined {
  const wanted = wantsOf(claim);
  let promised: PersistentVolume | undefined;
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (excluded?.has(volume.metadata.name ?? '') === true) continue;
    if (volume.metadata.deletionTimestamp !== undefined) continue;
    if (!holdsEnough(volume, wanted.size) || !sameKindOfVolume(claim, volume)) continue;
    if (isBoundTo(volume, claim)) {
      const isPossible = node !== undefined || offersAccessModes(volume, claim);
      if (isPossible && (promised === undefined || isFurther(volume, promised))) promised = volume;
      continue;
    }
    if (promised !== undefined || (delayBinding && node === undefined)) continue;
    if (!isFree(volume, claim, wanted) || (node !== undefined && !fitsNode(volume, node))) continue;
    if (best === undefined || isBetter(volume, best)) best = volume;
  }
  if (promised === undefined) return best;
  // No other volume will do, even if this one is out of the node's reach.
  return node === undefined || fitsNode(promised, node) ? promised : undefined;
}

/** Of several volumes for the same claim the one that a binding has begun with. */
function isFurther({ spec, metadata }: PersistentVolume, than: PersistentVolume): boolean {
  const [isBegun, wasBegun] = [spec.claimRef?.uid !== undefined, than.spec.claimRef?.uid !== undefined];
  if (isBegun !== wasBegun) return isBegun;
  return (metadata.name ?? '') < (than.metadata.name ?? '');
}

interface Wants {
  readonly size: Quantity;
  readonly className: string;
  /** Undefined: volumes with any labels. */
  readonly selector: ReturnType<typeof fromLabelSelector>;
}

function wantsOf(claim: PersistentVolumeClaim): Wants {
  return {
    size: requestedStorage(claim),
    className: storageClassOf(claim),
    selector: fromLabelSelector(claim.spec.selector),
  };
}

function isFree(volume: PersistentVolume, claim: PersistentVolumeClaim, wanted: Wants): boolean {
  if (volume.spec.claimRef !== undefined || volume.status.phase !== 'Available') return false;
  if (storageClassOf(volume) !== wanted.className || !offersAccessModes(volume, claim)) return false;
  if (claim.spec.selector === undefined) return true;
  return wanted.selector !== undefined && matches(wanted.selector, volume.metadata.labels);
}

function isBetter(a: PersistentVolume, b: PersistentVolume): boolean {
  const modes = (a.spec.accessModes?.length ?? 0) - (b.spec.accessModes?.length ?? 0);
  if (modes !== 0) return modes < 0;
  const size = compareQuantities(storageCapacity(a), storageCapacity(b));
  if (size !== 0) return size < 0;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '');
}

/** Why a volume that a claim names is not for it, worded as upstream words it. */
export type Mismatch =
  | `the volume is marked for deletion "${string}"`
  | 'requested PV is too small'
  | 'storageClassName does not match'
  | 'volumeAttributesClassName does not match'
  | 'incompatible volumeMode'
  | 'incompatible accessMode';

export function mismatchOf(volume: PersistentVolume, claim: PersistentVolumeClaim): Mismatch | undefined {
  if (volume.metadata.deletionTimestamp !== undefined)
    return `the volume is marked for deletion "${volume.metadata.name ?? ''}"`;
  if (!holdsEnough(volume, requestedStorage(claim))) return 'requested PV is too small';
  if (storageClassOf(volume) !== storageClassOf(claim)) return 'storageClassName does not match';
  if (!sameAttributesClass(volume, claim)) return 'volumeAttributesClassName does not match';
  if (!sameVolumeMode(volume, claim)) return 'incompatible volumeMode';
  return offersAccessModes(volume, claim) ? undefined : 'incompatible accessMode';
}

/** Whether the volume refers to the claim: made for it, reserved for it, or bound to it. */
export function isBoundTo({ spec: { claimRef } }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (claimRef === undefined) return false;
  const { namespace, name, uid } = claim.metadata;
  if (claimRef.name !== name || claimRef.namespace !== namespace) return false;
  return (claimRef.uid ?? '') === '' || claimRef.uid === uid;
}

/** The claim has a volume, and the binder has seen it through. */
export function isFullyBound(claim: PersistentVolumeClaim): boolean {
  return (claim.spec.volumeName ?? '') !== '' && hasAnnotation(claim, BIND_COMPLETED);
}

/** Whether the volume can be reached from the node. */
export function fitsNode({ spec: { nodeAffinity } }: PersistentVolume, node: Node): boolean {
  const required = nodeAffinity?.required;
  return required === undefined || required.nodeSelectorTerms.some((term) => matchesTerm(term, node));
}

/** A volume that does not say is a file system. */
export function sameVolumeMode(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (volume.spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem');
}

export function requestedStorage({ spec }: PersistentVolumeClaim): Quantity {
  return storageIn(spec.resources.requests);
}

export function storageCapacity({ spec }: PersistentVolume): Quantity {
  return storageIn(spec.capacity);
}

function storageIn(amounts: { readonly [key: string]: string } | undefined): Quantity {
  const text = amounts?.['storage'];
  return text === undefined ? ZERO_QUANTITY : quantityOf(text);
}

function holdsEnough(volume: PersistentVolume, size: Quantity): boolean {
  return compareQuantities(storageCapacity(volume), size) >= 0;
}

function sameKindOfVolume(claim: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  return sameVolumeMode(volume, claim) && sameAttributesClass(volume, claim);
}

function sameAttributesClass(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (volume.spec.volumeAttributesClassName ?? '') === (claim.spec.volumeAttributesClassName ?? '');
}

function offersAccessModes({ spec }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (claim.spec.accessModes ?? []).every((mode) => spec.accessModes?.includes(mode) === true);
}
