/**
 * VolumeRestrictions: a claim that one pod at a time may use is in use by nobody else, in the whole cluster;
 * a disk that a pod names itself is not in use on the node, unless both only read.
 */

import type { Pod, Volume } from '../../../api/types.gen.ts';
import type { SchedulerCache } from '../../cache/cache.ts';
import type { ClusterEvent, Preparation, Refusal, SchedulerPlugin } from '../../framework.ts';
import { isAdded } from '../../volumes/events.ts';
import { claimKey, claimsOf, usesClaim } from '../../../api/volume-binding/pod-claims.ts';
import type { VolumeCatalog } from '../../volumes/volume-catalog.ts';
import { persistentVolumeClaims } from '../../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { conflict, isExclusiveDisk } from './disk-conflicts.ts';

const DISK_CONFLICT: Refusal = { reason: 'node(s) had no available disk', resolvable: true };
const CLAIM_IN_USE: Refusal = {
  reason: 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
  resolvable: true,
};

interface State {
  readonly disks: readonly Volume[];
  /** `namespace/name` of claims that one pod at a time may use. */
  readonly exclusiveClaims: readonly string[];
}

const NOTHING: Preparation<State> = { state: { disks: [], exclusiveClaims: [] }, filters: false };

export function volumeRestrictions(cache: SchedulerCache, volumes: VolumeCatalog): SchedulerPlugin<State> {
  return {
    name: 'VolumeRestrictions',
    watches: [persistentVolumeClaims],
    wakesOn,
    prepare: (pod) => prepare(pod, cache, volumes),
    filter: ({ disks, exclusiveClaims }, _pod, node) => {
      for (const disk of disks)
        for (const other of node.pods.values())
          if (other.spec.volumes?.some((volume) => conflict(disk, volume)) === true) return DISK_CONFLICT;
      return exclusiveClaims.some((key) => cache.usersOfClaim(key) > 0) ? CLAIM_IN_USE : undefined;
    },
  };
}

function prepare(pod: Pod, cache: SchedulerCache, volumes: VolumeCatalog): Preparation<State> {
  const { namespace } = pod.metadata;
  if ((pod.spec.volumes ?? []).length === 0) return NOTHING;
  const exclusiveClaims: string[] = [];
  for (const { name, isEphemeral } of claimsOf(pod)) {
    if (isEphemeral) continue;
    const claim = volumes.claim(namespace, name);
    if (claim === undefined)
      return { refusal: { reason: `persistentvolumeclaim "${name}" not found`, resolvable: false } };
    if (claim.spec.accessModes?.includes('ReadWriteOncePod') === true)
      exclusiveClaims.push(claimKey(namespace, name));
  }
  const disks = (pod.spec.volumes ?? []).filter(isExclusiveDisk);
  if (disks.length === 0 && exclusiveClaims.every((key) => cache.usersOfClaim(key) === 0)) return NOTHING;
  return { state: { disks, exclusiveClaims } };
}

function wakesOn(event: ClusterEvent, pod: Pod): boolean {
  switch (event.resource) {
    case 'Node':
      return event.old === undefined;
    case 'Pod/Gone':
      return event.old.metadata.namespace === pod.metadata.namespace && isInTheWay(event.old, pod);
    case 'Other':
      return isAdded(event, persistentVolumeClaims, (claim) => usesClaim(pod, claim));
    default:
      return false;
  }
}

function isInTheWay(other: Pod, pod: Pod): boolean {
  const names = new Set(claimsOf(pod).map(({ name }) => name));
  return (
    claimsOf(other).some(({ name }) => names.has(name)) ||
    (pod.spec.volumes ?? []).some((disk) =>
      (other.spec.volumes ?? []).some((volume) => conflict(disk, volume)),
    )
  );
}
