/**
 * VolumeZone: a volume with zone or region labels is only for nodes there. Volumes of today say so by their
 * node affinity, which VolumeBinding looks at.
 */

import { persistentVolumeClaims } from '../../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../../api/groups/core/persistent-volume/persistent-volume.ts';
import { storageClasses } from '../../../api/groups/storage/storage-class/storage-class.ts';
import { deepEqual } from '../../../api/meta/equal.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../api/types.gen.ts';
import { storageClassOf, waitsForConsumer } from '../../../api/volume-binding/storage-class.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import type { ClusterEvent, Preparation, Refusal, SchedulerPlugin } from '../../framework.ts';
import { isAdded, isUpdated } from '../../volumes/events.ts';
import { claimsOf, usesClaim } from '../../../api/volume-binding/pod-claims.ts';
import type { VolumeCatalog } from '../../volumes/volume-catalog.ts';

const ELSEWHERE: Refusal = { reason: 'node(s) had no available volume zone', resolvable: false };

/** Label keys, and by which name a node may have them today. */
const KEYS: readonly (readonly [string, string])[] = [
  ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'],
  ['topology.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['topology.kubernetes.io/region', 'topology.kubernetes.io/region'],
];

/** Where one volume is: in any of the places. */
interface Place {
  readonly key: string;
  readonly keyToday: string;
  readonly values: ReadonlySet<string>;
}

export function volumeZone(volumes: VolumeCatalog): SchedulerPlugin<readonly Place[]> {
  return {
    name: 'VolumeZone',
    watches: [persistentVolumeClaims, persistentVolumes, storageClasses],
    wakesOn,
    prepare: (pod) => prepare(pod, volumes),
    filter,
  };
}

function prepare(pod: Pod, volumes: VolumeCatalog): Preparation<readonly Place[]> {
  let places: Place[] | undefined;
  for (const { name, isEphemeral } of claimsOf(pod)) {
    if (isEphemeral) continue;
    const claim = volumes.claim(pod.metadata.namespace, name);
    if (claim === undefined) return refused(`persistentvolumeclaim "${name}" not found`);
    const { volumeName = '' } = claim.spec;
    if (volumeName === '') {
      const reason = reasonWithoutVolume(claim, volumes);
      if (reason !== undefined) return refused(reason);
      continue;
    }
    const volume = volumes.volume(volumeName);
    if (volume === undefined) return refused(`persistentvolume "${volumeName}" not found`);
    (places ??= []).push(...placesOf(volume));
  }
  return places === undefined || places.length === 0 ? { state: [], filters: false } : { state: places };
}

function refused(reason: string): Preparation<readonly Place[]> {
  return { refusal: { reason, resolvable: false } };
}

/** A claim whose volume is chosen with the node has no zone yet; any other one should have its volume. */
function reasonWithoutVolume(claim: PersistentVolumeClaim, volumes: VolumeCatalog): string | undefined {
  const className = storageClassOf(claim);
  if (className === '') return 'PersistentVolumeClaim had no pv name and storageClass name';
  const storageClass = volumes.storageClass(className);
  if (storageClass === undefined) return `storageclass.storage.k8s.io "${className}" not found`;
  return waitsForConsumer(storageClass) ? undefined : 'PersistentVolume had no name';
}

function placesOf({ metadata: { labels } }: PersistentVolume): readonly Place[] {
  if (labels === undefined) return [];
  return KEYS.flatMap(([key, keyToday]) => {
    const values = valuesIn(labels[key]);
    return values === undefined ? [] : [{ key, keyToday, values }];
  });
}

/** `a__b`: in both. Undefined when there is no label, or nobody can read it. */
function valuesIn(label: string | undefined): ReadonlySet<string> | undefined {
  if (label === undefined) return undefined;
  const values = label.split('__').map((value) => value.trim());
  return values.includes('') ? undefined : new Set(values);
}

function filter(places: readonly Place[], _pod: Pod, { node }: NodeInfo): Refusal | undefined {
  const labels = node.metadata.labels ?? {};
  // Nodes without any such label are those of a cluster in one place.
  if (KEYS.every(([key]) => labels[key] === undefined)) return undefined;
  for (const { key, keyToday, values } of places) {
    const value = labels[key] ?? labels[keyToday];
    if (value === undefined || !values.has(value)) return ELSEWHERE;
  }
  return undefined;
}

function wakesOn(event: ClusterEvent, pod: Pod): boolean {
  switch (event.resource) {
    case 'Node':
      return event.old === undefined || !deepEqual(event.next.metadata.labels, event.old.metadata.labels);
    case 'Other':
      return (
        isAdded(event, storageClasses, waitsForConsumer) ||
        isAdded(event, persistentVolumeClaims, (claim) => usesClaim(pod, claim)) ||
        isUpdated(event, persistentVolumeClaims, (claim) => usesClaim(pod, claim)) ||
        isAdded(event, persistentVolumes) ||
        isUpdated(event, persistentVolumes, isElsewhere)
      );
    default:
      return false;
  }
}

function isElsewhere({ metadata: next }: PersistentVolume, { metadata: old }: PersistentVolume): boolean {
  return KEYS.some(([key]) => next.labels?.[key] !== old.labels?.[key]);
}
