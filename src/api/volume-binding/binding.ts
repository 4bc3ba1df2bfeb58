/**
 * What a binding looks like in the two objects. Pure; binder and scheduler write the same. Each function
 * returns its argument itself when there is nothing to change.
 *
 * The volume is written first: from then on nobody else can get it, and whoever finds the half-done binding
 * can complete it.
 */

import type { PersistentVolume, PersistentVolumeClaim } from '../types.gen.ts';
import { BIND_COMPLETED, BOUND_BY_CONTROLLER, hasAnnotation, YES } from './annotations.ts';
import { isBoundTo } from './matching.ts';

/** The volume, referring to the claim. */
export function boundVolume(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const { claimRef } = volume.spec;
  const isComplete = isBoundTo(volume, claim) && claimRef?.uid === uid;
  const base = isBoundTo(volume, claim) ? volume : marked(volume, BOUND_BY_CONTROLLER);
  if (isComplete) return base;
  return {
    ...base,
    spec: {
      ...base.spec,
      claimRef: {
        kind: 'PersistentVolumeClaim',
        apiVersion: 'v1',
        ...(namespace === undefined ? {} : { namespace }),
        ...(name === undefined ? {} : { name }),
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
    },
  };
}

/** The claim, referring to the volume, with the mark that its binding is complete. */
export function boundClaim(claim: PersistentVolumeClaim, volume: PersistentVolume): PersistentVolumeClaim {
  const { name = '' } = volume.metadata;
  if (claim.spec.volumeName === name) return marked(claim, BIND_COMPLETED);
  const named = { ...claim, spec: { ...claim.spec, volumeName: name } };
  return marked(marked(named, BOUND_BY_CONTROLLER), BIND_COMPLETED);
}

/**
 * The volume without its claim: free again when a machine had given it away, else still reserved for a claim
 * of that name.
 */
export function unboundVolume(volume: PersistentVolume): PersistentVolume {
  const { claimRef, ...spec } = volume.spec;
  if (claimRef === undefined) return volume;
  if (hasAnnotation(volume, BOUND_BY_CONTROLLER)) {
    const { [BOUND_BY_CONTROLLER]: _mark, ...annotations } = volume.metadata.annotations ?? {};
    return { ...volume, metadata: { ...volume.metadata, annotations }, spec };
  }
  const { uid: _uid, ...reserved } = claimRef;
  return { ...volume, spec: { ...volume.spec, claimRef: reserved } };
}

/** The object with an annotation whose value does not matter. */
function marked<T extends PersistentVolume | PersistentVolumeClaim>(object: T, name: string): T {
  return hasAnnotation(object, name) ? object : annotated(object, name, YES);
}

export function annotated<T extends PersistentVolume | PersistentVolumeClaim>(
  object: T,
  name: string,
  value: string,
): T {
  if (object.metadata.annotations?.[name] === value) return object;
  const annotations = { ...object.metadata.annotations, [name]: value };
  return { ...object, metadata: { ...object.metadata, annotations } };
}
