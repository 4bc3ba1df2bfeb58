/** What to do about a volume. Pure; upstream's `syncVolume` and `reclaimVolume`. */

import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types.gen.ts';
import { hasAnnotation, MIGRATED_TO, PROVISIONED_BY } from '../../api/volume-binding/annotations.ts';
import { sameVolumeMode } from '../../api/volume-binding/matching.ts';

export type VolumePlan =
  | { readonly type: 'phase'; readonly phase: 'Available' | 'Bound' }
  /** The claim has to be looked at; binding is done from there. */
  | { readonly type: 'leave-to-claim' }
  /** They refer to each other, but will never come together. */
  | { readonly type: 'mismatch'; readonly ofVolume: string; readonly ofClaim: string }
  | { readonly type: 'unbind' }
  /** Nobody has it any more. */
  | { readonly type: 'release'; readonly failure?: Failure };

export interface Failure {
  readonly reason: 'VolumeFailedRecycle' | 'VolumeFailedDelete' | 'VolumeUnknownReclaimPolicy';
  readonly message: string;
}

/** `claim`: what the volume refers to, by name and uid; undefined when that is certainly gone. */
export function planVolume(volume: PersistentVolume, claim: PersistentVolumeClaim | undefined): VolumePlan {
  const { claimRef } = volume.spec;
  // Free, or reserved for a claim that is to come.
  if (claimRef === undefined || (claimRef.uid ?? '') === '') return { type: 'phase', phase: 'Available' };
  if (claim === undefined) return planRelease(volume);
  const { volumeName = '' } = claim.spec;
  if (volumeName === volume.metadata.name) return { type: 'phase', phase: 'Bound' };
  if (volumeName !== '') {
    // The claim has another volume. One that was made for it is of no use to anybody else.
    const isMadeForIt = hasAnnotation(volume, PROVISIONED_BY) && reclaimPolicyOf(volume) === 'Delete';
    return isMadeForIt ? planRelease(volume) : { type: 'unbind' };
  }
  if (sameVolumeMode(volume, claim)) return { type: 'leave-to-claim' };
  const [of, why] = ['Cannot bind', 'due to incompatible volumeMode.'];
  return {
    type: 'mismatch',
    ofVolume: `${of} PersistentVolume to requested PersistentVolumeClaim "${claim.metadata.name ?? ''}" ${why}`,
    ofClaim: `${of} PersistentVolume "${volume.metadata.name ?? ''}" to requested PersistentVolumeClaim ${why}`,
  };
}

function planRelease(volume: PersistentVolume): VolumePlan {
  const failure = failureOf(volume);
  return failure === undefined ? { type: 'release' } : { type: 'release', failure };
}

function reclaimPolicyOf({ spec }: PersistentVolume): 'Retain' | 'Recycle' | 'Delete' {
  return spec.persistentVolumeReclaimPolicy ?? 'Retain';
}

/** Why the volume cannot be disposed of as its policy says; undefined when there is nothing to do here. */
function failureOf(volume: PersistentVolume): Failure | undefined {
  if (hasAnnotation(volume, MIGRATED_TO)) return undefined;
  switch (reclaimPolicyOf(volume)) {
    case 'Retain':
      return undefined;
    case 'Recycle':
      return { reason: 'VolumeFailedRecycle', message: 'No recycler plugin found for the volume!' };
    case 'Delete': {
      const provisioner = volume.metadata.annotations?.[PROVISIONED_BY];
      // Who made it deletes it: CSI's provisioner, or ours.
      if (provisioner !== undefined && !provisioner.startsWith('kubernetes.io/')) return undefined;
      const message =
        provisioner === undefined
          ? `error getting deleter volume plugin for volume "${volume.metadata.name ?? ''}": no deletable volume plugin matched`
          : `no volume plugin matched name: ${provisioner}`;
      return { reason: 'VolumeFailedDelete', message };
    }
  }
}
