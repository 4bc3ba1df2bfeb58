/**
 * When the claims of a StatefulSet go: `persistentVolumeClaimRetentionPolicy` (KEP-1847). Pure. The garbage
 * collector does the deleting; here is decided who owns a claim.
 *
 * | whenScaled | whenDeleted | owner of a claim in range | owner of a claim out of range |
 * |---|---|---|---|
 * | Retain | Retain | none | none |
 * | Retain | Delete | the set | the set |
 * | Delete | Retain | none | its pod |
 * | Delete | Delete | the set | its pod |
 */

import { pods } from '../../api/groups/core/pod/pod.ts';
import { statefulSets } from '../../api/groups/apps/stateful-set/stateful-set.ts';
import { apiVersionOf, type ResourceType } from '../../api/meta/object.ts';
import type { OwnerReference, PersistentVolumeClaim, Pod, StatefulSet } from '../../api/types.gen.ts';
import { controllerReference } from '../ownership/ownership.ts';

/** A pod that is there, or one that is to be made and has no uid. */
export type Holder = Pick<Pod, 'metadata'>;

function policyOf({ spec }: StatefulSet): { readonly scaled: boolean; readonly deleted: boolean } {
  const { whenScaled, whenDeleted } = spec.persistentVolumeClaimRetentionPolicy ?? {};
  return { scaled: whenScaled === 'Delete', deleted: whenDeleted === 'Delete' };
}

/**
 * What the claim's owner references should be; undefined when they are so already, or when somebody else's
 * business is not to be touched (references to a former set or pod of the same name).
 */
export function wantedOwners(
  claim: PersistentVolumeClaim,
  set: StatefulSet,
  pod: Holder,
  isScaledDown: boolean,
): readonly OwnerReference[] | undefined {
  const present = claim.metadata.ownerReferences ?? [];
  if (isStale(claim, statefulSets, set) || isStale(claim, pods, pod)) return undefined;
  const isOurs = (reference: OwnerReference): boolean =>
    names(reference, statefulSets, set) || names(reference, pods, pod);
  const ours = present.filter(isOurs);
  const wanted = hasOtherController(claim, set, pod) ? [] : ownersBy(set, pod, isScaledDown);
  const isSame =
    ours.length === wanted.length &&
    wanted.every(({ uid }) => ours.some((own) => own.uid === uid && own.controller === true));
  return isSame ? undefined : [...present.filter((reference) => !isOurs(reference)), ...wanted];
}

function ownersBy(set: StatefulSet, pod: Holder, isScaledDown: boolean): readonly OwnerReference[] {
  const { scaled, deleted } = policyOf(set);
  if (scaled && isScaledDown) return [controllerReference(pods, pod)];
  return deleted ? [controllerReference(statefulSets, set)] : [];
}

/** A policy that deletes does not take claims from another controller. */
export function hasOtherController(claim: PersistentVolumeClaim, set: StatefulSet, pod: Holder): boolean {
  const { scaled, deleted } = policyOf(set);
  if (!scaled && !deleted) return false;
  return (claim.metadata.ownerReferences ?? []).some((reference) => {
    if (names(reference, statefulSets, set)) return reference.uid !== set.metadata.uid;
    if (names(reference, pods, pod)) return reference.uid !== pod.metadata.uid;
    return reference.controller === true;
  });
}

/** A claim that goes with a former pod: its successor must wait for that. */
export function blocksNewPod(claim: PersistentVolumeClaim, set: StatefulSet, pod: Holder): boolean {
  return policyOf(set).scaled && isStale(claim, pods, pod);
}

/** Owned by a former object of the same name. */
function isStale(claim: PersistentVolumeClaim, type: ResourceType, owner: Holder): boolean {
  const reference = claim.metadata.ownerReferences?.find((candidate) => names(candidate, type, owner));
  return reference !== undefined && reference.uid !== owner.metadata.uid;
}

function names(reference: OwnerReference, type: ResourceType, owner: Holder): boolean {
  const { apiVersion, kind, name } = reference;
  return apiVersion === apiVersionOf(type) && kind === type.kind && name === owner.metadata.name;
}

/** Owner references of a claim that is made for a pod in range, which spares a write later. */
export function firstOwners(set: StatefulSet): readonly OwnerReference[] {
  return policyOf(set).deleted ? [controllerReference(statefulSets, set)] : [];
}
