/** The index of pods by the claims that they use, those of their ephemeral volumes included. */

import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Pod } from '../../api/types.gen.ts';
import { claimKey, claimsOf } from '../../api/volume-binding/pod-claims.ts';
import type { Informers } from '../../client/informer/informer.ts';

/** Index name; values are `namespace/claim`. */
export const BY_CLAIM_USED = 'claim-used';

export function indexByClaim(informers: Informers): void {
  informers.index(pods, BY_CLAIM_USED, claimKeysOf);
}

/** `namespace/claim` of every claim that the pod mounts. */
export function claimKeysOf(pod: Pod): readonly string[] {
  return claimsOf(pod).map(({ name }) => claimKey(pod.metadata.namespace, name));
}
