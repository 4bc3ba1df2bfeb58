/** The names and addresses that the API server's certificate is good for. */

import { hostname } from 'node:os';
import { firstAddress } from '../api/addresses/addresses.ts';
import type { ClusterSettings } from './settings.ts';

export function serverHosts(settings: ClusterSettings): readonly string[] {
  const hosts = [
    'localhost',
    '127.0.0.1',
    '::1',
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    `kubernetes.default.svc.${settings.clusterDomain}`,
    firstAddress(settings.serviceCidr),
    NODE_BRIDGE_ADDRESS,
    hostname().toLowerCase(),
  ];
  if (settings.bindAddress !== '0.0.0.0') hosts.push(settings.bindAddress);
  return [...new Set(hosts)];
}

/** Where nodes in network namespaces of their own reach this machine. */
export const NODE_BRIDGE_ADDRESS = '10.44.0.1';
