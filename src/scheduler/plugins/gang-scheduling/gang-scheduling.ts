/**
 * GangScheduling: pods of a group with a gang policy get their nodes together, or none of them does
 * (KEP-4671).
 *
 * The group is not tried before as many of its pods exist as it wants at least (`minCount`), and in its cycle
 * none goes before so many have a place. Groups with another policy ask for nothing.
 *
 * Example, minCount 3: a and b exist → both wait; c comes → all are tried in one cycle; a and b find a place,
 * c does not → none goes. Somebody else goes: all three find a place and are bound.
 */

import { podGroups as podGroupKind } from '../../../api/groups/scheduling/pod-group/pod-group.ts';
import type { ResourceType } from '../../../api/meta/object.ts';
import type { Pod } from '../../../api/types.gen.ts';
import type { ClusterEvent, SchedulerPlugin } from '../../framework.ts';
import { groupKeyOf, type PodGroups } from '../../groups/pod-groups.ts';

export const GANG_SCHEDULING = 'GangScheduling';

export function gangScheduling(groups: PodGroups): SchedulerPlugin {
  const minCountOf = (key: string): number => groups.group(key)?.spec.schedulingPolicy.gang?.minCount ?? 0;
  return {
    name: GANG_SCHEDULING,
    watches: [podGroupKind as unknown as ResourceType],
    wakesOn,
    preEnqueueGroup: (pod) => {
      const key = groupKeyOf(pod);
      if (key === undefined) return undefined;
      if (groups.group(key) === undefined) {
        const name = JSON.stringify(pod.spec.schedulingGroup?.podGroupName ?? '');
        return `waiting for pod's pod group ${name} to appear in scheduling queue`;
      }
      return groups.membersOf(key).size < minCountOf(key)
        ? 'waiting for minCount pods from a gang to appear in scheduling queue'
        : undefined;
    },
    permit: (pod, scheduled) => {
      const key = groupKeyOf(pod);
      return key !== undefined && scheduled < minCountOf(key)
        ? 'waiting for minCount pods from a gang to be scheduled'
        : undefined;
    },
  };
}

/** The group itself, or a member that has a node; the queue sees to those that have none. */
function wakesOn(event: ClusterEvent, pod: Pod): boolean {
  switch (event.resource) {
    case 'Pod':
      return event.old === undefined && groupKeyOf(event.next) !== undefined && isMate(event.next, pod);
    case 'Other': {
      if (event.kind !== podGroupKind.kind || event.next === undefined || event.old !== undefined)
        return false;
      const { namespace = '', name = '' } = event.next.metadata;
      return `${namespace}/${name}` === groupKeyOf(pod);
    }
    default:
      return false;
  }
}

function isMate(other: Pod, pod: Pod): boolean {
  return groupKeyOf(other) === groupKeyOf(pod);
}
