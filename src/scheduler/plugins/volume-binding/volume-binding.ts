/**
 * VolumeBinding: the pod's claims have volumes that can be reached from the node, or get them with the node.
 *
 * Claims of classes that wait for their first consumer are bound here: a volume that exists is given to the
 * claim, or the claim says for which node one is to be made. Both are assumed with the decision, so that the
 * next pod does not get the same volume, and written before the pod is bound.
 */

import { csiDrivers } from '../../../api/groups/storage/csi-driver/csi-driver.ts';
import { csiNodes } from '../../../api/groups/storage/csi-node/csi-node.ts';
import { csiStorageCapacities } from '../../../api/groups/storage/csi-storage-capacity/csi-storage-capacity.ts';
import { storageClasses } from '../../../api/groups/storage/storage-class/storage-class.ts';
import { persistentVolumeClaims } from '../../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../../api/groups/core/persistent-volume/persistent-volume.ts';
import { compareQuantities } from '../../../api/quantity/quantity.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../api/types.gen.ts';
import { isBoundTo, isFullyBound, requestedStorage } from '../../../api/volume-binding/matching.ts';
import { storageClassOf, waitsForConsumer } from '../../../api/volume-binding/storage-class.ts';
import type { Preparation, Refusal, SchedulerPlugin } from '../../framework.ts';
import { claimsOf, ownershipProblem } from '../../../api/volume-binding/pod-claims.ts';
import type { AssumedVolumes, VolumeBinder } from '../../volumes/volume-binder.ts';
import type { VolumeCatalog } from '../../volumes/volume-catalog.ts';
import { findVolumes, NO_VOLUME, type PodVolumes, type WaitingClaim } from './find-volumes.ts';
import { wakesVolumeBinding } from './waking.ts';

interface State {
  readonly volumes: PodVolumes;
  /** From reserve on. */
  assumed: AssumedVolumes | undefined;
}

export interface VolumeBindingArgs {
  /** How long a pod waits for its volumes before it is given another node. */
  readonly bindTimeoutSeconds: number;
}

const DEFAULT_ARGS: VolumeBindingArgs = { bindTimeoutSeconds: 600 };

export function volumeBinding(
  catalog: VolumeCatalog,
  binder: VolumeBinder,
  { bindTimeoutSeconds }: VolumeBindingArgs = DEFAULT_ARGS,
): SchedulerPlugin<State> {
  return {
    name: 'VolumeBinding',
    watches: [
      persistentVolumeClaims,
      persistentVolumes,
      storageClasses,
      csiNodes,
      csiDrivers,
      csiStorageCapacities,
    ],
    wakesOn: (event, pod) => wakesVolumeBinding(event, pod, catalog),
    prepare: (pod) => prepare(pod, catalog),
    filter: ({ volumes }, _pod, { node }) => {
      const found = findVolumes(volumes, node, catalog);
      return 'bindings' in found ? undefined : found;
    },
    reserve: (state, _pod, { node, name }) => {
      if (state.volumes.waiting.length === 0) return undefined;
      const found = findVolumes(state.volumes, node, catalog);
      if (!('bindings' in found)) return found[0] ?? NO_VOLUME;
      state.assumed = binder.assume(found, name);
      return undefined;
    },
    unreserve: (state) => {
      if (state.assumed !== undefined) binder.forget(state.assumed);
      state.assumed = undefined;
    },
    preBind: async ({ assumed }, pod, nodeName, signal) => {
      if (assumed !== undefined)
        await binder.bind({ pod, nodeName, timeoutMs: bindTimeoutSeconds * 1000 }, assumed, signal);
    },
  };
}

const NO_VOLUMES: PodVolumes = { bound: [], waiting: [] };

function prepare(pod: Pod, catalog: VolumeCatalog): Preparation<State> {
  const named = claimsOf(pod);
  if (named.length === 0) return { state: { volumes: NO_VOLUMES, assumed: undefined }, filters: false };
  const claims: PersistentVolumeClaim[] = [];
  for (const { name, isEphemeral } of named) {
    const claim = catalog.claim(pod.metadata.namespace, name);
    const problem = problemOf(pod, name, claim, isEphemeral);
    if (problem !== undefined) return { refusal: unresolvable(problem) };
    if (claim !== undefined) claims.push(claim);
  }
  const bound = claims.filter(isFullyBound);
  const unbound = claims.filter((claim) => !isFullyBound(claim));
  if (!unbound.every((claim) => isChosenWithNode(claim, catalog)))
    return { refusal: unresolvable('pod has unbound immediate PersistentVolumeClaims') };
  const volumes = {
    bound: bound.map(({ spec }) => catalog.volume(spec.volumeName ?? '')),
    waiting: unbound
      .toSorted((a, b) => compareQuantities(requestedStorage(a), requestedStorage(b)))
      .map((claim) => waitingClaim(claim, catalog)),
  };
  return { state: { volumes, assumed: undefined } };
}

function unresolvable(reason: string): Refusal {
  return { reason, resolvable: false };
}

function problemOf(
  pod: Pod,
  name: string,
  claim: PersistentVolumeClaim | undefined,
  isEphemeral: boolean,
): string | undefined {
  if (claim === undefined)
    return isEphemeral
      ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
      : `persistentvolumeclaim "${name}" not found`;
  if (claim.status.phase === 'Lost')
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`;
  if (claim.metadata.deletionTimestamp !== undefined)
    return `persistentvolumeclaim "${name}" is being deleted`;
  return isEphemeral ? ownershipProblem(pod, claim) : undefined;
}

/** Claims that name their volume, and those of all other classes, are bound without the scheduler. */
function isChosenWithNode(claim: PersistentVolumeClaim, catalog: VolumeCatalog): boolean {
  return (
    (claim.spec.volumeName ?? '') === '' && waitsForConsumer(catalog.storageClass(storageClassOf(claim)))
  );
}

function waitingClaim(claim: PersistentVolumeClaim, catalog: VolumeCatalog): WaitingClaim {
  const mayBeHers = (volume: PersistentVolume): boolean =>
    volume.spec.claimRef === undefined || isBoundTo(volume, claim);
  return { claim, candidates: catalog.volumesOfClass(storageClassOf(claim)).filter(mayBeHers) };
}
