/**
 * Which volumes a pod would get on a node: those that its claims have already, one of those that exist for
 * each claim that waits for its first consumer, or else one that is to be made. Pure.
 *
 * Example: claims a (bound to v1) and b (5Gi, waiting), node n: v1 must be reachable from n; b gets the
 * smallest free volume of its class on n with 5Gi; without one the class's provisioner makes it, if its
 * topology has n and there is room.
 */

import { fromLabelSelector, matches } from '../../../api/labels/selector.ts';
import { compareQuantities, quantityOf } from '../../../api/quantity/quantity.ts';
import type {
  CSIStorageCapacity,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  TopologySelectorTerm,
} from '../../../api/types.gen.ts';
import { NO_PROVISIONER, SELECTED_NODE } from '../../../api/volume-binding/annotations.ts';
import { findMatchingVolume, fitsNode, requestedStorage } from '../../../api/volume-binding/matching.ts';
import { storageClassOf } from '../../../api/volume-binding/storage-class.ts';
import type { Refusal } from '../../framework.ts';
import type { VolumeCatalog } from '../../volumes/volume-catalog.ts';
import type { VolumePlan } from '../../volumes/volume-plan.ts';

const refusal = (reason: string): Refusal => ({ reason, resolvable: false });

export const OUT_OF_REACH = refusal("node(s) didn't match PersistentVolume's node affinity");
export const NO_VOLUME = refusal("node(s) didn't find available persistent volumes to bind");
export const NO_ROOM = refusal('node(s) did not have enough free storage');
export const VOLUME_LOST = refusal(
  'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)',
);

/** A claim that waits for its first consumer, and the volumes that it could get on some node. */
export interface WaitingClaim {
  readonly claim: PersistentVolumeClaim;
  readonly candidates: readonly PersistentVolume[];
}

/** What a pod needs, sorted out once for all nodes. */
export interface PodVolumes {
  /** The volumes of claims that have them; undefined: the volume is gone. */
  readonly bound: readonly (PersistentVolume | undefined)[];
  /** The smallest first, so that they do not take what a larger one needs. */
  readonly waiting: readonly WaitingClaim[];
}

export function findVolumes(
  { bound, waiting }: PodVolumes,
  node: Node,
  catalog: VolumeCatalog,
): VolumePlan | readonly Refusal[] {
  const refusals: Refusal[] = [];
  const problem = problemOfBound(bound, node);
  if (problem === OUT_OF_REACH) refusals.push(problem);
  const plan = planOf(waiting, node, catalog);
  if ('reason' in plan) refusals.push(plan);
  if (problem === VOLUME_LOST) refusals.push(problem);
  return 'reason' in plan || refusals.length > 0 ? refusals : plan;
}

function problemOfBound(bound: PodVolumes['bound'], node: Node): Refusal | undefined {
  for (const volume of bound) {
    if (volume === undefined) return VOLUME_LOST;
    if (!fitsNode(volume, node)) return OUT_OF_REACH;
  }
  return undefined;
}

function planOf(waiting: PodVolumes['waiting'], node: Node, catalog: VolumeCatalog): VolumePlan | Refusal {
  const bindings: VolumePlan['bindings'][number][] = [];
  const excluded = new Set<string>();
  const provisions: PersistentVolumeClaim[] = [];
  for (const { claim, candidates } of waiting) {
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    // Its volume is being made for another node.
    if (selected !== undefined && selected !== node.metadata.name) return NO_VOLUME;
    const volume =
      selected === undefined ? findMatchingVolume(claim, candidates, { node, excluded }) : undefined;
    if (volume === undefined) provisions.push(claim);
    else {
      excluded.add(volume.metadata.name ?? '');
      bindings.push({ claim, volume });
    }
  }
  for (const claim of provisions) {
    const problem = problemOfProvision(claim, node, catalog);
    if (problem !== undefined) return problem;
  }
  return { bindings, provisions };
}

function problemOfProvision(
  claim: PersistentVolumeClaim,
  node: Node,
  catalog: VolumeCatalog,
): Refusal | undefined {
  const storageClass = catalog.storageClass(storageClassOf(claim));
  if (storageClass === undefined || storageClass.provisioner === NO_PROVISIONER) return NO_VOLUME;
  if (!allowsNode(storageClass.allowedTopologies, node)) return NO_VOLUME;
  return hasRoom(claim, storageClass, node, catalog) ? undefined : NO_ROOM;
}

/** Terms are alternatives; all expressions of one must hold. None at all: everywhere. */
function allowsNode(
  terms: readonly TopologySelectorTerm[] = [],
  { metadata: { labels = {} } }: Node,
): boolean {
  if (terms.length === 0) return true;
  return terms.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => {
      const value = labels[key];
      return value !== undefined && values.includes(value);
    }),
  );
}

/** Known only of drivers that say how much room they have. */
function hasRoom(
  claim: PersistentVolumeClaim,
  { metadata, provisioner }: StorageClass,
  node: Node,
  catalog: VolumeCatalog,
): boolean {
  if (claim.spec.resources.requests?.['storage'] === undefined) return true;
  if (catalog.csiDriver(provisioner)?.spec.storageCapacity !== true) return true;
  const size = requestedStorage(claim);
  return catalog.capacitiesOfClass(metadata.name ?? '').some((capacity) => {
    const limit = volumeLimit(capacity);
    if (limit === undefined || compareQuantities(quantityOf(limit), size) < 0) return false;
    return isReachable(capacity, node);
  });
}

/** The largest volume that can be made there. */
export function volumeLimit({ capacity, maximumVolumeSize }: CSIStorageCapacity): string | undefined {
  return maximumVolumeSize ?? capacity;
}

function isReachable({ nodeTopology }: CSIStorageCapacity, { metadata }: Node): boolean {
  const selector = fromLabelSelector(nodeTopology);
  return selector !== undefined && matches(selector, metadata.labels);
}
