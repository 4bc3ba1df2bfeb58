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
  migratedPlugins,
  type CsiVolume,
  type MigratedPlugins,
} from '../../volumes/csi-volumes.ts';
import { isAdded, isDeleted, isUpdated } from '../../volumes/events.ts';
import { claimsOf, ownershipProblem, usesClaim } from '../../volumes/pod-claims.ts';
import type { VolumeCatalog } from '../../volumes/volume-catalog.ts';

const TOO_MANY: Refusal = { reason: 'node(s) exceed max volume count', resolvable: true };

export function nodeVolumeLimits(volumes: VolumeCatalog): SchedulerPlugin<undefined> {
  return {
    name: 'NodeVolumeLimits',
    watches: [csiNodes, persistentVolumeClaims, volumeAttachments],
    wakesOn,
    prepare: (pod) => ({ state: undefined, filters: hasCountedVolumes(pod) }),
    filter: (_state, pod, node) => filter(pod, node, volumes),
  };
}

function hasCountedVolumes(pod: Pod): boolean {
  return (pod.spec.volumes ?? []).some(
    (volume) =>
      volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined || isMigratable(volume),
  );
}

function filter(pod: Pod, node: NodeInfo, volumes: VolumeCatalog): FilterVerdict {
  const csiNode = volumes.csiNode(node.name);
  const migrated = migratedPlugins(csiNode);
  const wanted = new VolumeSet();
  const problem = addWanted(wanted, pod, volumes, migrated);
  if (problem !== undefined) return { reason: problem, resolvable: false };
  const limits = limitsOf(csiNode, wanted);
  if (limits.size === 0) return undefined;
  const present = new VolumeSet();
  addPresent(present, node, volumes, migrated);
  for (const [driver, limit] of limits)
    if (
      wanted.without(driver, present) > 0 &&
      wanted.without(driver, present) + present.count(driver) > limit
    )
      return TOO_MANY;
  return undefined;
}

/** Handles by driver. */
class VolumeSet {
  readonly #handles = new Map<string, Set<string>>();

  add(volume: CsiVolume | undefined): void {
    if (volume === undefined) return;
    const present = this.#handles.get(volume.driver);
    if (present === undefined) this.#handles.set(volume.driver, new Set([volume.handle]));
    else present.add(volume.handle);
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

/** Of the drivers that matter for the pod. */
function limitsOf(csiNode: CSINode | undefined, wanted: VolumeSet): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const { name, allocatable } of csiNode?.spec.drivers ?? [])
    if (allocatable?.count !== undefined && wanted.has(name)) limits.set(name, allocatable.count);
  return limits;
}

function addWanted(
  wanted: VolumeSet,
  pod: Pod,
  volumes: VolumeCatalog,
  migrated: MigratedPlugins,
): string | undefined {
  const { namespace = '' } = pod.metadata;
  for (const { name, isEphemeral } of claimsOf(pod)) {
    const claim = volumes.claim(namespace, name);
    if (claim === undefined)
      return `looking up PVC ${namespace}/${name}: persistentvolumeclaim "${name}" not found`;
    const problem = isEphemeral ? ownershipProblem(pod, claim) : undefined;
    if (problem !== undefined) return problem;
    wanted.add(csiVolumeOfClaim(claim, volumes, migrated));
  }
  for (const volume of pod.spec.volumes ?? []) wanted.add(csiVolumeOfPod(volume, migrated));
  return undefined;
}

function addPresent(
  present: VolumeSet,
  node: NodeInfo,
  volumes: VolumeCatalog,
  migrated: MigratedPlugins,
): void {
  for (const key of node.claims.keys()) {
    const [namespace, name = ''] = key.split('/');
    const claim = volumes.claim(namespace, name);
    if (claim !== undefined) present.add(csiVolumeOfClaim(claim, volumes, migrated));
  }
  if (migrated.size > 0)
    for (const { spec } of node.pods.values())
      for (const volume of spec.volumes ?? []) present.add(csiVolumeOfPod(volume, migrated));
  for (const { spec } of volumes.attachmentsOf(node.name)) {
    const volume = volumes.volume(spec.source.persistentVolumeName ?? '');
    if (volume !== undefined) present.add(csiVolumeOf(volume, migrated));
  }
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
