/**
 * Whether a Service and an IPAddress agree on each other. Pure; upstream's `ipallocator-repair-controller`.
 * The allocator writes both in one commit, so what disagrees was changed by somebody's hand.
 */

import { ipVersion } from '../../api/addresses/ip-version.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import { timeMs } from '../../api/time/time.ts';
import type { IPAddress, Service } from '../../api/types.gen.ts';
import {
  ADDRESS_MANAGER,
  addressLabels,
  MANAGED_BY_LABEL,
} from '../../apiserver/services/allocation-keys.ts';
import type { Statement } from '../said-once/said-once.ts';

/** A Service may follow its address in that time. */
export const GRACE_MS = 60_000;

export type ServiceRepair =
  | { readonly action: 'none' }
  | { readonly action: 'say'; readonly statement: Statement }
  /** `recreate`: what stands there goes first. */
  | { readonly action: 'create' | 'recreate'; readonly statement: Statement | undefined };

export type AddressRepair =
  | { readonly action: 'none' }
  | { readonly action: 'wait'; readonly ms: number }
  | { readonly action: 'delete'; readonly statement: Statement };

const NONE = { action: 'none' } as const;

export function addressesOf({ spec }: Service): readonly string[] {
  return (spec.clusterIPs ?? []).filter((ip) => ipVersion(ip) !== 0);
}

/** The IPAddress as it should be. */
export function wantedAddress(ip: string, { metadata }: Service): Pick<IPAddress, 'metadata' | 'spec'> {
  const { namespace = '', name = '' } = metadata;
  return {
    metadata: { name: ip, labels: addressLabels(ip) },
    spec: { parentRef: { resource: 'services', namespace, name } },
  };
}

/** `holder`: the Service that the stored address refers to. */
export function planService(
  service: Service,
  ip: string,
  isInNetwork: boolean,
  stored: IPAddress | undefined,
  holder: Service | undefined,
): ServiceRepair {
  const family = `[${ip.includes(':') ? 'IPv6' : 'IPv4'}]`;
  const { namespace = '', name = '' } = service.metadata;
  if (!isInNetwork) {
    const message = `Cluster IP ${family}: ${ip} is not within any configured Service CIDR; please recreate service`;
    return { action: 'say', statement: warning('ClusterIPOutOfRange', message) };
  }
  if (stored === undefined) {
    const message = `Cluster IP ${family}: ${ip} is not allocated; repairing`;
    return { action: 'create', statement: warning('ClusterIPNotAllocated', message) };
  }
  const { group = '', resource, ...parent } = stored.spec.parentRef;
  const isOwn = parent.namespace === namespace && parent.name === name;
  if (group !== '' || resource !== 'services' || (!isOwn && holder === undefined)) {
    const message = `the ClusterIP ${family}: ${ip} for Service ${namespace}/${name} has a wrong reference; repairing`;
    return { action: 'recreate', statement: warning('ClusterIPNotAllocated', message) };
  }
  if (!isOwn && holder !== undefined && addressesOf(holder).includes(ip)) {
    const message = `Cluster IP ${family}:${ip} was assigned to multiple services; please recreate service`;
    return { action: 'say', statement: warning('ClusterIPAlreadyAllocated', message) };
  }
  // One of the allocator's that refers to another Service is taken away as an address.
  const labels = addressLabels(ip);
  const isLabelled = Object.entries(labels).every(([key, value]) =>
    deepEqual(stored.metadata.labels?.[key], value),
  );
  return isLabelled ? NONE : { action: 'recreate', statement: undefined };
}

/** Addresses that others manage are theirs. */
export function planAddress(address: IPAddress, holder: Service | undefined, nowMs: number): AddressRepair {
  const { name: ip = '', labels = {}, creationTimestamp } = address.metadata;
  if (labels[MANAGED_BY_LABEL] !== ADDRESS_MANAGER) return NONE;
  const { group = '', resource, namespace = '', name } = address.spec.parentRef;
  if (group !== '' || resource !== 'services') {
    const parent = `${resource}${group === '' ? '' : `.${group}`} ${namespace}/${name}`;
    const message = `IPAddress ${ip} appears to have been modified, not referencing a Service ${parent}: cleaning up`;
    return { action: 'delete', statement: warning('IPAddressNotAllocated', message) };
  }
  if (holder === undefined) {
    const ms = GRACE_MS - (nowMs - (creationTimestamp === undefined ? 0 : timeMs(creationTimestamp)));
    if (ms > 0) return { action: 'wait', ms };
    const message = `IPAddress: ${ip} for Service ${namespace}/${name} appears to have leaked: cleaning up`;
    return { action: 'delete', statement: warning('IPAddressNotAllocated', message) };
  }
  if (addressesOf(holder).includes(ip)) return NONE;
  const message = `IPAddress: ${ip} for Service ${namespace}/${name} has a wrong reference; cleaning up`;
  return { action: 'delete', statement: warning('IPAddressWrongReference', message) };
}

function warning(reason: string, message: string): Statement {
  return { type: 'Warning', reason, message };
}
