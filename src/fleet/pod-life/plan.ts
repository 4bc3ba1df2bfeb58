/**
 * What happens next to a pod on a node that is played, and when. Pure.
 *
 * pending → running after `podStart`; a pod that is to end → succeeded after `podRun`; one that a failure
 * rule picks → failed; one that is being deleted → gone after `podStop`.
 */

import { fromLabelSelector, matches } from '../../api/labels/selector.ts';
import { timeMs } from '../../api/time/time.ts';
import type { Pod } from '../../api/types.gen.ts';
import { delayMs, lot } from '../delays.ts';
import type { FleetBehavior, PodFailure } from '../node-fleet.ts';

export type PodStep =
  | { readonly type: 'none' }
  | { readonly type: 'run' | 'succeed' | 'remove'; readonly atMs: number }
  | { readonly type: 'fail'; readonly atMs: number; readonly exitCode: number };

const NOTHING: PodStep = { type: 'none' };

export function nextStep(pod: Pod, behavior: FleetBehavior): PodStep {
  const { uid = '', deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
  if (deletionTimestamp !== undefined) {
    const askedMs = timeMs(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
    return { type: 'remove', atMs: askedMs + delayMs(behavior.podStop, uid, 'stop') };
  }
  switch (pod.status.phase) {
    case 'Pending':
    case undefined:
      return { type: 'run', atMs: scheduledMs(pod) + delayMs(behavior.podStart, uid, 'start') };
    case 'Running':
      return endOf(pod, behavior);
    default:
      return NOTHING;
  }
}

function scheduledMs({ metadata, status }: Pod): number {
  const scheduled = (status.conditions ?? []).find(({ type }) => type === 'PodScheduled');
  return timeMs(scheduled?.lastTransitionTime ?? metadata.creationTimestamp ?? '1970-01-01T00:00:00Z');
}

function endOf(pod: Pod, behavior: FleetBehavior): PodStep {
  const { uid = '' } = pod.metadata;
  const startedMs = timeMs(pod.status.startTime ?? '1970-01-01T00:00:00Z');
  const failure = failureOf(pod, behavior.podFailures ?? []);
  if (failure !== undefined) {
    const atMs = startedMs + delayMs(failure.after, uid, 'fail');
    return { type: 'fail', atMs, exitCode: failure.exitCode ?? 1 };
  }
  if (pod.spec.restartPolicy === 'Always') return NOTHING;
  return { type: 'succeed', atMs: startedMs + delayMs(behavior.podRun, uid, 'run') };
}

function failureOf({ metadata }: Pod, rules: readonly PodFailure[]): PodFailure | undefined {
  const rule = rules.find(({ selector }) => matches(fromLabelSelector(selector) ?? [], metadata.labels));
  if (rule === undefined) return undefined;
  return lot(metadata.uid ?? '', 'failure') * 100 < rule.percent ? rule : undefined;
}
