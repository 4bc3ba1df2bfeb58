/**
 * The DNS view of a cluster, read from informers: nothing is copied, so a record is live as soon as its
 * object is.
 */

import type { EndpointSlice, Namespace, Service } from '../api/types.gen.ts';
import type { ResourceType } from '../api/meta/object.ts';
import type { Informer, Informers } from '../client/informer/informer.ts';
import type { DnsEndpoint, DnsService, DnsView } from './answers.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';
const BY_SERVICE = 'dns/service';
const BY_ADDRESS = 'dns/address';

export interface DnsTypes {
  readonly namespaces: ResourceType<Namespace>;
  readonly services: ResourceType<Service>;
  readonly endpointSlices: ResourceType<EndpointSlice>;
}

export class ClusterView implements DnsView {
  readonly domain: string;
  readonly #namespaces: Informer<Namespace>;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;

  constructor(informers: Informers, types: DnsTypes, domain: string) {
    this.domain = domain;
    this.#namespaces = informers.of(types.namespaces);
    this.#services = informers.of(types.services);
    this.#slices = informers.of(types.endpointSlices);
    informers.index(types.endpointSlices, BY_SERVICE, (slice) => [serviceKey(slice)]);
    informers.index(types.endpointSlices, BY_ADDRESS, (slice) =>
      (slice.endpoints ?? []).flatMap((e) => e.addresses),
    );
    informers.index(types.services, BY_ADDRESS, (service) => service.spec.clusterIPs ?? []);
  }

  hasNamespace(namespace: string): boolean {
    return this.#namespaces.getByKey(namespace) !== undefined;
  }

  service(namespace: string, name: string): DnsService | undefined {
    const service = this.#services.get(namespace, name);
    return service === undefined ? undefined : toDnsService(service);
  }

  endpoints(service: DnsService): readonly DnsEndpoint[] {
    const object = this.#services.get(service.namespace, service.name);
    const all = object?.spec.publishNotReadyAddresses === true;
    const seen = new Map<string, DnsEndpoint>();
    for (const slice of this.#slices.byIndex(BY_SERVICE, `${service.namespace}/${service.name}`)) {
      for (const { addresses, hostname = '', conditions } of slice.endpoints ?? []) {
        if (!all && conditions?.ready === false) continue;
        for (const address of addresses) seen.set(address, { address, hostname });
      }
    }
    return [...seen.values()];
  }

  namesOf(address: string): readonly string[] {
    const services = this.#services
      .byIndex(BY_ADDRESS, address)
      .map(({ metadata }) => `${metadata.name ?? ''}.${metadata.namespace ?? ''}.svc.${this.domain}`);
    if (services.length > 0) return services;
    return this.#slices.byIndex(BY_ADDRESS, address).flatMap((slice) => {
      const service = this.#services.getByKey(serviceKey(slice));
      if (service === undefined || !isHeadless(service)) return [];
      const base = `${service.metadata.name ?? ''}.${service.metadata.namespace ?? ''}.svc.${this.domain}`;
      const endpoint = (slice.endpoints ?? []).find((e) => e.addresses.includes(address));
      return [`${endpoint?.hostname ?? address.replaceAll('.', '-')}.${base}`];
    });
  }
}

function serviceKey({ metadata }: EndpointSlice): string {
  return `${metadata.namespace ?? ''}/${metadata.labels?.[SERVICE_NAME] ?? ''}`;
}

function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === 'None';
}

function toDnsService(service: Service): DnsService {
  const { spec, metadata } = service;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    clusterIps: isHeadless(service)
      ? []
      : (spec.clusterIPs ?? (spec.clusterIP === undefined ? [] : [spec.clusterIP])),
    externalName: spec.type === 'ExternalName' ? (spec.externalName ?? '') : '',
    ports: (spec.ports ?? []).map((p) => ({
      name: p.name ?? '',
      protocol: p.protocol ?? 'TCP',
      port: p.port,
    })),
  };
}
