/**
 * The subsets of an Endpoints object: addresses grouped by the ports they have in common. Pure; upstream's
 * `RepackSubsets`.
 *
 * Example: pods a and b serve 80, b also 81 → subsets {a; 80}, {b; 80 81}.
 */

import type { EndpointAddress, EndpointPort, EndpointSubset, Pod, Service } from '../../api/types.gen.ts';
import { isPodReady } from '../pod-state/pod-state.ts';
import {
  canHaveEndpoint,
  endpointHostname,
  podAddresses,
  podPort,
  podReference,
} from '../service-endpoints/service-endpoints.ts';

/** Larger objects slow every watcher down; EndpointSlices have no such limit. */
export const ADDRESSES_MAX = 1_000;

interface Candidate {
  readonly address: EndpointAddress;
  readonly ready: boolean;
  readonly ports: readonly EndpointPort[];
}

export interface SubsetsPlan {
  readonly subsets: readonly EndpointSubset[];
  /** There were more addresses than fit. */
  readonly truncated: boolean;
}

export function planSubsets(service: Service, behind: readonly Pod[]): SubsetsPlan {
  const publishAll = service.spec.publishNotReadyAddresses === true;
  const candidates = behind
    .filter((pod) => canHaveEndpoint(pod, publishAll))
    .map((pod) => candidateOf(service, pod, publishAll))
    .filter((candidate) => candidate !== undefined)
    .toSorted((a, b) => compareTexts(a.address.ip, b.address.ip));
  // Ready ones first: those that do not fit are the least useful.
  const kept = [...candidates.filter(({ ready }) => ready), ...candidates.filter(({ ready }) => !ready)];
  const byPorts = Map.groupBy(kept.slice(0, ADDRESSES_MAX), ({ ports }) => JSON.stringify(ports));
  const subsets = [...byPorts]
    .toSorted(([a], [b]) => compareTexts(a, b))
    .map(([, members]) => subsetOf(members));
  return { subsets, truncated: kept.length > ADDRESSES_MAX };
}

function candidateOf(service: Service, pod: Pod, publishAll: boolean): Candidate | undefined {
  const family = service.spec.ipFamilies?.[0] ?? 'IPv4';
  const ip = podAddresses(pod).find((address) => address.includes(':') === (family === 'IPv6'));
  const ports = portsFor(service, pod);
  const servicePorts = service.spec.ports ?? [];
  if (ip === undefined || (ports.length === 0 && servicePorts.length > 0)) return undefined;
  const hostname = endpointHostname(pod, service);
  const { nodeName = '' } = pod.spec;
  const address = {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === '' ? {} : { nodeName }),
    targetRef: podReference(pod),
  };
  return { address, ready: publishAll || isPodReady(pod), ports };
}

function portsFor({ spec: { ports = [] } }: Service, pod: Pod): readonly EndpointPort[] {
  const found = ports.flatMap((servicePort) => {
    const port = podPort(pod, servicePort);
    if (port === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    return [
      {
        ...(name === '' ? {} : { name }),
        port,
        protocol,
        ...(appProtocol === undefined ? {} : { appProtocol }),
      },
    ];
  });
  return found.toSorted((a, b) => compareTexts(a.name ?? '', b.name ?? ''));
}

function subsetOf(members: readonly Candidate[]): EndpointSubset {
  const addresses = members.filter(({ ready }) => ready).map(({ address }) => address);
  const notReadyAddresses = members.filter(({ ready }) => !ready).map(({ address }) => address);
  const ports = members[0]?.ports ?? [];
  return {
    ...(addresses.length === 0 ? {} : { addresses }),
    ...(notReadyAddresses.length === 0 ? {} : { notReadyAddresses }),
    ...(ports.length === 0 ? {} : { ports }),
  };
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
