/**
 * Claims for pods with generic ephemeral volumes: `<pod>-<volume>`, made from the template in the pod and
 * owned by it, so that they go with it.
 *
 * Invariant: a claim of that name that belongs to somebody else is never taken; the pod then waits, and an
 * event says why.
 */

import { errorText } from '../../base/log.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { objectKey } from '../../api/meta/object.ts';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import {
  MANY_WORKERS,
  type ControllerContext,
  type ControllerDefinition,
  type Enqueue,
  type ReconcileResult,
  type Reconciler,
} from '../../reconcile/controller.ts';
import { CATCH_UP_MS } from '../own-writes/own-writes.ts';
import { BY_CLAIM_USED, indexByClaim } from '../pods-of-claim/pods-of-claim.ts';
import { hasEphemeralVolumes, planEphemeralClaims, type EphemeralClaim } from './plan.ts';

export const ephemeralVolumeController: ControllerDefinition = {
  name: 'ephemeral-volume-controller',
  permissions: [
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['pods/finalizers'], verbs: ['update'] },
    { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['create', 'get', 'list', 'watch'] },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ],
  workers: MANY_WORKERS,
  build: (context, enqueue) => new EphemeralVolumes(context, enqueue),
};

class EphemeralVolumes implements Reconciler {
  readonly #context: ControllerContext;
  readonly #pods: Informer<Pod>;
  readonly #claims: Informer<PersistentVolumeClaim>;

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers } = context;
    this.#context = context;
    indexByClaim(informers);
    this.#pods = informers.of(pods);
    this.#claims = informers.of(persistentVolumeClaims);
    // Volumes of a pod never change, so one look at a new pod is enough.
    this.#pods.subscribe((next, old, key) => {
      if (next !== undefined && next.metadata.uid !== old?.metadata.uid && hasEphemeralVolumes(next))
        enqueue(key);
    });
    this.#claims.subscribe((next, _old, key) => {
      if (next !== undefined) return;
      for (const pod of this.#pods.byIndex(BY_CLAIM_USED, key))
        if (hasEphemeralVolumes(pod)) enqueue(objectKey(pod));
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const pod = this.#pods.getByKey(key);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return {};
    const { namespace = '' } = pod.metadata;
    const find = (name: string): PersistentVolumeClaim | undefined => this.#claims.get(namespace, name);
    const plans = planEphemeralClaims(pod, find);
    for (const plan of plans) {
      if (plan.type === 'conflict') this.#fail(pod, plan.volume, plan.message);
      await this.#create(pod, plan);
    }
    // Until the cache shows them: what goes again while a stream is broken is never heard of.
    return plans.length === 0 ? {} : { requeueAfterMs: CATCH_UP_MS };
  }

  async #create(
    pod: Pod,
    { volume, name, claim }: EphemeralClaim & { readonly type: 'create' },
  ): Promise<void> {
    try {
      await this.#context.client.create(persistentVolumeClaims, claim);
    } catch (error) {
      // The cache lags: whose claim it is shows at the next look.
      if (isApiError(error, 'AlreadyExists')) throw error;
      this.#fail(pod, volume, `create PVC ${name}: ${errorText(error)}`, error);
    }
  }

  #fail(pod: Pod, volume: string, message: string, cause?: unknown): never {
    const text = `ephemeral volume ${volume}: ${message}`;
    this.#context.events.record(pod, 'Warning', 'FailedBinding', text);
    throw new Error(`pod ${objectKey(pod)}, ${text}`, { cause });
  }
}
