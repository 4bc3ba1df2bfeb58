/**
 * Where a Service answers, for the server's own calls (webhooks, aggregated APIs, proxies): one of its ready
 * endpoints, since a server need not have the nodes' service rules around it.
 */

import type { KubernetesObject } from '../../api/meta/object.ts';
import { endpointSlices } from '../../api/groups/discovery/endpoint-slice/endpoint-slice.ts';
import { services } from '../../api/groups/core/service/service.ts';
import type { EndpointSlice, Service, ServicePort } from '../../api/types.gen.ts';
import { prefixRange, type Store } from '../../store/store.ts';
import { lookUp } from '../registry/look-up.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
  /** The node that it is on, where that is known. */
  readonly nodeName?: string;
}

export type ServiceAddress =
  | { readonly ok: true; readonly address: Address }
  | { readonly ok: false; readonly reason: string };

/** `port`: number or name of one of the Service's ports. `pick` chooses among so many. */
export function serviceAddress(
  store: Store<KubernetesObject>,
  namespace: string,
  name: string,
  port: number | string,
  pick: (bound: number) => number,
): ServiceAddress {
  const service = lookUp<Service>(store, services, namespace, name);
  if (service === undefined) return { ok: false, reason: `service ${JSON.stringify(name)} not found` };
  const { spec } = service;
  if (spec.type === 'ExternalName') {
    const number = typeof port === 'number' ? port : 443;
    return { ok: true, address: { host: spec.externalName ?? '', port: number } };
  }
  const wanted = spec.ports?.find((candidate) => candidate.port === port || candidate.name === port);
  if (wanted === undefined)
    return { ok: false, reason: `no service port ${String(port)} found for service ${JSON.stringify(name)}` };
  const addresses = endpointsOf(store, namespace, name, wanted);
  const chosen = addresses[addresses.length === 0 ? 0 : pick(addresses.length)];
  if (chosen !== undefined) return { ok: true, address: chosen };
  return { ok: false, reason: `no endpoints available for service ${JSON.stringify(name)}` };
}

function endpointsOf(
  store: Store<KubernetesObject>,
  namespace: string,
  name: string,
  wanted: ServicePort,
): readonly Address[] {
  const page = store.list(
    prefixRange(`/registry/${endpointSlices.group}/${endpointSlices.plural}/${namespace}/`),
  );
  const slices = (page.ok ? page.result.entries : []).map((entry) => entry.value as unknown as EndpointSlice);
  return slices
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name)
    .flatMap((slice) => {
      const port = slice.ports?.find((candidate) => (candidate.name ?? '') === (wanted.name ?? ''))?.port;
      if (port === undefined) return [];
      const ready = (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
      return ready.flatMap(({ addresses, nodeName }) =>
        addresses.map((host) => ({ host, port, ...(nodeName === undefined ? {} : { nodeName }) })),
      );
    });
}
