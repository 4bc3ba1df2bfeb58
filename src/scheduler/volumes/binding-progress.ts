/**
 * How far the volumes of a pod are that was given a node: the scheduler has written its part, and waits for
 * those who bind claims and make volumes. Pure; looks at what the API says, not at what was assumed.
 */

import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../api/types.gen.ts';
import { SELECTED_NODE } from '../../api/volume-binding/annotations.ts';
import { fitsNode, isFullyBound } from '../../api/volume-binding/matching.ts';
import type { VolumePlan } from './volume-plan.ts';

export type BindingProgress =
  | { readonly state: 'bound' | 'waiting' }
  /** It will never come about: the pod has to be given a node anew. */
  | { readonly state: 'failed'; readonly reason: string };

export interface WrittenObjects {
  writtenClaim(namespace: string | undefined, name: string): PersistentVolumeClaim | undefined;
  writtenVolume(name: string): PersistentVolume | undefined;
}

const BOUND: BindingProgress = { state: 'bound' };
const WAITING: BindingProgress = { state: 'waiting' };

/** `plan` holds the objects as the scheduler wrote them. */
export function bindingProgress(plan: VolumePlan, node: Node, objects: WrittenObjects): BindingProgress {
  for (const { claim, volume } of plan.bindings) {
    const progress = progressOfBinding(claim, volume, node, objects);
    if (progress !== BOUND) return progress;
  }
  for (const claim of plan.provisions) {
    const progress = progressOfProvision(claim, node, objects);
    if (progress !== BOUND) return progress;
  }
  return BOUND;
}

function progressOfBinding(
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
  node: Node,
  objects: WrittenObjects,
): BindingProgress {
  const { namespace, name = '' } = claim.metadata;
  const volumeName = volume.metadata.name ?? '';
  const presentVolume = objects.writtenVolume(volumeName);
  if (presentVolume === undefined)
    return failed(`failed to check binding: persistentvolume "${volumeName}" not found`);
  const present = objects.writtenClaim(namespace, name);
  if (present === undefined)
    return failed(`failed to check binding: persistentvolumeclaim "${name}" not found`);
  if (isOlder(presentVolume, volume)) return WAITING;
  if (!fitsNode(presentVolume, node)) return outOfReach(presentVolume, node);
  if ((presentVolume.spec.claimRef?.uid ?? '') === '')
    return failed(`ClaimRef got reset for pv "${volumeName}"`);
  return isFullyBound(present) ? BOUND : WAITING;
}

function progressOfProvision(
  claim: PersistentVolumeClaim,
  node: Node,
  objects: WrittenObjects,
): BindingProgress {
  const { namespace, name = '' } = claim.metadata;
  const present = objects.writtenClaim(namespace, name);
  if (present === undefined)
    return failed(`failed to check provisioning pvc: persistentvolumeclaim "${name}" not found`);
  if (isOlder(present, claim)) return WAITING;
  // Who makes volumes takes the annotation away to say that this node will not do.
  if (present.metadata.annotations?.[SELECTED_NODE] !== node.metadata.name)
    return failed(`provisioning failed for PVC "${name}"`);
  const { volumeName = '' } = present.spec;
  if (volumeName !== '') {
    const volume = objects.writtenVolume(volumeName);
    // The news of it is still on the way.
    if (volume === undefined) return WAITING;
    if (!fitsNode(volume, node)) return outOfReach(volume, node);
  }
  return isFullyBound(present) ? BOUND : WAITING;
}

function failed(reason: string): BindingProgress {
  return { state: 'failed', reason };
}

function outOfReach({ metadata }: PersistentVolume, node: Node): BindingProgress {
  const [volume, name] = [metadata.name ?? '', node.metadata.name ?? ''];
  return failed(`pv "${volume}" node affinity doesn't match node "${name}": no matching NodeSelectorTerms`);
}

type Versioned = PersistentVolume | PersistentVolumeClaim;

function isOlder(present: Versioned, written: Versioned): boolean {
  return Number(present.metadata.resourceVersion) < Number(written.metadata.resourceVersion);
}
