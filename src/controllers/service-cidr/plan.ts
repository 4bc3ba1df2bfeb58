/**
 * What a ServiceCIDR needs next. Pure. One that is deleted stays as long as a Service would be left with an
 * address that lies in no network.
 *
 * Unlike upstream's, another network on its way out does not count as one that contains the addresses: two
 * equal ones deleted together would let each other go, and the addresses would be left.
 */

import { containsCidr, hasUsableAddress, parseCidr, type Cidr } from '../../api/addresses/cidr.ts';
import { timeMs } from '../../api/time/time.ts';
import type { ServiceCIDR } from '../../api/types.gen.ts';

/** In this time every API server hears of the deletion and takes no more addresses. */
export const GRACE_MS = 10_000;

export type ServiceCidrPlan =
  | { readonly action: 'ready' | 'block' | 'release' }
  | { readonly action: 'wait'; readonly ms: number };

export function networksOf({ spec }: ServiceCIDR): readonly Cidr[] {
  return (spec.cidrs ?? []).flatMap((text) => parseCidr(text) ?? []);
}

export function isLeaving({ metadata }: ServiceCIDR): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** `addresses`: all that the allocator has given away. */
export function planServiceCidr(
  object: ServiceCIDR,
  all: readonly ServiceCIDR[],
  addresses: () => Iterable<string>,
  nowMs: number,
): ServiceCidrPlan {
  const { deletionTimestamp } = object.metadata;
  if (deletionTimestamp === undefined) return { action: 'ready' };
  const own = networksOf(object);
  const staying = all.filter((other) => !isLeaving(other)).flatMap(networksOf);
  const isContained = own.every((network) =>
    staying.some((other) => other.prefixLength <= network.prefixLength && containsCidr(other, network)),
  );
  if (!isContained && hasOrphans(own, staying, addresses())) return { action: 'block' };
  // A deletion that seems to lie ahead was written with a clock that was put back since: look again soon.
  const ms = GRACE_MS - Math.max(0, nowMs - timeMs(deletionTimestamp));
  return ms > 0 ? { action: 'wait', ms } : { action: 'release' };
}

function hasOrphans(own: readonly Cidr[], staying: readonly Cidr[], addresses: Iterable<string>): boolean {
  for (const address of addresses) {
    const holds = (network: Cidr): boolean => hasUsableAddress(network, address);
    if (own.some(holds) && !staying.some(holds)) return true;
  }
  return false;
}
