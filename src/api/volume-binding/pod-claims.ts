/** The claims that a pod's volumes name, those made for its ephemeral volumes included. */

import type { PersistentVolumeClaim, Pod, Volume } from '../types.gen.ts';

export interface NamedClaim {
  readonly name: string;
  /** Made for this pod by a controller, from the template in the volume. */
  readonly isEphemeral: boolean;
}

const NONE: readonly NamedClaim[] = [];

export function claimsOf(pod: Pod): readonly NamedClaim[] {
  let claims: NamedClaim[] | undefined;
  for (const volume of pod.spec.volumes ?? []) {
    const claim = claimOf(pod, volume);
    if (claim !== undefined) (claims ??= []).push(claim);
  }
  return claims ?? NONE;
}

export function ephemeralClaimName(podName: string | undefined, { name }: Volume): string {
  return `${podName ?? ''}-${name}`;
}

function claimOf({ metadata }: Pod, volume: Volume): NamedClaim | undefined {
  if (volume.persistentVolumeClaim !== undefined)
    return { name: volume.persistentVolumeClaim.claimName, isEphemeral: false };
  if (volume.ephemeral !== undefined)
    return { name: ephemeralClaimName(metadata.name, volume), isEphemeral: true };
  return undefined;
}

export function claimKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

/** Whether the pod has a volume of that claim. */
export function usesClaim(pod: Pod, { metadata }: PersistentVolumeClaim): boolean {
  return (
    metadata.namespace === pod.metadata.namespace && claimsOf(pod).some(({ name }) => name === metadata.name)
  );
}

/** A claim of that name which somebody else made is no ephemeral volume; upstream's words. */
export function ownershipProblem(pod: Pod, { metadata }: PersistentVolumeClaim): string | undefined {
  const isOwn = metadata.ownerReferences?.some(
    ({ controller, uid }) => controller === true && uid === pod.metadata.uid,
  );
  if (isOwn === true) return undefined;
  const claim = claimKey(metadata.namespace, metadata.name ?? '');
  const owner = claimKey(pod.metadata.namespace, pod.metadata.name ?? '');
  return `PVC ${claim} was not created for pod ${owner} (pod is not owner)`;
}
