/** Under which names and addresses the API server is reached, and its certificate is good for. */

import { hostname, networkInterfaces } from 'node:os';
import { firstAddress } from '../api/addresses/addresses.ts';
import type { DataFolder } from './data-folder.ts';
import { nodeBridge } from './node-places.ts';
import type { ClusterSettings } from './settings.ts';

export function serverHosts(settings: ClusterSettings, folder: DataFolder): readonly string[] {
  const hosts = [
    'localhost',
    '127.0.0.1',
    '::1',
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    `kubernetes.default.svc.${settings.clusterDomain}`,
    firstAddress(settings.serviceCidr),
    // Where nodes in network namespaces of their own reach this machine.
    nodeBridge(folder).address,
    ...machineAddresses(),
    hostname().toLowerCase(),
  ];
  if (settings.bindAddress !== '0.0.0.0') hosts.push(settings.bindAddress);
  return [...new Set(hosts)];
}

/** The addresses of this machine, so that nodes elsewhere can join under any of them. */
export function machineAddresses(): readonly string[] {
  const own = /^(k8ts|k[0-9a-f]{4}-|cni|docker|veth|dns|vx)/;
  return Object.entries(networkInterfaces())
    .filter(([name]) => !own.test(name))
    .flatMap(([, addresses = []]) => addresses)
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}

/**
 * The address that pods reach: the one that is listened on; else the nodes' bridge, or the machine's first
 * address.
 */
export function advertisedAddress({ bindAddress, nodes }: ClusterSettings, folder: DataFolder): string {
  if (bindAddress !== '0.0.0.0') return bindAddress;
  if (nodes > 1) return nodeBridge(folder).address;
  return machineAddresses()[0] ?? '127.0.0.1';
}
