/** What is around an object and decides, beside the object itself, how much it counts. Pure. */

import { podOfExtendedClaim } from '../groups/resource/pod-resource-claims.ts';
import type { DeviceClass, Pod, ResourceV1ResourceClaim as ResourceClaim } from '../types.gen.ts';

export interface Surroundings {
  /** All device classes: which extended resources they stand for. */
  classes(): readonly DeviceClass[];
  pod(namespace: string, name: string): Pod | undefined;
  /** Those that say that they were made for the extended resources of the pod. */
  extendedClaims(namespace: string, podUid: string): readonly ResourceClaim[];
}

export const NOTHING_AROUND: Surroundings = {
  classes: () => [],
  pod: () => undefined,
  extendedClaims: () => [],
};

/** Of one namespace, as lists of what is in it show it. */
export function surroundingsOf(
  classes: readonly DeviceClass[],
  pods: readonly Pod[],
  claims: readonly ResourceClaim[],
): Surroundings {
  const byName = new Map(pods.map((pod) => [pod.metadata.name ?? '', pod]));
  const byPod = Map.groupBy(claims, (claim) => podOfExtendedClaim(claim)?.uid);
  return {
    classes: () => classes,
    pod: (_namespace, name) => byName.get(name),
    extendedClaims: (_namespace, podUid) => byPod.get(podUid) ?? [],
  };
}
