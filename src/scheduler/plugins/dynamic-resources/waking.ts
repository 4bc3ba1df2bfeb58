/** Which changes can help a pod that DynamicResources refused (upstream's queueing hints). */

import { deviceClasses } from '../../../api/groups/resource/device-class/device-class.ts';
import { isOwnedBy, usedClaimNames } from '../../../api/groups/resource/pod-resource-claims.ts';
import { resourceClaims } from '../../../api/groups/resource/resource-claim/resource-claim.ts';
import { resourceSlices } from '../../../api/groups/resource/resource-slice/resource-slice.ts';
import { deepEqual } from '../../../api/meta/equal.ts';
import type { ResourceType } from '../../../api/meta/object.ts';
import type { Pod, ResourceV1ResourceClaim } from '../../../api/types.gen.ts';
import { podAmounts } from '../../cache/resources.ts';
import type { ClusterEvent } from '../../framework.ts';
import { isAdded, isDeleted, isUpdated } from '../../volumes/events.ts';

export const WATCHED: readonly ResourceType[] = [resourceClaims, resourceSlices, deviceClasses];

export function wakesDynamicResources(event: ClusterEvent, pod: Pod): boolean {
  switch (event.resource) {
    case 'Node':
      return (
        event.old === undefined ||
        !deepEqual(event.next.metadata.labels, event.old.metadata.labels) ||
        !deepEqual(event.next.status.allocatable, event.old.status.allocatable)
      );
    // It may have given back what was promised for it.
    case 'Pod/Gone':
      return usesDevices(event.old);
    case 'Other':
      switch (event.kind) {
        case resourceClaims.kind:
          return (
            isAdded(event, resourceClaims, (claim) => uses(pod, claim)) ||
            isUpdated(event, resourceClaims, (next, old) => freesDevices(next, old) || uses(pod, next)) ||
            isDeleted(event, resourceClaims, (claim) => isAllocated(claim) || isOwnedBy(claim, pod))
          );
        case resourceSlices.kind:
        case deviceClasses.kind:
          return event.next !== undefined;
        default:
          return false;
      }
    default:
      return false;
  }
}

function uses(pod: Pod, { metadata }: ResourceV1ResourceClaim): boolean {
  return metadata.namespace === pod.metadata.namespace && usedClaimNames(pod).includes(metadata.name ?? '');
}

/** Extended resources may have been promised to it as devices. */
function usesDevices(pod: Pod): boolean {
  return (pod.spec.resourceClaims ?? []).length > 0 || podAmounts(pod).requested.scalars !== undefined;
}

function isAllocated({ status }: ResourceV1ResourceClaim): boolean {
  return status.allocation !== undefined;
}

function freesDevices(next: ResourceV1ResourceClaim, old: ResourceV1ResourceClaim): boolean {
  return old.status.allocation !== undefined && next.status.allocation === undefined;
}
