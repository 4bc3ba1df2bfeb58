/**
 * The networks that Services get their addresses from: ServiceCIDRs, of which every cluster has one, its
 * default service network.
 */

import { formatTime } from '../../api/time/time.ts';
import { serviceCidrs } from '../../api/groups/networking/service-cidr/service-cidr.ts';
import { parseNetwork, type Network } from '../../api/addresses/addresses.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { Client } from '../../client/client.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { ServiceCIDR } from '../../api/types.gen.ts';
import type { Clock } from '../../host/host.ts';
import { prefixRange, type Store } from '../../store/store.ts';

export const DEFAULT_NETWORK = 'kubernetes';
const RANGE = prefixRange(`/registry/${serviceCidrs.group}/${serviceCidrs.plural}/`);

/** IPv4 ones, those on their way out included. While there is no object: the configured one. */
export function serviceNetworks(
  store: Store<KubernetesObject>,
  configured: string,
): readonly { readonly network: Network; readonly isOpen: boolean }[] {
  const page = store.list(RANGE);
  const objects = page.ok ? page.result.entries.map(({ value }) => value as ServiceCIDR) : [];
  const all =
    objects.length === 0
      ? [{ cidr: configured, isOpen: true }]
      : objects.flatMap((object) =>
          (object.spec.cidrs ?? []).map((cidr) => ({ cidr, isOpen: isOpen(object) })),
        );
  return all.flatMap((one) => {
    const network = parseNetwork(one.cidr);
    return network === undefined ? [] : [{ network, isOpen: one.isOpen }];
  });
}

/** Addresses are taken from it. One that nobody has judged yet counts as ready. */
function isOpen({ metadata, status }: ServiceCIDR): boolean {
  const ready = (status.conditions ?? []).find(({ type }) => type === 'Ready');
  return metadata.deletionTimestamp === undefined && (ready === undefined || ready.status === 'True');
}

export async function ensureServiceNetwork(client: Client, serviceCidr: string, clock: Clock): Promise<void> {
  try {
    await client.create(serviceCidrs, {
      metadata: { name: DEFAULT_NETWORK },
      spec: { cidrs: [serviceCidr] },
    });
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
  const current = await client.get(serviceCidrs, { name: DEFAULT_NETWORK });
  if ((current.status.conditions ?? []).some(({ type }) => type === 'Ready')) return;
  const ready = {
    type: 'Ready',
    status: 'True',
    lastTransitionTime: formatTime(clock.now()),
    reason: '',
    message: 'Kubernetes Service CIDR is ready',
  } as const;
  await client.update(
    serviceCidrs,
    { ...current, status: { conditions: [ready] } },
    { subresource: 'status' },
  );
}
