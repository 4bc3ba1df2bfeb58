/**
 * Mirrors Endpoints that users write into EndpointSlices, which are all that proxies and DNS read.
 *
 * Inputs: Services without a selector, the Endpoints of the same name, and its own slices, from the
 * informers. Outputs: EndpointSlices owned by the Endpoints. Invariants: nothing is mirrored for a Service
 * with a selector, nor without a Service; no decision on a cache that lags behind this controller's own
 * writes.
 */

import { endpoints } from '../../api/groups/core/endpoints/endpoints.ts';
import { services } from '../../api/groups/core/service/service.ts';
import { endpointSlices } from '../../api/groups/discovery/endpoint-slice/endpoint-slice.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { objectKey } from '../../api/meta/object.ts';
import type { Endpoints, EndpointSlice, Service } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import {
  MANY_WORKERS,
  type ControllerContext,
  type ControllerDefinition,
  type Enqueue,
  type ReconcileResult,
  type Reconciler,
} from '../../reconcile/controller.ts';
import { MANAGED_BY_LABEL, SERVICE_NAME_LABEL } from '../endpoint-slice/plan.ts';
import { CATCH_UP_MS, OwnWrites } from '../own-writes/own-writes.ts';
import { controllerReference } from '../ownership/ownership.ts';
import { isNamespaceTerminating } from '../pod-control/pod-control.ts';
import { SaidOnce } from '../said-once/said-once.ts';
import { isMirrored, MANAGED_BY, planMirror, type MirrorPlan } from './plan.ts';

const BY_ENDPOINTS = 'mirrored-endpoints';

export const endpointSliceMirroringController: ControllerDefinition = {
  name: 'endpointslicemirroring-controller',
  permissions: [
    { apiGroups: [''], resources: ['services', 'endpoints'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['endpoints/finalizers'], verbs: ['update'] },
    {
      apiGroups: ['discovery.k8s.io'],
      resources: ['endpointslices'],
      verbs: ['create', 'delete', 'get', 'list', 'update', 'watch'],
    },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ],
  workers: MANY_WORKERS,
  build: (context, enqueue) => new MirrorReconciler(context, enqueue),
};

class MirrorReconciler implements Reconciler {
  readonly #context: ControllerContext;
  readonly #services: Informer<Service>;
  readonly #endpoints: Informer<Endpoints>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #ownWrites: OwnWrites<EndpointSlice>;
  readonly #said: SaidOnce;

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers, clock, events } = context;
    this.#context = context;
    informers.index(endpointSlices, BY_ENDPOINTS, mirrorKeys);
    this.#services = informers.of(services);
    this.#endpoints = informers.of(endpoints);
    this.#slices = informers.of(endpointSlices);
    this.#ownWrites = new OwnWrites(this.#slices, clock, enqueue);
    this.#said = new SaidOnce(events, clock);
    this.#services.subscribe((next, old, key) => {
      if (next === undefined || old === undefined || hasSelector(next) !== hasSelector(old)) enqueue(key);
    });
    this.#endpoints.subscribe((next, old, key) => {
      if ([next, old].some((object) => object !== undefined && isMirrored(object))) enqueue(key);
    });
    this.#slices.subscribe((next, old) => {
      const keys = [next, old].flatMap((slice) => (slice === undefined ? [] : mirrorKeys(slice)));
      for (const key of new Set(keys)) enqueue(key);
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const service = this.#services.getByKey(key);
    const source = this.#endpoints.getByKey(key);
    const stored = this.#slices.byIndex(BY_ENDPOINTS, key);
    const live = stored.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const mirrored =
      source !== undefined && isMirrored(source) && service !== undefined && !hasSelector(service);
    if (!mirrored) {
      this.#said.forget(endpoints.kind, key);
      // Also what the cache does not show yet must go.
      if (!this.#ownWrites.caughtUp(key)) return { requeueAfterMs: CATCH_UP_MS };
      await this.#delete(key, live);
      return {};
    }
    if (!this.#ownWrites.caughtUp(key)) return { requeueAfterMs: CATCH_UP_MS };
    const plan = planMirror(source, controllerReference(endpoints, source), live);
    for (const problem of plan.problems) this.#said.say(source, problem);
    await this.#apply(key, source, plan);
    return {};
  }

  async #apply(key: string, source: Endpoints, plan: MirrorPlan): Promise<void> {
    const { client } = this.#context;
    const create = source.metadata.deletionTimestamp === undefined ? plan.create : [];
    try {
      for (const slice of create) {
        this.#ownWrites.wrote(key, await client.create(endpointSlices, slice));
      }
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      throw error;
    }
    for (const slice of plan.update) {
      this.#ownWrites.wrote(key, await client.update(endpointSlices, slice));
    }
    await this.#delete(key, plan.delete);
  }

  async #delete(key: string, slices: readonly EndpointSlice[]): Promise<void> {
    for (const slice of slices) {
      const { namespace, name = '', uid = '', resourceVersion = '' } = slice.metadata;
      // Whoever takes one over in the meantime keeps it.
      const preconditions = { uid, resourceVersion };
      try {
        await this.#context.client.delete(endpointSlices, { namespace, name }, { preconditions });
        this.#ownWrites.deleted(key, slice);
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error;
      }
    }
  }
}

function hasSelector({ spec: { selector = {} } }: Service): boolean {
  return Object.keys(selector).length > 0;
}

/** The Endpoints that one of our slices mirrors. */
function mirrorKeys({ metadata }: EndpointSlice): readonly string[] {
  const { namespace = '', labels = {} } = metadata;
  const name = labels[SERVICE_NAME_LABEL];
  if (name === undefined || labels[MANAGED_BY_LABEL] !== MANAGED_BY) return [];
  return [objectKey({ metadata: { namespace, name } })];
}
