/**
 * The ReplicaSet controller: keeps `spec.replicas` active pods that match the selector.
 *
 * Inputs: ReplicaSets and pods from the informers. Outputs: pods created and deleted, matching orphans
 * adopted, pods that stopped matching released, status, events. Invariant: no decision on a cache that lags
 * behind this controller's own pod writes (`own-writes/`), so a slow cache never leads to a pod too many.
 */

import { errorText } from '../../base/log.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { objectKey } from '../../api/meta/object.ts';
import { fromLabelSelector, matches, type Selector } from '../../api/labels/selector.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { replicaSets } from '../../api/groups/apps/replica-set/replica-set.ts';
import type { Pod, ReplicaSet } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  ReconcileResult,
  Reconciler,
} from '../../reconcile/controller.ts';
import { CATCH_UP_MS, OwnWrites } from '../own-writes/own-writes.ts';
import {
  applyClaims,
  BY_CONTROLLER,
  controllerOf,
  controllerReference,
  indexByController,
  orphansOf,
  ownerKey,
  planClaims,
} from '../ownership/ownership.ts';
import { PodControl } from '../pod-control/pod-control.ts';
import { isPodActive, isPodTerminating, nextAvailabilityMs } from '../pod-state/pod-state.ts';
import { podFromTemplate } from '../pod-template/pod-template.ts';
import { slowStart } from '../slow-start/slow-start.ts';
import { planReplicas, planStatus, sameStatus, type ReplicaPlan, type SetState } from './plan.ts';

export const replicaSetController: ControllerDefinition = {
  name: 'replicaset-controller',
  permissions: [
    {
      apiGroups: ['apps'],
      resources: ['replicasets'],
      verbs: ['get', 'list', 'watch', 'update'],
    },
    { apiGroups: ['apps'], resources: ['replicasets/status', 'replicasets/finalizers'], verbs: ['update'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['create', 'delete', 'get', 'list', 'patch', 'watch'] },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ],
  workers: 5,
  build: (context, enqueue) => new ReplicaSetReconciler(context, enqueue),
};

class ReplicaSetReconciler implements Reconciler {
  readonly #context: ControllerContext;
  readonly #sets: Informer<ReplicaSet>;
  readonly #pods: Informer<Pod>;
  readonly #ownWrites: OwnWrites<Pod>;
  readonly #podControl: PodControl;
  readonly #ownStatus: OwnWrites<ReplicaSet>;

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers, clock } = context;
    this.#context = context;
    indexByController(informers, pods);
    indexByController(informers, replicaSets);
    this.#sets = informers.of(replicaSets);
    this.#pods = informers.of(pods);
    this.#ownWrites = new OwnWrites(this.#pods, clock);
    this.#podControl = new PodControl(context, this.#ownWrites);
    this.#ownStatus = new OwnWrites(this.#sets, clock);
    this.#sets.subscribe((_next, _old, key) => enqueue(key));
    this.#pods.subscribe((next, old) => {
      const key = ownerKey(next, replicaSets);
      const formerKey = ownerKey(old, replicaSets);
      if (key !== undefined) enqueue(key);
      if (formerKey !== undefined && formerKey !== key) enqueue(formerKey);
      if (next !== undefined && controllerOf(next) === undefined) this.#offerOrphan(next, enqueue);
    });
  }

  #offerOrphan({ metadata }: Pod, enqueue: Enqueue): void {
    for (const set of this.#sets.list(metadata.namespace)) {
      const selector = fromLabelSelector(set.spec.selector);
      if (selector !== undefined && matches(selector, metadata.labels)) enqueue(objectKey(set));
    }
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const set = this.#sets.getByKey(key);
    if (set === undefined) {
      this.#ownWrites.forget(key);
      this.#ownStatus.forget(key);
      return {};
    }
    if (!this.#ownWrites.caughtUp(key) || !this.#ownStatus.caughtUp(key))
      return { requeueAfterMs: CATCH_UP_MS };
    const selector = fromLabelSelector(set.spec.selector);
    if (selector === undefined) return {};
    const { active, terminating } = await this.#claim(key, set, selector);
    const nowMs = this.#context.clock.now();
    const plan = planReplicas(set, active, () => this.#related(set), nowMs);
    const { failure, error } = await this.#apply(key, set, plan);
    await this.#writeStatus(key, set, { active, terminating, failure });
    if (error !== undefined) throw error;
    const requeueAfterMs = nextAvailabilityMs(active, set.spec.minReadySeconds ?? 0, nowMs);
    return requeueAfterMs === undefined ? {} : { requeueAfterMs };
  }

  async #claim(
    key: string,
    set: ReplicaSet,
    selector: Selector,
  ): Promise<{ readonly active: readonly Pod[]; readonly terminating: number }> {
    const { uid = '', namespace = '' } = set.metadata;
    const own = this.#pods.byIndex(BY_CONTROLLER, uid);
    const candidates = [...own, ...this.#pods.byIndex(BY_CONTROLLER, orphansOf(namespace))].filter(
      isPodActive,
    );
    const claims = planClaims(set, selector, candidates);
    const active = await applyClaims(this.#context.client, claims, pods, set, replicaSets, (written) =>
      this.#ownWrites.wrote(key, written),
    );
    const terminating = own.filter((pod) => isPodTerminating(pod) && matches(selector, pod.metadata.labels));
    return { active, terminating: terminating.length };
  }

  /** The active pods of all sets with the same owner (of this set alone when it has none). */
  #related(set: ReplicaSet): readonly Pod[] {
    const owner = controllerOf(set);
    const sets = owner === undefined ? [set] : this.#sets.byIndex(BY_CONTROLLER, owner.uid);
    return sets
      .flatMap(({ metadata }) => this.#pods.byIndex(BY_CONTROLLER, metadata.uid ?? ''))
      .filter(isPodActive);
  }

  async #apply(
    key: string,
    set: ReplicaSet,
    plan: ReplicaPlan,
  ): Promise<{ readonly failure: SetState['failure']; readonly error?: unknown }> {
    switch (plan.type) {
      case 'keep':
        return { failure: undefined };
      case 'create': {
        const owner = controllerReference(replicaSets, set);
        const pod = podFromTemplate(set.spec.template, set.metadata.namespace ?? '', owner);
        const { error } = await slowStart(plan.count, () => this.#podControl.create(key, set, pod));
        if (error === undefined) return { failure: undefined };
        return { failure: { reason: 'FailedCreate', message: errorText(error) }, error };
      }
      case 'delete': {
        const results = await Promise.allSettled(
          plan.pods.map((pod) => this.#podControl.delete(key, set, pod)),
        );
        const failed = results.find((result) => result.status === 'rejected');
        if (failed === undefined) return { failure: undefined };
        const error: unknown = failed.reason;
        return { failure: { reason: 'FailedDelete', message: errorText(error) }, error };
      }
    }
  }

  async #writeStatus(key: string, set: ReplicaSet, state: SetState): Promise<void> {
    const { client, clock } = this.#context;
    const status = planStatus(set, state, clock.now());
    if (sameStatus(status, set.status)) return;
    try {
      const written = await client.update(replicaSets, { ...set, status }, { subresource: 'status' });
      this.#ownStatus.wrote(key, written);
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
  }
}
