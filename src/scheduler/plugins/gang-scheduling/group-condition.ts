/** What a group's status says of its pods: `PodGroupScheduled`. */

import { errorText, type Logger } from '../../../base/log.ts';
import { isApiError } from '../../../api/meta/api-error.ts';
import { podGroups } from '../../../api/groups/scheduling/pod-group/pod-group.ts';
import { formatTime } from '../../../api/time/time.ts';
import type { Condition, PodGroup } from '../../../api/types.gen.ts';
import type { Client } from '../../../client/client.ts';
import type { Clock } from '../../../host/host.ts';

const TYPE = 'PodGroupScheduled';

export type GroupOutcome = 'scheduled' | 'unschedulable';

const SAID = {
  scheduled: { status: 'True', reason: 'Scheduled', message: '' },
  unschedulable: { status: 'False', reason: 'Unschedulable', message: 'pod group is unschedulable' },
} as const;

/** Undefined: it says so already, or was scheduled before, which extra pods do not undo. */
export function groupCondition(
  { metadata, status }: PodGroup,
  outcome: GroupOutcome,
  nowMs: number,
): Condition | undefined {
  const present = (status?.conditions ?? []).find(({ type }) => type === TYPE);
  const said = SAID[outcome];
  if (present?.status === 'True' && said.status === 'False') return undefined;
  if (present?.status === said.status && present.reason === said.reason && present.message === said.message)
    return undefined;
  return {
    type: TYPE,
    ...said,
    observedGeneration: metadata.generation ?? 0,
    lastTransitionTime: present?.status === said.status ? present.lastTransitionTime : formatTime(nowMs),
  };
}

export interface GroupReports {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Nobody waits for it; the next attempt says it again. */
export function reportGroup(
  { client, clock, logger }: GroupReports,
  group: PodGroup | undefined,
  outcome: GroupOutcome,
): void {
  const condition = group && groupCondition(group, outcome, clock.now());
  if (group === undefined || condition === undefined) return;
  const { namespace = '', name = '' } = group.metadata;
  const patch = { type: 'strategic', body: { status: { conditions: [{ ...condition }] } } } as const;
  client.patch(podGroups, { namespace, name }, patch, { subresource: 'status' }).catch((error: unknown) => {
    if (isApiError(error, 'NotFound')) return;
    logger.warn(`pod group condition not written: ${errorText(error)}`, { group: `${namespace}/${name}` });
  });
}
