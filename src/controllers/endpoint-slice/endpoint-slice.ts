/**
 * The EndpointSlice controller: writes down which pods stand behind each Service, for proxies and DNS.
 *
 * Inputs: Services, pods, nodes (for zones) and its own slices from the informers. Outputs: EndpointSlices,
 * owned by their Service, so that the garbage collector removes them with it. Invariant: no decision on a
 * cache that lags behind this controller's own writes.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { objectKey } from '../../api/meta/object.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { services } from '../../api/groups/core/service/service.ts';
import { endpointSlices } from '../../api/groups/discovery/endpoint-slice/endpoint-slice.ts';
import { formatTime } from '../../api/time/time.ts';
import type { EndpointSlice, Service } from '../../api/types.gen.ts';
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
import { controllerReference } from '../ownership/ownership.ts';
import { selectsPods, TRIGGER_TIME, TriggerTimes } from '../service-endpoints/service-endpoints.ts';
import { ServicePods } from '../service-endpoints/service-pods.ts';
import { wantedEndpoints } from './endpoints-of.ts';
import { MANAGED_BY, MANAGED_BY_LABEL, planSlices, SERVICE_NAME_LABEL, type SlicePlan } from './plan.ts';

const BY_SERVICE = 'service';
/** Pods can be seen before their node is. */
const NODE_RETRY_MS = 1_000;

export const endpointSliceController: ControllerDefinition = {
  name: 'endpointslice-controller',
  permissions: [
    { apiGroups: [''], resources: ['services', 'pods', 'nodes'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['services/finalizers'], verbs: ['update'] },
    {
      apiGroups: ['discovery.k8s.io'],
      resources: ['endpointslices'],
      verbs: ['create', 'delete', 'get', 'list', 'update', 'watch'],
    },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ],
  workers: MANY_WORKERS,
  build: (context, enqueue) => new EndpointSliceReconciler(context, enqueue),
};

class EndpointSliceReconciler implements Reconciler {
  readonly #context: ControllerContext;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #ownWrites: OwnWrites<EndpointSlice>;
  readonly #servicePods: ServicePods;
  readonly #triggerTimes = new TriggerTimes();

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers, clock } = context;
    this.#context = context;
    informers.index(endpointSlices, BY_SERVICE, (slice) => {
      const key = serviceKey(slice);
      return key === undefined ? [] : [key];
    });
    this.#services = informers.of(services);
    this.#slices = informers.of(endpointSlices);
    this.#ownWrites = new OwnWrites(this.#slices, clock, enqueue);
    informers.of(nodes);
    this.#servicePods = new ServicePods(informers, enqueue);
    this.#slices.subscribe((next, old) => {
      const keys = new Set([next, old].map((slice) => (slice === undefined ? undefined : serviceKey(slice))));
      for (const key of keys) if (key !== undefined) enqueue(key);
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const service = this.#services.getByKey(key);
    if (service === undefined) {
      this.#triggerTimes.forget(key);
      // What was written for it counts for a Service that comes back under its name.
      return this.#ownWrites.caughtUp(key) ? {} : { requeueAfterMs: CATCH_UP_MS };
    }
    if (!selectsPods(service)) return {};
    if (!this.#ownWrites.caughtUp(key)) return { requeueAfterMs: CATCH_UP_MS };
    const { informers } = this.#context;
    const behind = this.#servicePods.behind(key);
    const stored = this.#slices
      .byIndex(BY_SERVICE, key)
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const nodeOf = (name: string) => informers.of(nodes).getByKey(name);
    const { groups, withoutNode } = wantedEndpoints(service, behind, nodeOf);
    const plan = planSlices(service, controllerReference(services, service), groups, stored);
    await this.#apply(key, service, plan, this.#triggerTimes.next(key, service, behind));
    return withoutNode.length > 0 ? { requeueAfterMs: NODE_RETRY_MS } : {};
  }

  async #apply(
    key: string,
    service: Service,
    plan: SlicePlan,
    triggeredMs: number | undefined,
  ): Promise<void> {
    const { client } = this.#context;
    // A Service on its way out needs no new slices; those it has go with it.
    const create = service.metadata.deletionTimestamp === undefined ? plan.create : [];
    for (const slice of create) {
      const written = await client.create(endpointSlices, withTriggerTime(slice, triggeredMs));
      this.#ownWrites.wrote(key, written);
    }
    for (const slice of plan.update) {
      const written = await client.update(endpointSlices, withTriggerTime(slice, triggeredMs));
      this.#ownWrites.wrote(key, written);
    }
    for (const slice of plan.delete) {
      const { namespace, name = '', uid = '', resourceVersion = '' } = slice.metadata;
      // Whoever takes one over in the meantime keeps it.
      const preconditions = { uid, resourceVersion };
      try {
        await client.delete(endpointSlices, { namespace, name }, { preconditions });
        this.#ownWrites.deleted(key, slice);
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error;
      }
    }
  }
}

/** Of the Service that one of our slices belongs to. */
function serviceKey({ metadata }: EndpointSlice): string | undefined {
  const { namespace = '', labels = {} } = metadata;
  const name = labels[SERVICE_NAME_LABEL];
  if (name === undefined || labels[MANAGED_BY_LABEL] !== MANAGED_BY) return undefined;
  return objectKey({ metadata: { namespace, name } });
}

function withTriggerTime(slice: EndpointSlice, ms: number | undefined): EndpointSlice {
  const { [TRIGGER_TIME]: _old, ...others } = slice.metadata.annotations ?? {};
  const annotations = ms === undefined ? others : { ...others, [TRIGGER_TIME]: formatTime(ms) };
  return { ...slice, metadata: { ...slice.metadata, annotations } };
}
