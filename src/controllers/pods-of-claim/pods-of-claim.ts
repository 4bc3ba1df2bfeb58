/** The index of pods by the claims that they use, those of their ephemeral volumes included. */

import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Pod, Volume } from '../../api/types.gen.ts';
import type { Informers } from '../../client/informer/informer.ts';

/** Index name; values are `namespace/claim`. */
export const BY_CLAIM_USED = 'claim-used';

export function indexByClaim(informers: Informers): void {
  informers.index(pods, BY_CLAIM_USED, claimKeysOf);
}

/** `namespace/claim` of every claim that the pod mounts. */
export function claimKeysOf(pod: Pod): readonly string[] {
  const names = (pod.spec.volumes ?? []).flatMap((volume) => claimNameOf(pod, volume) ?? []);
  return names.map((name) => `${pod.metadata.namespace ?? ''}/${name}`);
}

/** The claim behind a volume of the pod; undefined for volumes of other kinds. */
export function claimNameOf(pod: Pod, volume: Volume): string | undefined {
  if (volume.ephemeral !== undefined) return ephemeralClaimName(pod, volume);
  return volume.persistentVolumeClaim?.claimName;
}

export function ephemeralClaimName(pod: Pod, volume: Volume): string {
  return `${pod.metadata.name ?? ''}-${volume.name}`;
}
