/**
 * NodeVolumeLimits: a node holds no more volumes of a CSI driver than the driver says (in the CSINode).
 * Counted are the volumes of pods there, each once, and those that are attached although no pod uses them.
 */

import type { CSINode, Pod } from '../../../api/types.gen.ts';
import { csiNodes } from '../../../api/groups/storage/csi-node/csi-node.ts';
import { volumeAttachments } from '../../../api/groups/storage/volume-attachment/volume-attachment.ts';
import { persistentVolumeClaims } from '../../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import type { ClusterEvent, FilterVerdict, Refusal, SchedulerPlugin } from '../../framework.ts';
import {
  csiVolumeOf,
  csiVolumeOfClaim,
  csiVolumeOfPod,
  isMigratable,
  type CsiVolume,
} from '../../volumes/csi-volumes.ts';
import { isAdded, isDeleted, isUpdated } from '../../volumes/events.ts';
import type { MigratedPlugins } from '../../volumes/migrated-plugins.ts';
import { claimsOf, ownershipProblem, usesClaim } from '../../../api/volume-binding/pod-claims.ts';
import type { VolumeCatalog } from '../../volumes/volume-catalog.ts';

const TOO_MANY: Refusal = { reason: 'node(s) exceed max volume count', resolvable: true };

/** What the pod brings to a node; by what its CSINode says of drivers that used to be built in. */
type State = Map<string, VolumeSet | Refusal>;

export function nodeVolumeLimits(volumes: VolumeCatalog): SchedulerPlugin<State> {
  return {
    name: 'NodeVolumeLimits',
    watches: [csiNodes, persistentVolumeClaims, volumeAttachments],
    wakesOn,
    prepare: (pod) => ({ state: new Map(), filters: hasCountedVolumes(pod) }),
    filter: (state, pod, node) => filter(state, pod, node, volumes),
  };
}

function hasCountedVolumes(pod: Pod): boolean {
  return (pod.spec.volumes ?? []).some(
    (volume) =>
      volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined || isMigratable(volume),
  );
}

function filter(state: State, pod: Pod, node: NodeInfo, volumes: VolumeCatalog): FilterVerdict {
  const csiNode = volumes.csiNode(node.name);
  const migrated = volumes.migratedPlugins.of(csiNode);
  let wanted = state.get(migrated.text);
  if (wanted === undefined) state.set(migrated.text, (wanted = wantedBy(pod, volumes, migrated)));
  if ('reason' in wanted) return wanted;
  const limit = lowestLimit(csiNode, wanted);
  // Far from it, nobody needs to know whose volumes they are.
  if (limit === undefined || mostPresent(node, volumes, migrated) + wanted.size <= limit) return undefined;
  const present = presentOn(node, volumes, migrated);
  for (const { name, allocatable } of csiNode?.spec.drivers ?? []) {
    const more = wanted.without(name, present);
    if (allocatable?.count === undefined || more === 0) continue;
    if (more + present.count(name) > allocatable.count) return TOO_MANY;
  }
  return undefined;
}

/** Handles by driver. */
class VolumeSet {
  readonly #handles = new Map<string, Set<string>>();
  /** Of all drivers together. */
  size = 0;

  add(volume: CsiVolume | undefined): void {
    if (volume === undefined) return;
    let handles = this.#handles.get(volume.driver);
    if (handles === undefined) this.#handles.set(volume.driver, (handles = new Set()));
    if (handles.has(volume.handle)) return;
    handles.add(volume.handle);
    this.size++;
  }

  has(driver: string): boolean {
    return this.#handles.has(driver);
  }

  count(driver: string): number {
    return this.#handles.get(driver)?.size ?? 0;
  }

  /** How many the other set lacks. */
  without(driver: string, other: VolumeSet): number {
    const own = this.#handles.get(driver);
    return own?.difference(other.#handles.get(driver) ?? new Set()).size ?? 0;
  }
}

/** Of the drivers that matter for the pod; undefined: none has one. */
function lowestLimit(csiNode: CSINode | undefined, wanted: VolumeSet): number | undefined {
  let lowest: number | undefined;
  for (const { name, allocatable } of csiNode?.spec.drivers ?? []) {
    const count = allocatable?.count;
    if (count !== undefined && wanted.has(name) && count < (lowest ?? Infinity)) lowest = count;
  }
  return lowest;
}

function wantedBy(pod: Pod, volumes: VolumeCatalog, migrated: MigratedPlugins): VolumeSet | Refusal {
  const wanted = new VolumeSet();
  const { namespace = '' } = pod.metadata;
  for (const { name, isEphemeral } of claimsOf(pod)) {
    const claim = volumes.claim(namespace, name);
    const problem =
      claim === undefined
        ? `looking up PVC ${namespace}/${name}: persistentvolumeclaim "${name}" not found`
        : isEphemeral && ownershipProblem(pod, claim);
    if (typeof problem === 'string') return { reason: problem, resolvable: false };
    if (claim !== undefined) wanted.add(csiVolumeOfClaim(claim, volumes, migrated));
  }
  for (const volume of pod.spec.volumes ?? []) wanted.add(csiVolumeOfPod(volume, migrated));
  return wanted;
}

/** No fewer than there are, without a look at any of them. */
function mostPresent(node: NodeInfo, volumes: VolumeCatalog, migrated: MigratedPlugins): number {
  let count = node.claims.size + volumes.attachmentsOf(node.name).length;
  if (migrated.names.size > 0) for (const { spec } of node.pods.values()) count += spec.volumes?.length ?? 0;
  return count;
}

function presentOn(node: NodeInfo, volumes: VolumeCatalog, migrated: MigratedPlugins): VolumeSet {
  const present = new VolumeSet();
  for (const key of node.claims.keys()) {
    const [namespace, name = ''] = key.split('/');
    const claim = volumes.claim(namespace, name);
    if (claim !== undefined) present.add(csiVolumeOfClaim(claim, volumes, migrated));
  }
  if (migrated.names.size > 0)
    for (const { spec } of node.pods.values())
      for (const volume of spec.volumes ?? []) present.add(csiVolumeOfPod(volume, migrated));
  for (const { spec } of volumes.attachmentsOf(node.name)) {
    const volume = volumes.volume(spec.source.persistentVolumeName ?? '');
    if (volume !== undefined) present.add(csiVolumeOf(volume, migrated));
  }
  return present;
}

function wakesOn(event: ClusterEvent, pod: Pod): boolean {
  switch (event.resource) {
    case 'Pod/Gone':
      return hasCountedVolumes(event.old);
    case 'Other':
      return (
        isAdded(event, csiNodes) ||
        isUpdated(event, csiNodes, hasMoreRoom) ||
        isAdded(event, persistentVolumeClaims, (claim) => usesClaim(pod, claim)) ||
        isDeleted(event, volumeAttachments, () => hasCountedVolumes(pod))
      );
    default:
      return false;
  }
}

function hasMoreRoom(next: CSINode, old: CSINode): boolean {
  return next.spec.drivers.some(({ name, allocatable }) => {
    const before = old.spec.drivers.find((driver) => driver.name === name)?.allocatable?.count;
    return before !== undefined && (allocatable?.count ?? Number.POSITIVE_INFINITY) > before;
  });
}
