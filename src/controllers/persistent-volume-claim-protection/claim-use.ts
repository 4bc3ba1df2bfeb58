/** Whether a pod uses a claim. Pure. */

import type { PersistentVolumeClaim, Pod } from '../../api/types.gen.ts';
import { isControlledBy } from '../ownership/ownership.ts';
import { ephemeralClaimName } from '../../api/volume-binding/pod-claims.ts';

/**
 * A pod without a node does not: nodes do not start pods whose claim is being deleted. A finished pod does,
 * as long as it is there. A claim of an ephemeral volume counts only when it was made for this very pod.
 */
export function usesClaim(pod: Pod, claim: PersistentVolumeClaim): boolean {
  if ((pod.spec.nodeName ?? '') === '' || pod.metadata.namespace !== claim.metadata.namespace) return false;
  return (pod.spec.volumes ?? []).some((volume) => {
    if (volume.persistentVolumeClaim !== undefined)
      return volume.persistentVolumeClaim.claimName === claim.metadata.name;
    if (volume.ephemeral === undefined || isShutDown(pod)) return false;
    return (
      ephemeralClaimName(pod.metadata.name, volume) === claim.metadata.name && isControlledBy(claim, pod)
    );
  });
}

/** Its node is done with it, or it was deleted by force; only finalizers keep it. */
function isShutDown({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;
}
