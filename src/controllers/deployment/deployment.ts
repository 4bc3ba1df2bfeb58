/**
 * The Deployment controller: rolls out pod templates through ReplicaSets, one per template.
 *
 * Inputs: Deployments, their ReplicaSets and pods from the informers. Outputs: ReplicaSets created, scaled
 * and cleaned up, the revision annotation, status and events. `plan.ts` decides, this file reads and writes.
 * Invariant: no decision on a cache that lags behind this controller's own writes.
 */

import { errorText } from '../../base/log.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import { objectKey } from '../../api/meta/object.ts';
import { fromLabelSelector, matches } from '../../api/labels/selector.ts';
import { deployments } from '../../api/groups/apps/deployment/deployment.ts';
import { replicaSets } from '../../api/groups/apps/replica-set/replica-set.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Deployment, Pod, ReplicaSet } from '../../api/types.gen.ts';
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
  isControlledBy,
  orphansOf,
  ownerKey,
  planClaims,
} from '../ownership/ownership.ts';
import { condition, progressDeadlineMs, setCondition } from './conditions.ts';
import { planDeployment, type DeploymentAction } from './plan.ts';
import { sameStatus } from './progress.ts';
import { isRolling, replicasOf } from './scale.ts';
import { draftOf, equalTemplates } from './template.ts';

export const deploymentController: ControllerDefinition = {
  name: 'deployment-controller',
  permissions: [
    { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list', 'watch', 'update'] },
    { apiGroups: ['apps'], resources: ['deployments/status', 'deployments/finalizers'], verbs: ['update'] },
    {
      apiGroups: ['apps'],
      resources: ['replicasets'],
      verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    },
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'update', 'watch'] },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ],
  workers: MANY_WORKERS,
  build: (context, enqueue) => new DeploymentReconciler(context, enqueue),
};

