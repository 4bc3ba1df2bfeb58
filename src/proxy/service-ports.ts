/**
 * From Service and EndpointSlice objects to the ports that rules are planned for, as one node sees them.
 * Pure.
 */

import type { EndpointSlice, Service } from '../api/types.gen.ts';
import type { Endpoint, Protocol, ServicePort } from './rules.ts';

const AFFINITY_SECONDS = 10_800;

type Candidate = Endpoint & { readonly local: boolean; readonly ready: boolean; readonly serving: boolean };

export function servicePorts(
  service: Service,
  slices: readonly EndpointSlice[],
  nodeName: string,
): readonly ServicePort[] {
  const { spec, metadata, status } = service;
  if (spec.type === 'ExternalName' || spec.clusterIP === 'None' || (spec.clusterIP ?? '') === '') return [];
  if (metadata.labels?.['service.kubernetes.io/service-proxy-name'] !== undefined) return [];
  const externalLocal = spec.externalTrafficPolicy === 'Local';
  const internalLocal = spec.internalTrafficPolicy === 'Local';
  const ingress = (status.loadBalancer.ingress ?? [])
    .filter((i) => i.ipMode !== 'Proxy')
    .map((i) => i.ip ?? '');
  const affinitySeconds =
    spec.sessionAffinity === 'ClientIP'
      ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_SECONDS)
      : 0;
  return (spec.ports ?? []).map((port) => {
    const protocol = (port.protocol ?? 'TCP').toLowerCase() as Protocol;
    const candidates = candidatesFor(slices, port.name ?? '', port.protocol ?? 'TCP', nodeName);
    return {
      id: `${metadata.namespace ?? ''}/${metadata.name ?? ''}:${port.port}-${protocol}`,
      protocol,
      port: port.port,
      nodePort: port.nodePort ?? 0,
      affinitySeconds,
      clusterAddresses: (spec.clusterIPs ?? [spec.clusterIP ?? '']).filter(isIpv4),
      externalAddresses: [...(spec.externalIPs ?? []), ...ingress].filter(isIpv4),
      internalEndpoints: chosen(candidates, internalLocal),
      externalEndpoints: chosen(candidates, externalLocal),
      externalLocal,
    };
  });
}

function isIpv4(address: string): boolean {
  return address.includes('.');
}

function candidatesFor(
  slices: readonly EndpointSlice[],
  portName: string,
  protocol: string,
  nodeName: string,
): readonly Candidate[] {
  const found = new Map<string, Candidate>();
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue;
    const port = (slice.ports ?? []).find(
      (p) => (p.name ?? '') === portName && (p.protocol ?? 'TCP') === protocol,
    );
    if (port?.port === undefined) continue;
    for (const { addresses, conditions, nodeName: on } of slice.endpoints ?? []) {
      const [address] = addresses;
      if (address === undefined) continue;
      const ready = conditions?.ready ?? true;
      const serving = conditions?.serving ?? ready;
      found.set(`${address}:${port.port}`, {
        address,
        port: port.port,
        local: on === nodeName,
        ready,
        serving,
      });
    }
  }
  return [...found.values()].toSorted((a, b) =>
    a.address < b.address ? -1 : a.address > b.address ? 1 : a.port - b.port,
  );
}

/** Ready ones; while there is none, terminating ones that still serve (KEP-1669). */
function chosen(candidates: readonly Candidate[], localOnly: boolean): readonly Endpoint[] {
  const eligible = localOnly ? candidates.filter((c) => c.local) : candidates;
  const ready = eligible.filter((c) => c.ready);
  const usable = ready.length > 0 ? ready : eligible.filter((c) => c.serving);
  return usable.map(({ address, port }) => ({ address, port }));
}
