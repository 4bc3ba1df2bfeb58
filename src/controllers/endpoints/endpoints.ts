/**
 * The Endpoints controller: the old, single-object form of what `endpoint-slice/` writes, for clients that
 * still read it. One Endpoints object per Service with a selector, of the same name.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import { endpoints } from '../../api/groups/core/endpoints/endpoints.ts';
import { services } from '../../api/groups/core/service/service.ts';
import { formatTime } from '../../api/time/time.ts';
import type { Endpoints, ObjectMeta, Service } from '../../api/types.gen.ts';
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
  hasClusterIp,
  HEADLESS_LABEL,
  selectsPods,
  TRIGGER_TIME,
  TriggerTimes,
} from '../service-endpoints/service-endpoints.ts';
import { ServicePods } from '../service-endpoints/service-pods.ts';
import { planSubsets, type SubsetsPlan } from './plan.ts';

const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
const MANAGED_BY_LABEL = 'endpoints.kubernetes.io/managed-by';
const MANAGED_BY = 'endpoint-controller';

export const endpointsController: ControllerDefinition = {
  name: 'endpoint-controller',
  permissions: [
    { apiGroups: [''], resources: ['services', 'pods'], verbs: ['get', 'list', 'watch'] },
    {
      apiGroups: [''],
      resources: ['endpoints'],
      verbs: ['create', 'delete', 'get', 'list', 'update', 'watch'],
    },
    { apiGroups: [''], resources: ['endpoints/restricted'], verbs: ['create'] },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ],
  workers: MANY_WORKERS,
  build: (context, enqueue) => new EndpointsReconciler(context, enqueue),
};

class EndpointsReconciler implements Reconciler {
  readonly #context: ControllerContext;
  readonly #services: Informer<Service>;
  readonly #endpoints: Informer<Endpoints>;
  readonly #ownWrites: OwnWrites<Endpoints>;
  readonly #servicePods: ServicePods;
  readonly #triggerTimes = new TriggerTimes();

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers, clock } = context;
    this.#context = context;
    this.#services = informers.of(services);
    this.#endpoints = informers.of(endpoints);
    this.#ownWrites = new OwnWrites(this.#endpoints, clock, enqueue);
    this.#servicePods = new ServicePods(informers, enqueue);
    this.#endpoints.subscribe((next, old, key) => {
      // What this process left behind, when its Service went while nobody looked, goes too.
      const leftOver = old === undefined && next?.metadata.labels?.[MANAGED_BY_LABEL] === MANAGED_BY;
      if (next === undefined || leftOver) enqueue(key);
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const service = this.#services.getByKey(key);
    const present = this.#endpoints.getByKey(key);
    if (service === undefined) {
      this.#triggerTimes.forget(key);
      this.#ownWrites.forget(key);
      if (present !== undefined) await this.#delete(present);
      return {};
    }
    if (!selectsPods(service)) return {};
    if (!this.#ownWrites.caughtUp(key)) return { requeueAfterMs: CATCH_UP_MS };
    const behind = this.#servicePods.behind(key);
    const triggeredMs = this.#triggerTimes.next(key, service, behind);
    const wanted = endpointsFor(service, planSubsets(service, behind), present, triggeredMs);
    if (wanted === present) return {};
    const { client } = this.#context;
    const written =
      present === undefined ? await client.create(endpoints, wanted) : await client.update(endpoints, wanted);
    this.#ownWrites.wrote(key, written);
    return {};
  }

  async #delete({ metadata: { namespace, name = '' } }: Endpoints): Promise<void> {
    try {
      await this.#context.client.delete(endpoints, { namespace, name });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
  }
}

/** Pure: the object as it should be; the present one when it is right. */
function endpointsFor(
  service: Service,
  { subsets, truncated }: SubsetsPlan,
  present: Endpoints | undefined,
  triggeredMs: number | undefined,
): Endpoints {
  const labels = labelsFor(service);
  const { annotations: old = {} } = present?.metadata ?? {};
  const right =
    present !== undefined &&
    deepEqual(present.subsets ?? [], subsets) &&
    deepEqual(present.metadata.labels ?? {}, labels) &&
    (old[OVER_CAPACITY] === 'truncated') === truncated;
  if (right) return present;
  const { [OVER_CAPACITY]: _capacity, [TRIGGER_TIME]: _time, ...others } = old;
  const annotations = {
    ...others,
    ...(truncated ? { [OVER_CAPACITY]: 'truncated' } : {}),
    ...(triggeredMs === undefined ? {} : { [TRIGGER_TIME]: formatTime(triggeredMs) }),
  };
  const { namespace = '', name = '' } = service.metadata;
  const metadata = { ...(present?.metadata ?? { namespace, name }), labels, annotations };
  return { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets };
}

function labelsFor(service: Service): NonNullable<ObjectMeta['labels']> {
  const { [HEADLESS_LABEL]: _reserved, ...own } = service.metadata.labels ?? {};
  return {
    ...own,
    ...(hasClusterIp(service) ? {} : { [HEADLESS_LABEL]: '' }),
    [MANAGED_BY_LABEL]: MANAGED_BY,
  };
}
