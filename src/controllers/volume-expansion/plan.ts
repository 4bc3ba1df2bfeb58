/** What to say about a claim that asks for more than it has. Pure. */

import { compareQuantities, quantityOf, ZERO_QUANTITY } from '../../api/quantity/quantity.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types.gen.ts';
import { hasAnnotation, MIGRATED_TO, PRE_RESIZE_CAPACITY } from '../../api/volume-binding/annotations.ts';
import { requestedStorage } from '../../api/volume-binding/matching.ts';
import type { Statement } from '../said-once/said-once.ts';

export type ExpansionPlan =
  | { readonly type: 'nothing' }
  | { readonly type: 'say'; readonly event: Statement }
  /** The driver that took over from a plugin of Kubernetes has to be told. */
  | { readonly type: 'mark'; readonly resizer: string; readonly event: Statement };

export function isExpansionWanted(claim: PersistentVolumeClaim): boolean {
  const { phase, capacity } = claim.status;
  const size = capacity?.['storage'];
  const has = size === undefined ? ZERO_QUANTITY : quantityOf(size);
  return phase === 'Bound' && compareQuantities(requestedStorage(claim), has) > 0;
}

export function planExpansion(
  claim: PersistentVolumeClaim,
  volume: PersistentVolume | undefined,
): ExpansionPlan {
  if (volume === undefined || claim.status.phase !== 'Bound') return { type: 'nothing' };
  if (volume.spec.claimRef?.uid !== claim.metadata.uid) return { type: 'nothing' };
  if (!isExpansionWanted(claim) && !hasAnnotation(volume, PRE_RESIZE_CAPACITY)) return { type: 'nothing' };
  const reason = 'ExternalExpanding';
  const resizer = volume.metadata.annotations?.[MIGRATED_TO];
  if (resizer !== undefined) {
    const message = `CSI migration enabled for ${resizer}; waiting for external resizer to expand the pvc`;
    return { type: 'mark', resizer, event: { type: 'Normal', reason, message } };
  }
  // A driver of CSI brings its own controller for this; of other kinds it is not known whether there is one.
  const type = volume.spec.csi === undefined ? 'Warning' : 'Normal';
  const message = 'waiting for an external controller to expand this PVC';
  return { type: 'say', event: { type, reason, message } };
}
