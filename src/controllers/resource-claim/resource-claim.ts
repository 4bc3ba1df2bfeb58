/**
 * ResourceClaims of pods: made from templates, reserved for pods that were bound by hand, given back when the
 * last pod is done with them.
 *
 * Keys are `pod namespace/name` and `claim namespace/name`. Before a reservation is dropped because its pod is
 * not in the cache, the server is asked: the scheduler may have seen the pod first.
 */

import { errorText } from '../../base/log.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { objectKey, type Draft } from '../../api/meta/object.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import {
  ALLOCATION_FINALIZER,
  usedClaimNames,
  withReservation,
} from '../../api/groups/resource/pod-resource-claims.ts';
import { resourceClaims } from '../../api/groups/resource/resource-claim/resource-claim.ts';
import { resourceClaimTemplates } from '../../api/groups/resource/resource-claim-template/resource-claim-template.ts';
import type { Pod, ResourceClaimTemplate, ResourceV1ResourceClaim } from '../../api/types.gen.ts';
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
import { isDone, needOf, planClaim, statusesWith, unreserved, type PodView } from './plan.ts';

export const resourceClaimController: ControllerDefinition = {
  name: 'resourceclaim-controller',
  permissions: [
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['pods/finalizers'], verbs: ['update'] },
    { apiGroups: [''], resources: ['pods/status'], verbs: ['patch', 'update'] },
    {
      apiGroups: ['resource.k8s.io'],
      resources: ['resourceclaims'],
      verbs: ['create', 'delete', 'get', 'list', 'update', 'watch'],
    },
    { apiGroups: ['resource.k8s.io'], resources: ['resourceclaims/status'], verbs: ['patch', 'update'] },
    {
      apiGroups: ['resource.k8s.io'],
      resources: ['resourceclaimtemplates'],
      verbs: ['get', 'list', 'watch'],
    },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ],
  workers: MANY_WORKERS,
  build: (context, enqueue) => new ResourceClaims(context, enqueue),
};

const FIELD_MANAGER = 'ResourceClaimController';
const OWNED_BY_POD = 'resource-claim/owned-by-pod';
const PODS_OF_CLAIM = 'resource-claim/pods-of-claim';
const PODS_OF_TEMPLATE = 'resource-claim/pods-of-template';

