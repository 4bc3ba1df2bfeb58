/**
 * Keeps `spec.replicas` active pods that match a selector, for every kind that is made of no more than that:
 * ReplicaSets and ReplicationControllers.
 *
 * Inputs: the owners and pods from the informers. Outputs: pods created and deleted, matching orphans
 * adopted, pods that stopped matching released, status, events. Invariant: no decision on a cache that lags
 * behind this controller's own pod writes (`own-writes/`), so a slow cache never leads to a pod too many.
 */

import { errorText } from '../../base/log.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { objectKey, type ResourceType } from '../../api/meta/object.ts';
import { matches, type Selector } from '../../api/labels/selector.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Pod, PodTemplateSpec } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import {
  MANY_WORKERS,
  type ControllerContext,
  type ControllerDefinition,
  type Enqueue,
  type ReconcileResult,
  type Reconciler,
} from '../../reconcile/controller.ts';
import { CATCH_UP_MS, OwnWrites } from '../own-writes/own-writes.ts';
import {
  applyClaims,
  BY_CONTROLLER,
  controllerOf,
  controllerReference,
  indexByController,
  orphansOf,
  planClaims,
  refersTo,
} from '../ownership/ownership.ts';
import { PodControl } from '../pod-control/pod-control.ts';
import { isPodActive, isPodTerminating, nextAvailabilityMs } from '../pod-state/pod-state.ts';
import { podFromTemplate } from '../pod-template/pod-template.ts';
import { slowStart } from '../slow-start/slow-start.ts';
import {
  planReplicas,
  planStatus,
  sameStatus,
  type ReplicaOwner,
  type ReplicaPlan,
  type ReplicaState,
} from './plan.ts';

/** What tells the kinds apart. */
export interface ReplicaKind<T extends ReplicaOwner> {
  readonly type: ResourceType<T>;
  selector(owner: T): Selector | undefined;
  template(owner: T): PodTemplateSpec | undefined;
  /** Whether its status has `terminatingReplicas`. */
  readonly countsTerminating: boolean;
}

