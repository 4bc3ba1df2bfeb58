/** The ServiceCIDR that every cluster has: its default service network, as an object. */

import { serviceCidrs } from '../../api/groups/networking/service-cidr/service-cidr.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { Client } from '../../client/client.ts';
import type { Clock } from '../../host/host.ts';
import { timestamp } from '../registry/metadata.ts';

const NAME = 'kubernetes';

export async function ensureServiceNetwork(client: Client, serviceCidr: string, clock: Clock): Promise<void> {
  try {
    await client.create(serviceCidrs, { metadata: { name: NAME }, spec: { cidrs: [serviceCidr] } });
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
  const current = await client.get(serviceCidrs, { name: NAME });
  if ((current.status.conditions ?? []).some(({ type }) => type === 'Ready')) return;
  const ready = {
    type: 'Ready',
    status: 'True',
    lastTransitionTime: timestamp(clock.now()),
    reason: '',
    message: 'Kubernetes Service CIDR is ready',
  } as const;
  await client.update(
    serviceCidrs,
    { ...current, status: { conditions: [ready] } },
    { subresource: 'status' },
  );
}