class DeploymentReconciler implements Reconciler {
  readonly #context: ControllerContext;
  readonly #deployments: Informer<Deployment>;
  readonly #sets: Informer<ReplicaSet>;
  readonly #pods: Informer<Pod>;
  readonly #setWrites: OwnWrites<ReplicaSet>;
  readonly #statusWrites: OwnWrites<Deployment>;

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers, clock } = context;
    this.#context = context;
    indexByController(informers, replicaSets);
    indexByController(informers, pods);
    this.#deployments = informers.of(deployments);
    this.#sets = informers.of(replicaSets);
    this.#pods = informers.of(pods);
    this.#setWrites = new OwnWrites(this.#sets, clock, enqueue);
    this.#statusWrites = new OwnWrites(this.#deployments, clock);
    this.#deployments.subscribe((_next, _old, key) => enqueue(key));
    this.#sets.subscribe((next, old) => {
      const key = ownerKey(next, deployments);
      const formerKey = ownerKey(old, deployments);
      if (key !== undefined) enqueue(key);
      if (formerKey !== undefined && formerKey !== key) enqueue(formerKey);
      if (next !== undefined && controllerOf(next) === undefined) this.#offerOrphan(next, enqueue);
    });
    this.#pods.subscribe((next, old) => {
      if (next === undefined && old !== undefined) this.#onPodGone(old, enqueue);
    });
  }

  #offerOrphan({ metadata }: ReplicaSet, enqueue: Enqueue): void {
    for (const deployment of this.#deployments.list(metadata.namespace)) {
      const selector = fromLabelSelector(deployment.spec.selector);
      if (selector !== undefined && selector.length > 0 && matches(selector, metadata.labels)) {
        enqueue(objectKey(deployment));
      }
    }
  }

  /** Recreate waits until the last old pod is really gone, which no ReplicaSet reports. */
  #onPodGone(pod: Pod, enqueue: Enqueue): void {
    const set = this.#sets.get(pod.metadata.namespace ?? '', controllerOf(pod)?.name ?? '');
    const key = ownerKey(set, deployments);
    const deployment = key === undefined ? undefined : this.#deployments.getByKey(key);
    if (key !== undefined && deployment !== undefined && !isRolling(deployment)) enqueue(key);
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const deployment = this.#deployments.getByKey(key);
    if (deployment === undefined) {
      this.#setWrites.forget(key);
      this.#statusWrites.forget(key);
      return {};
    }
    if (!this.#setWrites.caughtUp(key) || !this.#statusWrites.caughtUp(key)) {
      return { requeueAfterMs: CATCH_UP_MS };
    }
    const selector = fromLabelSelector(deployment.spec.selector);
    if (selector === undefined || selector.length === 0) return this.#refuseToSelectAll(key, deployment);
    const { uid = '', namespace = '' } = deployment.metadata;
    const candidates = [
      ...this.#sets.byIndex(BY_CONTROLLER, uid),
      ...this.#sets.byIndex(BY_CONTROLLER, orphansOf(namespace)),
    ];
    const claims = planClaims(deployment, selector, candidates);
    const sets = await applyClaims(
      this.#context.client,
      claims,
      replicaSets,
      deployment,
      deployments,
      (written) => this.#setWrites.wrote(key, written),
    );
    const podsOf = (set: ReplicaSet): readonly Pod[] =>
      this.#pods.byIndex(BY_CONTROLLER, set.metadata.uid ?? '');
    const owner = controllerReference(deployments, deployment);
    const plan = planDeployment({ deployment, sets, podsOf, owner }, this.#context.clock.now());
    for (const action of plan.actions) await this.#apply(key, deployment, action);
    await this.#report(key, deployment, plan.deployment);
    return plan.lookAgainMs === undefined ? {} : { requeueAfterMs: plan.lookAgainMs };
  }

  async #refuseToSelectAll(key: string, deployment: Deployment): Promise<ReconcileResult> {
    const message = 'This deployment is selecting all pods. A non-empty selector is required.';
    this.#context.events.record(deployment, 'Warning', 'SelectingAll', message);
    const observedGeneration = deployment.metadata.generation ?? 0;
    await this.#report(key, deployment, {
      ...deployment,
      status: { ...deployment.status, observedGeneration },
    });
    return {};
  }

  async #apply(key: string, deployment: Deployment, action: DeploymentAction): Promise<void> {
    const { client } = this.#context;
    switch (action.type) {
      case 'create':
        return this.#create(key, deployment, action.set);
      case 'update': {
        const written = await client.update(replicaSets, action.set);
        this.#setWrites.wrote(key, written);
        if (action.from !== undefined) this.#recordScaling(deployment, written, action.from);
        return;
      }
      case 'delete': {
        const { namespace, name = '', uid = '' } = action.set.metadata;
        try {
          await client.delete(replicaSets, { namespace, name }, { preconditions: { uid } });
          this.#setWrites.deleted(key, action.set);
        } catch (error) {
          if (!isApiError(error, 'NotFound')) throw error;
        }
      }
    }
  }

  async #create(key: string, deployment: Deployment, set: ReplicaSet): Promise<void> {
    try {
      const created = await this.#context.client.create(replicaSets, draftOf(set));
      this.#setWrites.wrote(key, created);
      if (replicasOf(created) > 0) this.#recordScaling(deployment, created, 0);
    } catch (error) {
      if (isApiError(error, 'AlreadyExists')) await this.#resolveCollision(key, deployment, set);
      else await this.#reportFailedCreate(key, deployment, set, error);
      throw error;
    }
  }

  /**
   * The name is taken: by our own set, which the cache will show, or by another one, and the hash must
   * change.
   */
  async #resolveCollision(key: string, deployment: Deployment, set: ReplicaSet): Promise<void> {
    const { namespace, name = '' } = set.metadata;
    const present = await this.#context.client.get(replicaSets, { namespace, name });
    if (isControlledBy(present, deployment) && equalTemplates(present.spec.template, set.spec.template)) {
      this.#setWrites.wrote(key, present);
      return;
    }
    const collisionCount = (deployment.status.collisionCount ?? 0) + 1;
    await this.#report(key, deployment, { ...deployment, status: { ...deployment.status, collisionCount } });
  }

  async #reportFailedCreate(
    key: string,
    deployment: Deployment,
    set: ReplicaSet,
    error: unknown,
  ): Promise<void> {
    const { events, clock } = this.#context;
    const name = JSON.stringify(set.metadata.name);
    const message = `Failed to create new replica set ${name}: ${errorText(error)}`;
    if (progressDeadlineMs(deployment) !== undefined) {
      const failed = condition('Progressing', 'False', 'ReplicaSetCreateError', message, clock.now());
      const status = setCondition(deployment.status, failed);
      await this.#report(key, deployment, { ...deployment, status });
    }
    events.record(deployment, 'Warning', 'ReplicaSetCreateError', message);
  }

  #recordScaling(deployment: Deployment, set: ReplicaSet, from: number): void {
    const to = replicasOf(set);
    const direction = to > from ? 'up' : 'down';
    const message = `Scaled ${direction} replica set ${set.metadata.name ?? ''} from ${from} to ${to}`;
    this.#context.events.record(deployment, 'Normal', 'ScalingReplicaSet', message);
  }

  /** Writes status and revision together; nothing when both are as they were. */
  async #report(key: string, before: Deployment, after: Deployment): Promise<void> {
    const sameAnnotations = deepEqual(before.metadata.annotations, after.metadata.annotations);
    if (sameAnnotations && sameStatus(before.status, after.status)) return;
    const written = await this.#context.client.update(deployments, after, { subresource: 'status' });
    this.#statusWrites.wrote(key, written);
  }
}