/** The definition of the kind's controller; its permissions are those that every such kind needs. */
export function replicaController<T extends ReplicaOwner>(
  name: string,
  kind: ReplicaKind<T>,
): ControllerDefinition {
  const { group, plural } = kind.type;
  return {
    name,
    permissions: [
      { apiGroups: [group], resources: [plural], verbs: ['get', 'list', 'watch', 'update'] },
      { apiGroups: [group], resources: [`${plural}/status`, `${plural}/finalizers`], verbs: ['update'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['create', 'delete', 'list', 'patch', 'watch'] },
      { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
    ],
    workers: MANY_WORKERS,
    build: (context, enqueue) => new ReplicaReconciler(context, enqueue, kind),
  };
}

class ReplicaReconciler<T extends ReplicaOwner> implements Reconciler {
  readonly #context: ControllerContext;
  readonly #kind: ReplicaKind<T>;
  readonly #owners: Informer<T>;
  readonly #pods: Informer<Pod>;
  readonly #ownWrites: OwnWrites<Pod>;
  readonly #podControl: PodControl;
  readonly #ownStatus: OwnWrites<T>;

  constructor(context: ControllerContext, enqueue: Enqueue, kind: ReplicaKind<T>) {
    const { informers, clock } = context;
    this.#context = context;
    this.#kind = kind;
    indexByController(informers, pods);
    indexByController(informers, kind.type);
    this.#owners = informers.of(kind.type);
    this.#pods = informers.of(pods);
    this.#ownWrites = new OwnWrites(this.#pods, clock, enqueue);
    this.#podControl = new PodControl(context, this.#ownWrites);
    this.#ownStatus = new OwnWrites(this.#owners, clock);
    this.#owners.subscribe((_next, _old, key) => enqueue(key));
    this.#pods.subscribe((next, old) => {
      const key = this.#ownerKey(next);
      const formerKey = this.#ownerKey(old);
      if (key !== undefined) enqueue(key);
      if (formerKey !== undefined && formerKey !== key) enqueue(formerKey);
      if (next !== undefined && controllerOf(next) === undefined) this.#offerOrphan(next, enqueue);
    });
  }

  #offerOrphan({ metadata }: Pod, enqueue: Enqueue): void {
    for (const owner of this.#owners.list(metadata.namespace)) {
      const selector = this.#kind.selector(owner);
      if (selector !== undefined && matches(selector, metadata.labels)) enqueue(objectKey(owner));
    }
  }

  #ownerKey(pod: Pod | undefined): string | undefined {
    const owner = pod === undefined ? undefined : controllerOf(pod);
    if (owner === undefined || !refersTo(owner, this.#kind.type)) return undefined;
    return `${pod?.metadata.namespace ?? ''}/${owner.name}`;
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const owner = this.#owners.getByKey(key);
    if (owner === undefined) {
      this.#ownWrites.forget(key);
      this.#ownStatus.forget(key);
      return {};
    }
    if (!this.#ownWrites.caughtUp(key) || !this.#ownStatus.caughtUp(key))
      return { requeueAfterMs: CATCH_UP_MS };
    const selector = this.#kind.selector(owner);
    const template = this.#kind.template(owner);
    if (selector === undefined || template === undefined) return {};
    const { active, terminating } = await this.#claim(key, owner, selector);
    const nowMs = this.#context.clock.now();
    const plan = planReplicas(owner, active, () => this.#related(owner), nowMs);
    const { failure, error } = await this.#apply(key, owner, template, plan);
    const counted = this.#kind.countsTerminating ? { terminating } : {};
    const labels = template.metadata.labels ?? {};
    await this.#writeStatus(key, owner, { active, labels, failure, ...counted });
    if (error !== undefined) throw error;
    const requeueAfterMs = nextAvailabilityMs(active, owner.spec.minReadySeconds ?? 0, nowMs);
    return requeueAfterMs === undefined ? {} : { requeueAfterMs };
  }

  async #claim(
    key: string,
    owner: T,
    selector: Selector,
  ): Promise<{ readonly active: readonly Pod[]; readonly terminating: number }> {
    const { uid = '', namespace = '' } = owner.metadata;
    const own = this.#pods.byIndex(BY_CONTROLLER, uid);
    const candidates = [...own, ...this.#pods.byIndex(BY_CONTROLLER, orphansOf(namespace))].filter(
      isPodActive,
    );
    const claims = planClaims(owner, selector, candidates);
    const active = await applyClaims(this.#context.client, claims, pods, owner, this.#kind.type, (written) =>
      this.#ownWrites.wrote(key, written),
    );
    const terminating = own.filter((pod) => isPodTerminating(pod) && matches(selector, pod.metadata.labels));
    return { active, terminating: terminating.length };
  }

  /** The active pods of all that have the same owner as this one (of this one alone when it has none). */
  #related(owner: T): readonly Pod[] {
    const above = controllerOf(owner);
    const siblings = above === undefined ? [owner] : this.#owners.byIndex(BY_CONTROLLER, above.uid);
    return siblings
      .flatMap(({ metadata }) => this.#pods.byIndex(BY_CONTROLLER, metadata.uid ?? ''))
      .filter(isPodActive);
  }

  async #apply(
    key: string,
    owner: T,
    template: PodTemplateSpec,
    plan: ReplicaPlan,
  ): Promise<{ readonly failure: ReplicaState['failure']; readonly error?: unknown }> {
    switch (plan.type) {
      case 'keep':
        return { failure: undefined };
      case 'create': {
        const reference = controllerReference(this.#kind.type, owner);
        const pod = podFromTemplate(template, owner.metadata.namespace ?? '', reference);
        const { error } = await slowStart(plan.count, () => this.#podControl.create(key, owner, pod));
        if (error === undefined) return { failure: undefined };
        return { failure: { reason: 'FailedCreate', message: errorText(error) }, error };
      }
      case 'delete': {
        const results = await Promise.allSettled(
          plan.pods.map((pod) => this.#podControl.delete(key, owner, pod)),
        );
        const failed = results.find((result) => result.status === 'rejected');
        if (failed === undefined) return { failure: undefined };
        const error: unknown = failed.reason;
        return { failure: { reason: 'FailedDelete', message: errorText(error) }, error };
      }
    }
  }

  async #writeStatus(key: string, owner: T, state: ReplicaState): Promise<void> {
    const { client, clock } = this.#context;
    const status = planStatus(owner, state, clock.now());
    if (sameStatus(status, owner.status)) return;
    try {
      const written = await client.update(this.#kind.type, { ...owner, status }, { subresource: 'status' });
      this.#ownStatus.wrote(key, written);
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
  }
}
