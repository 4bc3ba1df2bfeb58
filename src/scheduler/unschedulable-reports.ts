/** Tells the user why a pod has no node: an event, and the pod's condition `PodScheduled`. */

import { errorText, type Logger } from '../base/log.ts';
import { isApiError } from '../api/meta/api-error.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { formatTime } from '../api/time/time.ts';
import type { Pod, PodCondition } from '../api/types.gen.ts';
import type { Client } from '../client/client.ts';
import type { Clock } from '../host/host.ts';
import type { EventRecorder } from '../reconcile/event-recorder.ts';

export interface ReportOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventRecorder;
}

export interface Report {
  readonly reason: 'Unschedulable' | 'SchedulerError' | 'SchedulingGated';
  readonly message: string;
  /** The node that was promised to the pod. */
  readonly nominatedNodeName?: string;
}

export async function reportUnschedulable(options: ReportOptions, pod: Pod, report: Report): Promise<void> {
  const { client, clock, events, logger } = options;
  const { reason, message, nominatedNodeName } = report;
  events.record(pod, 'Warning', 'FailedScheduling', message);
  const current = (pod.status.conditions ?? []).find(({ type }) => type === 'PodScheduled');
  const isToldAlready =
    current?.status === 'False' && current.reason === reason && current.message === message;
  const { nominatedNodeName: before = '' } = pod.status;
  if (isToldAlready && (nominatedNodeName ?? before) === before) return;
  const condition: PodCondition = {
    type: 'PodScheduled',
    status: 'False',
    reason,
    message,
    lastTransitionTime:
      current?.status === 'False' ? (current.lastTransitionTime ?? '') : formatTime(clock.now()),
  };
  const status = {
    conditions: [{ ...condition }],
    ...(nominatedNodeName === undefined ? {} : { nominatedNodeName }),
  };
  try {
    const { namespace = '', name = '' } = pod.metadata;
    const patch = { type: 'strategic', body: { status } } as const;
    await client.patch(pods, { namespace, name }, patch, { subresource: 'status' });
  } catch (error) {
    if (!isApiError(error, 'NotFound')) logger.warn(`pod condition not written: ${errorText(error)}`);
  }
}
