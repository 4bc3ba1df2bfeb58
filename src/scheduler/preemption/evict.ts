/** Makes the room that a preemption decided on. */

import { errorText, type Logger } from '../../base/log.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { formatTime } from '../../api/time/time.ts';
import type { Pod } from '../../api/types.gen.ts';
import type { Client } from '../../client/client.ts';
import type { Clock } from '../../host/host.ts';
import type { EventRecorder } from '../../reconcile/event-recorder.ts';

export interface EvictionOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventRecorder;
}

/** True when every victim is on its way out. */
export async function evictVictims(
  options: EvictionOptions,
  preemptor: Pod,
  nodeName: string,
  victims: readonly Pod[],
): Promise<boolean> {
  const results = await Promise.all(victims.map((victim) => evict(options, preemptor, nodeName, victim)));
  return results.every(Boolean);
}

async function evict(
  { client, clock, events, logger }: EvictionOptions,
  preemptor: Pod,
  nodeName: string,
  victim: Pod,
): Promise<boolean> {
  const { namespace = '', name = '', uid = '', deletionTimestamp } = victim.metadata;
  if (deletionTimestamp !== undefined) return true;
  const { schedulerName = '' } = preemptor.spec;
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: `${schedulerName}: preempting to accommodate a higher priority pod`,
    lastTransitionTime: formatTime(clock.now()),
  };
  try {
    const patch = { type: 'strategic', body: { status: { conditions: [condition] } } } as const;
    await client.patch(pods, { namespace, name }, patch, { subresource: 'status' });
    await client.delete(pods, { namespace, name }, { preconditions: { uid } });
  } catch (error) {
    // Gone, or another one by this name: the room is there.
    if (isApiError(error, 'NotFound') || isApiError(error, 'Conflict')) return true;
    logger.warn(`preemption failed: ${errorText(error)}`, { pod: `${namespace}/${name}`, node: nodeName });
    return false;
  }
  events.record(
    victim,
    'Normal',
    'Preempted',
    `Preempted by pod ${preemptor.metadata.uid ?? ''} on node ${nodeName}`,
  );
  return true;
}
