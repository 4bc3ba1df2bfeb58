/** What stands in the store for each address and node port that is taken. */

import { formatTime } from '../../api/time/time.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { IPAddress, Service } from '../../api/types.gen.ts';

/** The key of an IPAddress object, so that `kubectl get ipaddresses` shows it. */
export function addressKey(ip: string): string {
  return `/registry/networking.k8s.io/ipaddresses/${ip}`;
}

export const ADDRESS_MANAGER = 'ipallocator.k8s.io';
export const MANAGED_BY_LABEL = 'ipaddress.kubernetes.io/managed-by';

export function addressLabels(ip: string): { readonly [label: string]: string } {
  return {
    'ipaddress.kubernetes.io/ip-family': ip.includes(':') ? 'IPv6' : 'IPv4',
    [MANAGED_BY_LABEL]: ADDRESS_MANAGER,
  };
}

export function addressEntry(ip: string, service: Service, uid: string, nowMs: number): IPAddress {
  const { namespace = '', name = '' } = service.metadata;
  return {
    kind: 'IPAddress',
    apiVersion: 'networking.k8s.io/v1',
    metadata: {
      name: ip,
      uid,
      creationTimestamp: formatTime(nowMs),
      labels: addressLabels(ip),
    },
    spec: { parentRef: { resource: 'services', namespace, name } },
  };
}

/** Ports have no kind of their own in the API; the entry only says whose the port is. */
export function nodePortKey(port: number): string {
  return `/registry/k8ts/nodeports/${port}`;
}

export function nodePortEntry(port: number, { metadata }: Service): KubernetesObject {
  const { namespace = '', name = '' } = metadata;
  return {
    kind: 'NodePort',
    apiVersion: 'k8ts.dev/v1',
    metadata: { name: String(port), annotations: { 'k8ts.dev/service': `${namespace}/${name}` } },
  };
}
