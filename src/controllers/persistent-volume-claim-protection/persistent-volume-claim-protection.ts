/**
 * Keeps claims that pods use: a deleted claim goes only when its last pod is gone.
 *
 * Invariant: the finalizer comes off only after the server itself, and not just a cache, showed no such pod.
 */

import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/types.gen.ts';
import { CLAIM_PROTECTION } from '../../api/volume-binding/annotations.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  ReconcileResult,
  Reconciler,
} from '../../reconcile/controller.ts';
import { isPodFinished } from '../pod-state/pod-state.ts';
import { BY_CLAIM_USED, claimKeysOf, indexByClaim } from '../pods-of-claim/pods-of-claim.ts';
import { planProtection, withFinalizer, withoutFinalizer } from '../protection/protection.ts';
import { usesClaim } from './claim-use.ts';

export const persistentVolumeClaimProtection: ControllerDefinition = {
  name: 'pvc-protection-controller',
  permissions: [
    { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['get', 'list', 'update', 'watch'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
  ],
  build: (context, enqueue) => new ClaimProtection(context, enqueue),
};

class ClaimProtection implements Reconciler {
  readonly #context: ControllerContext;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #pods: Informer<Pod>;

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers } = context;
    this.#context = context;
    indexByClaim(informers);
    this.#claims = informers.of(persistentVolumeClaims);
    this.#pods = informers.of(pods);
    this.#claims.subscribe((next, _old, key) => {
      if (next !== undefined && planProtection(next, CLAIM_PROTECTION) !== 'leave') enqueue(key);
    });
    this.#pods.subscribe((next, old) => {
      const isReplaced = old !== undefined && next?.metadata.uid !== old.metadata.uid;
      if (isReplaced) claimKeysOf(old).forEach((key) => enqueue(key));
      if (next !== undefined && mayLetGo(next)) claimKeysOf(next).forEach((key) => enqueue(key));
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const { client } = this.#context;
    const claim = this.#claims.getByKey(key);
    if (claim === undefined) return {};
    switch (planProtection(claim, CLAIM_PROTECTION)) {
      case 'leave':
        return {};
      case 'add':
        await client.update(persistentVolumeClaims, withFinalizer(claim, CLAIM_PROTECTION));
        return {};
      case 'release':
        if (!(await this.#isUsed(key, claim)))
          await client.update(persistentVolumeClaims, withoutFinalizer(claim, CLAIM_PROTECTION));
        return {};
    }
  }

  async #isUsed(key: string, claim: PersistentVolumeClaim): Promise<boolean> {
    if (this.#pods.byIndex(BY_CLAIM_USED, key).some((pod) => usesClaim(pod, claim))) return true;
    const { namespace = '' } = claim.metadata;
    const { items } = await this.#context.client.list(pods, { namespace });
    return items.some((pod) => usesClaim(pod, claim));
  }
}

/** Pods at work on a node hold their claims in any case. */
function mayLetGo(pod: Pod): boolean {
  const isLeaving = pod.metadata.deletionTimestamp !== undefined;
  return isPodFinished(pod) || isLeaving || (pod.spec.nodeName ?? '') === '';
}
