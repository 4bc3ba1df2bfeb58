/**
 * Keeps the Available condition of APIServices: looks at their Services and endpoints, and asks the servers
 * behind them for their discovery documents, when something changes and every half minute.
 */

import { errorText } from '../../base/log.ts';
import { AGGREGATOR_GROUP } from '../../api/groups/apiregistration/priorities.ts';
import { apiServices } from '../../api/groups/apiregistration/api-service/api-service.ts';
import { services } from '../../api/groups/core/service/service.ts';
import { endpointSlices } from '../../api/groups/discovery/endpoint-slice/endpoint-slice.ts';
import type { APIService } from '../../api/types.gen.ts';
import type { ControllerDefinition } from '../../reconcile/controller.ts';
import { judgeService, LOCAL, PASSED, statusWith, type Availability } from './plan.ts';

/** Asks the server behind an APIService for its discovery; rejects with why that failed. */
export type CheckDiscovery = (service: APIService) => Promise<void>;

const RESYNC_MS = 30_000;
const RETRY_MIN_MS = 250;
/** As upstream: one that answers is enough, since one endpoint of several may be bad. */
const ATTEMPTS = 5;

export function apiServiceAvailabilityController(check: CheckDiscovery): ControllerDefinition {
  return {
    name: 'api-service-availability-controller',
    permissions: [
      { apiGroups: [AGGREGATOR_GROUP], resources: ['apiservices'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [AGGREGATOR_GROUP], resources: ['apiservices/status'], verbs: ['update'] },
      { apiGroups: [''], resources: ['services'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
    ],
    workers: 4,
    build: ({ client, informers, clock }, enqueue) => {
      const registered = informers.of(apiServices);
      const known = informers.of(services);
      const slices = informers.of(endpointSlices);
      const failures = new Map<string, number>();
      const wake = (namespace: string, name: string): void => {
        for (const { metadata, spec } of registered.list())
          if (spec.service?.namespace === namespace && spec.service.name === name)
            enqueue(metadata.name ?? '');
      };
      registered.subscribe((_next, _old, key) => enqueue(key));
      known.subscribe((next, old) => {
        const { namespace = '', name = '' } = (next ?? old)?.metadata ?? {};
        wake(namespace, name);
      });
      slices.subscribe((next, old) => {
        // Both: it may belong to another Service now.
        for (const { metadata } of [next, old].filter((one) => one !== undefined))
          wake(metadata.namespace ?? '', metadata.labels?.['kubernetes.io/service-name'] ?? '');
      });
      const judge = async (object: APIService): Promise<Availability> => {
        const { service } = object.spec;
        if (service === undefined) return LOCAL;
        const { namespace = '', name = '' } = service;
        const own = slices
          .list()
          .filter(
            ({ metadata }) =>
              metadata.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === name,
          );
        return judgeService(service, known.get(namespace, name), own) ?? (await ask(check, object));
      };
      return {
        reconcile: async (name) => {
          const object = registered.getByKey(name);
          if (object === undefined) {
            failures.delete(name);
            return {};
          }
          const judged = await judge(object);
          const status = statusWith(object, judged, clock.now());
          if (status !== undefined) {
            await client.update(apiServices, { ...object, status }, { subresource: 'status' });
          }
          if (object.spec.service === undefined) return {};
          const failed = judged.reason === 'FailedDiscoveryCheck' ? (failures.get(name) ?? 0) + 1 : 0;
          failures.set(name, failed);
          return {
            requeueAfterMs: failed === 0 ? RESYNC_MS : Math.min(RETRY_MIN_MS * 2 ** failed, RESYNC_MS),
          };
        },
      };
    },
  };
}

async function ask(check: CheckDiscovery, object: APIService): Promise<Availability> {
  try {
    await Promise.any(Array.from({ length: ATTEMPTS }, () => check(object)));
    return PASSED;
  } catch (error) {
    const last: unknown = error instanceof AggregateError ? error.errors.at(-1) : error;
    return { status: 'False', reason: 'FailedDiscoveryCheck', message: errorText(last) };
  }
}
