/** What a group's status says of its pods: `PodGroupScheduled`. */

import { errorText, type Logger } from '../../base/log.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { podGroups } from '../../api/groups/scheduling/pod-group/pod-group.ts';
import { formatTime } from '../../api/time/time.ts';
import type { Condition, PodGroup } from '../../api/types.gen.ts';
import type { Client } from '../../client/client.ts';
import type { Clock } from '../../host/host.ts';

const TYPE = 'PodGroupScheduled';

export interface GroupOutcome {
  readonly reason: 'Scheduled' | 'Unschedulable' | 'SchedulerError';
  readonly message: string;
}

/** Undefined: it says so already, or was scheduled before, which extra pods do not undo. */
export function groupCondition(
  { metadata, status }: PodGroup,
  outcome: GroupOutcome,
  nowMs: number,
): Condition | undefined {
  const present = (status?.conditions ?? []).find(({ type }) => type === TYPE);
  const { generation: observedGeneration = 0 } = metadata;
  const said = { status: outcome.reason === 'Scheduled' ? 'True' : 'False', ...outcome, observedGeneration };
  if (present?.status === 'True' && said.status === 'False') return undefined;
  const isSame = (['status', 'reason', 'message', 'observedGeneration'] as const).every(
    (field) => present?.[field] === said[field],
  );
  if (isSame) return undefined;
  const isOld = present?.status === said.status;
  return { type: TYPE, ...said, lastTransitionTime: isOld ? present.lastTransitionTime : formatTime(nowMs) };
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
