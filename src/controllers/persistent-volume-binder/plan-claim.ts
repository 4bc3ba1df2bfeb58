/**
 * What to do about a claim. Pure; upstream's `syncUnboundClaim` and `syncBoundClaim`.
 *
 * A claim counts as bound when it carries the mark of a complete binding; until then every step can be taken
 * again. What was bound once and has lost its volume is lost for good: another volume has other data.
 */

import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/types.gen.ts';
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  hasAnnotation,
  SELECTED_NODE,
} from '../../api/volume-binding/annotations.ts';
import { findMatchingVolume, isBoundTo, mismatchOf } from '../../api/volume-binding/matching.ts';
import { saysClass, storageClassOf, waitsForConsumer } from '../../api/volume-binding/storage-class.ts';
import type { Statement } from '../said-once/said-once.ts';

export interface ClaimView {
  readonly claim: PersistentVolumeClaim;
  /** The class that the claim names, if there is one of that name. */
  readonly storageClass: StorageClass | undefined;
  /** What claims without a word about their class get. */
  readonly defaultClass: StorageClass | undefined;
  /** The volume that the claim names, if there is one of that name. */
  readonly named: PersistentVolume | undefined;
  /** Volumes that refer to the claim, and free ones of its class; others do no harm. */
  readonly candidates: readonly PersistentVolume[];
  /** Names of pods that use the claim and have no node yet. */
  readonly waitingPods: readonly string[];
}

export type ClaimPlan =
  | { readonly type: 'bind'; readonly volume: PersistentVolume }
  | { readonly type: 'assign-class'; readonly className: string }
  /** Somebody else makes the volume, and reads in the claim that it is up to them. */
  | { readonly type: 'request'; readonly provisioner: string; readonly event: Statement }
  | { readonly type: 'pending'; readonly event?: Statement }
  | { readonly type: 'lost'; readonly event: Statement };

/** Provisioners with this prefix were part of Kubernetes once; none is left. */
const IN_TREE = 'kubernetes.io/';

export function planClaim(view: ClaimView): ClaimPlan {
  return hasAnnotation(view.claim, BIND_COMPLETED) ? planBound(view) : planUnbound(view);
}

function planBound({ claim, named }: ClaimView): ClaimPlan {
  if ((claim.spec.volumeName ?? '') === '')
    return lost(
      'ClaimLost',
      'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!',
    );
  if (named === undefined)
    return lost('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
  const { claimRef } = named.spec;
  if (claimRef === undefined || claimRef.uid === claim.metadata.uid) return { type: 'bind', volume: named };
  const message = 'Two claims are bound to the same volume, this one is bound incorrectly';
  return lost('ClaimMisbound', message);
}

function planUnbound(view: ClaimView): ClaimPlan {
  const { claim, candidates, storageClass, defaultClass } = view;
  if ((claim.spec.volumeName ?? '') !== '') return planNamed(view);
  const delayBinding = waitsForConsumer(storageClass);
  const volume = findMatchingVolume(claim, candidates, { delayBinding });
  if (volume !== undefined) return { type: 'bind', volume };
  if (!saysClass(claim) && defaultClass !== undefined)
    return { type: 'assign-class', className: defaultClass.metadata.name ?? '' };
  if (delayBinding && !hasAnnotation(claim, SELECTED_NODE)) return planWaiting(view);
  return planProvisioning(view);
}

function planNamed({ claim, named }: ClaimView): ClaimPlan {
  if (named === undefined) return { type: 'pending' };
  const { name = '' } = named.metadata;
  if (named.spec.claimRef === undefined) {
    const mismatch = mismatchOf(named, claim);
    if (mismatch === undefined) return { type: 'bind', volume: named };
    return pending('Warning', 'VolumeMismatch', `Cannot bind to requested volume "${name}": ${mismatch}`);
  }
  if (isBoundTo(named, claim)) return { type: 'bind', volume: named };
  const { claimRef } = named.spec;
  const other = `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`;
  const message = hasAnnotation(claim, BOUND_BY_CONTROLLER)
    ? `volume "${name}" already bound to a different claim "${other}" by controller, THIS SHOULD NEVER HAPPEN`
    : `volume "${name}" already bound to a different claim.`;
  return pending('Warning', 'FailedBinding', message);
}

function planWaiting({ waitingPods }: ClaimView): ClaimPlan {
  const [first] = waitingPods;
  if (first === undefined) {
    const message = 'waiting for first consumer to be created before binding';
    return pending('Normal', 'WaitForFirstConsumer', message);
  }
  const who = waitingPods.length > 1 ? `pods ${waitingPods.join(',')}` : `pod ${first}`;
  return pending('Normal', 'WaitForPodScheduled', `waiting for ${who} to be scheduled`);
}

function planProvisioning({ claim, storageClass }: ClaimView): ClaimPlan {
  const className = storageClassOf(claim);
  if (className === '') {
    const message = 'no persistent volumes available for this claim and no storage class is set';
    return pending('Normal', 'FailedBinding', message);
  }
  if (storageClass === undefined)
    return pending('Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${className}" not found`);
  const { provisioner } = storageClass;
  if (provisioner.startsWith(IN_TREE))
    return pending('Warning', 'ProvisioningFailed', `no volume plugin matched name: ${provisioner}`);
  const message =
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by ` +
    'the system administrator. If volume creation is delayed, please verify that the provisioner is running ' +
    'and correctly registered.';
  return { type: 'request', provisioner, event: { type: 'Normal', reason: 'ExternalProvisioning', message } };
}

function pending(type: Statement['type'], reason: string, message: string): ClaimPlan {
  return { type: 'pending', event: { type, reason, message } };
}

function lost(reason: string, message: string): ClaimPlan {
  return { type: 'lost', event: { type: 'Warning', reason, message } };
}