class ResourceClaims implements Reconciler {
  readonly #context: ControllerContext;
  readonly #pods: Informer<Pod>;
  readonly #claims: Informer<ResourceV1ResourceClaim>;
  readonly #templates: Informer<ResourceClaimTemplate>;
  readonly #made: OwnWrites<ResourceV1ResourceClaim>;

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers, clock } = context;
    this.#context = context;
    index(context);
    this.#pods = informers.of(pods);
    this.#claims = informers.of(resourceClaims);
    this.#templates = informers.of(resourceClaimTemplates);
    this.#made = new OwnWrites(this.#claims, clock, (key) => enqueue(`pod ${key}`));
    this.#pods.subscribe((next, old, key) => {
      const pod = next ?? old;
      if (pod === undefined || !usesClaims(pod)) return;
      if (next === undefined || isDone(next))
        for (const name of usedClaimNames(pod)) enqueue(`claim ${pod.metadata.namespace ?? ''}/${name}`);
      if (next === undefined) this.#made.forget(key);
      else if (next.metadata.deletionTimestamp === undefined && !isDone(next)) enqueue(`pod ${key}`);
    });
    this.#claims.subscribe((next, _old, key) => {
      if (next !== undefined) enqueue(`claim ${key}`);
      for (const pod of this.#pods.byIndex(PODS_OF_CLAIM, key)) enqueue(`pod ${objectKey(pod)}`);
    });
    this.#templates.subscribe((next, _old, key) => {
      if (next === undefined) return;
      for (const pod of this.#pods.byIndex(PODS_OF_TEMPLATE, key)) enqueue(`pod ${objectKey(pod)}`);
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const space = key.indexOf(' ');
    const name = key.slice(space + 1);
    if (key.slice(0, space) === 'pod') return this.#reconcilePod(name);
    await this.#reconcileClaim(name);
    return {};
  }

  async #reconcilePod(key: string): Promise<ReconcileResult> {
    const pod = this.#pods.getByKey(key);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined || isDone(pod)) return {};
    if (!this.#made.caughtUp(key)) return { requeueAfterMs: CATCH_UP_MS };
    const view = this.#viewOf(pod);
    const made = new Map<string, string>();
    for (const one of pod.spec.resourceClaims ?? []) {
      const need = needOf(view, one);
      if (need.need === 'template')
        this.#fail(
          pod,
          one.name,
          `resource claim template "${need.name}": ` +
            `resourceclaimtemplate.resource.k8s.io "${need.name}" not found`,
        );
      const name = need.need === 'create' ? await this.#create(pod, one.name, need.claim) : need.made;
      if (name !== undefined) made.set(one.name, name);
    }
    if (made.size > 0) await this.#record(pod, made);
    for (const claim of unreserved(view)) await this.#writeStatus(claim, withReservation(claim, pod));
    return {};
  }

  #viewOf(pod: Pod): PodView {
    const { namespace = '', uid = '' } = pod.metadata;
    return {
      pod,
      claim: (name) => this.#claims.get(namespace, name),
      template: (name) => this.#templates.get(namespace, name),
      owned: this.#claims.byIndex(OWNED_BY_POD, uid),
    };
  }

  async #create(pod: Pod, podClaim: string, draft: Draft<ResourceV1ResourceClaim>): Promise<string> {
    try {
      const claim = await this.#context.client.create(resourceClaims, draft);
      this.#made.wrote(objectKey(pod), claim);
      return claim.metadata.name ?? '';
    } catch (error) {
      return this.#fail(pod, podClaim, `create ResourceClaim : ${errorText(error)}`, error);
    }
  }

  async #record(pod: Pod, made: ReadonlyMap<string, string>): Promise<void> {
    const { namespace = '', name = '' } = pod.metadata;
    const resourceClaimStatuses = statusesWith(pod, made).map((one) => ({ ...one }));
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, status: { resourceClaimStatuses } };
    await this.#context.client.patch(
      pods,
      { namespace, name },
      { type: 'apply', body },
      { subresource: 'status', fieldManager: FIELD_MANAGER, force: true },
    );
  }

  #fail(pod: Pod, podClaim: string, message: string, cause?: unknown): never {
    const text = `PodResourceClaim ${podClaim}: ${message}`;
    this.#context.events.record(pod, 'Warning', 'FailedResourceClaimCreation', text);
    throw new Error(`pod ${objectKey(pod)}, ${text}`, { cause });
  }

  async #reconcileClaim(key: string): Promise<void> {
    const claim = this.#claims.getByKey(key);
    if (claim === undefined) return;
    const pods = await this.#podsOf(claim);
    const plan = planClaim(claim, (name) => pods.get(name));
    let current = claim;
    if (plan.status !== undefined) current = await this.#writeStatus(current, plan.status);
    if (plan.removesFinalizer) await this.#release(current);
    if (plan.deletes) await this.#delete(claim);
  }

  /** Of its reservations and its owner, as sure as can be. */
  async #podsOf({ metadata, status }: ResourceV1ResourceClaim): Promise<ReadonlyMap<string, Pod>> {
    const { namespace = '', ownerReferences = [] } = metadata;
    const found = new Map<string, Pod>();
    for (const { name, uid } of status.reservedFor ?? []) {
      const cached = this.#pods.get(namespace, name);
      const pod = cached?.metadata.uid === uid ? cached : await this.#askFor(namespace, name);
      if (pod !== undefined) found.set(name, pod);
    }
    for (const { name } of ownerReferences) {
      const pod = this.#pods.get(namespace, name);
      if (pod !== undefined && !found.has(name)) found.set(name, pod);
    }
    return found;
  }

  async #askFor(namespace: string, name: string): Promise<Pod | undefined> {
    try {
      return await this.#context.client.get(pods, { namespace, name });
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** Refused when somebody else, the scheduler most likely, was faster. */
  async #writeStatus(
    claim: ResourceV1ResourceClaim,
    status: ResourceV1ResourceClaim['status'],
  ): Promise<ResourceV1ResourceClaim> {
    return this.#context.client.update(resourceClaims, { ...claim, status }, { subresource: 'status' });
  }

  async #release(claim: ResourceV1ResourceClaim): Promise<void> {
    const finalizers = (claim.metadata.finalizers ?? []).filter((one) => one !== ALLOCATION_FINALIZER);
    await this.#context.client.update(resourceClaims, {
      ...claim,
      metadata: { ...claim.metadata, finalizers },
    });
  }

  async #delete({ metadata: { namespace, name = '', uid = '' } }: ResourceV1ResourceClaim): Promise<void> {
    try {
      await this.#context.client.delete(resourceClaims, { namespace, name }, { preconditions: { uid } });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
  }
}

function usesClaims({ spec, status }: Pod): boolean {
  return (spec.resourceClaims ?? []).length > 0 || status.extendedResourceClaimStatus !== undefined;
}

function index({ informers }: ControllerContext): void {
  informers.index(resourceClaims, OWNED_BY_POD, ({ metadata }) =>
    (metadata.ownerReferences ?? []).flatMap(({ controller, kind, uid }) =>
      controller === true && kind === 'Pod' ? [uid] : [],
    ),
  );
  informers.index(pods, PODS_OF_CLAIM, (pod) =>
    usedClaimNames(pod).map((name) => `${pod.metadata.namespace ?? ''}/${name}`),
  );
  informers.index(pods, PODS_OF_TEMPLATE, ({ metadata, spec }) =>
    (spec.resourceClaims ?? []).flatMap(({ resourceClaimTemplateName: name }) =>
      name === undefined ? [] : [`${metadata.namespace ?? ''}/${name}`],
    ),
  );
}
