/** What a claim's status says of its binding. Pure; returns the claim itself when nothing changes. */

import { deepEqual } from '../../api/meta/equal.ts';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimStatus,
} from '../../api/types.gen.ts';
import { hasAnnotation, PRE_RESIZE_CAPACITY } from '../../api/volume-binding/annotations.ts';

/** Pending or lost: nothing is known of a volume. */
export function withoutVolume(
  claim: PersistentVolumeClaim,
  phase: 'Pending' | 'Lost',
): PersistentVolumeClaim {
  const { accessModes: _modes, capacity: _capacity, ...rest } = claim.status;
  return withStatus(claim, { ...rest, phase });
}

/**
 * Bound. The size is taken over at that moment only: later a file system may be smaller than its volume for a
 * while, on purpose.
 */
export function withVolume(claim: PersistentVolumeClaim, volume: PersistentVolume): PersistentVolumeClaim {
  const { accessModes = [], volumeAttributesClassName } = volume.spec;
  const becomesBound = claim.status.phase !== 'Bound';
  const size = hasAnnotation(volume, PRE_RESIZE_CAPACITY)
    ? claim.spec.resources.requests?.['storage']
    : volume.spec.capacity?.['storage'];
  return withStatus(claim, {
    ...claim.status,
    phase: 'Bound',
    accessModes,
    ...(becomesBound && size !== undefined ? { capacity: { storage: size } } : {}),
    ...(becomesBound && volumeAttributesClassName !== undefined
      ? { currentVolumeAttributesClassName: volumeAttributesClassName }
      : {}),
  });
}

function withStatus(
  claim: PersistentVolumeClaim,
  status: PersistentVolumeClaimStatus,
): PersistentVolumeClaim {
  return deepEqual(status, claim.status) ? claim : { ...claim, status };
}
