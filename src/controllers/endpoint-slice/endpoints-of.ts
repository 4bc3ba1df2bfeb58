/**
 * The endpoints that a Service should have: one per pod and address family, grouped by the ports it serves.
 * Pure.
 */

import type {
  DiscoveryV1EndpointPort,
  Endpoint,
  EndpointHints,
  EndpointSlice,
  Node,
  Pod,
  Service,
} from '../../api/types.gen.ts';
import { isPodReady } from '../pod-state/pod-state.ts';
import {
  canHaveEndpoint,
  endpointHostname,
  podAddresses,
  podPort,
  podReference,
} from '../service-endpoints/service-endpoints.ts';

const ZONE_LABEL = 'topology.kubernetes.io/zone';

export type AddressType = 'IPv4' | 'IPv6';
export const ADDRESS_TYPES: readonly AddressType[] = ['IPv4', 'IPv6'];

/** Endpoints that share a slice: same address family, same ports. */
export interface EndpointGroup {
  readonly addressType: AddressType;
  readonly ports: readonly DiscoveryV1EndpointPort[];
  /** By `endpointKey`. */
  readonly endpoints: Map<string, Endpoint>;
}

export interface WantedEndpoints {
  /** By `groupKey`. */
  readonly groups: ReadonlyMap<string, EndpointGroup>;
  /** Pods whose node is not known; they get their endpoint when it is. */
  readonly withoutNode: readonly Pod[];
}

/** Slices of a Service that has no endpoints are kept under these ports. */
const NO_PORTS: readonly DiscoveryV1EndpointPort[] = [];

export function wantedAddressTypes({ spec }: Service): readonly AddressType[] {
  const families = spec.ipFamilies ?? [];
  return families.length === 0 ? ['IPv4'] : families;
}

export function wantedEndpoints(
  service: Service,
  behind: readonly Pod[],
  nodeOf: (name: string) => Node | undefined,
): WantedEndpoints {
  const groups = new Map<string, EndpointGroup>();
  const withoutNode: Pod[] = [];
  for (const pod of behind) {
    if (!canHaveEndpoint(pod, true)) continue;
    const { nodeName = '' } = pod.spec;
    const node = nodeName === '' ? undefined : nodeOf(nodeName);
    if (node === undefined && nodeName !== '' && service.spec.publishNotReadyAddresses !== true) {
      withoutNode.push(pod);
      continue;
    }
    const ports = portsFor(service, pod);
    for (const addressType of wantedAddressTypes(service)) {
      const endpoint = endpointFor(service, pod, node, addressType);
      if (endpoint.addresses.length === 0) continue;
      const key = groupKey(addressType, ports);
      const group = groups.get(key) ?? { addressType, ports, endpoints: new Map<string, Endpoint>() };
      groups.set(key, group);
      group.endpoints.set(endpointKey(endpoint), endpoint);
    }
  }
  return { groups, withoutNode };
}

function portsFor({ spec }: Service, pod: Pod): readonly DiscoveryV1EndpointPort[] {
  const { ports = [] } = spec;
  if (ports.length === 0) return NO_PORTS;
  return ports.flatMap((servicePort) => {
    const port = podPort(pod, servicePort);
    if (port === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    return [{ name, port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

function endpointFor(service: Service, pod: Pod, node: Node | undefined, addressType: AddressType): Endpoint {
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const { nodeName = '' } = pod.spec;
  const zone = node?.metadata.labels?.[ZONE_LABEL];
  const hostname = endpointHostname(pod, service);
  const hints = ready ? hintsFor(service, nodeName, zone) : undefined;
  return {
    addresses: podAddresses(pod).filter((address) => isOfType(address, addressType)),
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: podReference(pod),
    ...(nodeName === '' ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
    ...(hints === undefined ? {} : { hints }),
  };
}

/**
 * `trafficDistribution`: who should be served from here; proxies ignore hints that would leave somebody out.
 */
function hintsFor({ spec }: Service, nodeName: string, zone: string | undefined): EndpointHints | undefined {
  if (zone === undefined) return undefined;
  switch (spec.trafficDistribution) {
    case 'PreferClose':
    case 'PreferSameZone':
      return { forZones: [{ name: zone }] };
    case 'PreferSameNode':
      return { forZones: [{ name: zone }], ...(nodeName === '' ? {} : { forNodes: [{ name: nodeName }] }) };
    default:
      return undefined;
  }
}

function isOfType(address: string, addressType: AddressType): boolean {
  return address.includes(':') === (addressType === 'IPv6');
}

/** What makes two endpoints the same one; the rest are its changing properties. */
export function endpointKey({ addresses, hostname = '', targetRef }: Endpoint): string {
  return JSON.stringify([addresses.toSorted(), hostname, targetRef?.namespace ?? '', targetRef?.name ?? '']);
}

export function groupKey(addressType: string, ports: readonly DiscoveryV1EndpointPort[]): string {
  const texts = ports.map(({ name = '', port = 0, protocol = 'TCP', appProtocol = '' }) =>
    JSON.stringify([name, port, protocol, appProtocol]),
  );
  return `${addressType} ${texts.toSorted().join(' ')}`;
}

export function groupKeyOf({ addressType, ports }: EndpointSlice): string {
  return groupKey(addressType, ports ?? NO_PORTS);
}

export function emptyGroup(addressType: AddressType): EndpointGroup {
  return { addressType, ports: NO_PORTS, endpoints: new Map() };
}
