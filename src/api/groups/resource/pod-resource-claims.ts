/** Which ResourceClaims a pod uses, and which of them it may. Pure; controllers and scheduler read it alike. */

import type { Pod, PodResourceClaim, ResourceV1ResourceClaim } from '../../types.gen.ts';

/** While a claim has it, its devices are not given to anybody else. */
export const ALLOCATION_FINALIZER = 'resource.kubernetes.io/delete-protection';
/** So many pods can use a claim at once. */
const RESERVATIONS_MAX = 256;

export type UsedClaim =
  | { readonly state: 'named'; readonly name: string; readonly isGenerated: boolean }
  /** From a template, and nobody has made it yet. */
  | { readonly state: 'not made' }
  /** It turned out that the pod needs none. */
  | { readonly state: 'not needed' };

export function usedClaim({ status }: Pod, { name, resourceClaimName }: PodResourceClaim): UsedClaim {
  if (resourceClaimName !== undefined) return { state: 'named', name: resourceClaimName, isGenerated: false };
  const made = status.resourceClaimStatuses?.find((one) => one.name === name);
  if (made === undefined) return { state: 'not made' };
  if (made.resourceClaimName === undefined) return { state: 'not needed' };
  return { state: 'named', name: made.resourceClaimName, isGenerated: true };
}

/** The names of all claims of the pod that are known, that for its extended resources included. */
export function usedClaimNames(pod: Pod): readonly string[] {
  const named = (pod.spec.resourceClaims ?? []).flatMap((one) => {
    const used = usedClaim(pod, one);
    return used.state === 'named' ? [used.name] : [];
  });
  const { extendedResourceClaimStatus: extended } = pod.status;
  return extended === undefined ? named : [...named, extended.resourceClaimName];
}

/** On the claim that the scheduler makes for the extended resources of a pod. */
export const EXTENDED_RESOURCE_CLAIM = 'resource.kubernetes.io/extended-resource-claim';

export function isForExtendedResources({ metadata }: ResourceV1ResourceClaim): boolean {
  return metadata.annotations?.[EXTENDED_RESOURCE_CLAIM] === 'true';
}

/** The pod for whose extended resources the claim says it was made; whether that is so is another matter. */
export function podOfExtendedClaim(
  claim: ResourceV1ResourceClaim,
): { readonly name: string; readonly uid: string } | undefined {
  if (!isForExtendedResources(claim)) return undefined;
  const owner = claim.metadata.ownerReferences?.find(({ controller }) => controller === true);
  return owner?.kind === 'Pod' && owner.apiVersion === 'v1' ? owner : undefined;
}

export function isOwnedBy(claim: ResourceV1ResourceClaim, { metadata: { uid } }: Pod): boolean {
  return claim.metadata.ownerReferences?.some((one) => one.controller === true && one.uid === uid) === true;
}

export function isReservedFor({ status }: ResourceV1ResourceClaim, { metadata: { uid } }: Pod): boolean {
  return status.reservedFor?.some((one) => one.uid === uid) === true;
}

export function canBeReserved({ status }: ResourceV1ResourceClaim): boolean {
  return (status.reservedFor?.length ?? 0) < RESERVATIONS_MAX;
}

/** The status of the claim, reserved for the pod, too. */
export function withReservation(
  { status }: ResourceV1ResourceClaim,
  { metadata: { name = '', uid = '' } }: Pod,
): ResourceV1ResourceClaim['status'] {
  return { ...status, reservedFor: [...(status.reservedFor ?? []), { resource: 'pods', name, uid }] };
}
