/** What controllers ask about a pod: is it ready, available, active, on its way out? Pure. */

import type { Pod, PodCondition } from '../../api/types.gen.ts';
import { formatTime, timeMs } from '../../api/time/time.ts';

export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status.conditions?.find((condition) => condition.type === type);
}

export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** When the pod became ready, in milliseconds; undefined while it is not. */
export function podReadySinceMs(pod: Pod): number | undefined {
  const ready = podCondition(pod, 'Ready');
  if (ready?.status !== 'True' || ready.lastTransitionTime === undefined) return undefined;
  return timeMs(ready.lastTransitionTime);
}

/** Milliseconds until a ready pod counts as available; 0 when it does, undefined while it is not ready. */
export function availableInMs(pod: Pod, minReadySeconds: number, nowMs: number): number | undefined {
  if (!isPodReady(pod)) return undefined;
  if (minReadySeconds === 0) return 0;
  const since = podReadySinceMs(pod);
  return since === undefined ? undefined : Math.max(0, since + minReadySeconds * 1000 - nowMs);
}

export function isPodAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  return availableInMs(pod, minReadySeconds, nowMs) === 0;
}

/** Its containers have ended and will not run again. */
export function isPodFinished(pod: Pod): boolean {
  return pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
}

/** Neither finished nor being deleted: counts as a replica. */
export function isPodActive(pod: Pod): boolean {
  return !isPodFinished(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Being deleted, with containers that may still run. */
export function isPodTerminating(pod: Pod): boolean {
  return !isPodFinished(pod) && pod.metadata.deletionTimestamp !== undefined;
}

/**
 * The soonest moment at which a ready pod becomes available, in milliseconds from now; undefined: none waits.
 */
export function nextAvailabilityMs(
  pods: readonly Pod[],
  minReadySeconds: number,
  nowMs: number,
): number | undefined {
  let soonest: number | undefined;
  if (minReadySeconds === 0) return undefined;
  for (const pod of pods) {
    const wait = availableInMs(pod, minReadySeconds, nowMs);
    if (wait !== undefined && wait > 0 && (soonest === undefined || wait < soonest)) soonest = wait;
  }
  // By a clock that was turned back it can be hours; who looks again in time sees when it is set right.
  return soonest === undefined ? undefined : Math.min(soonest, minReadySeconds * 1000);
}

/**
 * The pod with the condition in place; the same pod when it is there with this status, reason and message.
 */
export function withPodCondition(pod: Pod, condition: PodCondition, nowMs: number): Pod {
  const present = podCondition(pod, condition.type);
  const same =
    present?.status === condition.status &&
    present.reason === condition.reason &&
    present.message === condition.message;
  if (same) return pod;
  const since = present?.status === condition.status ? present.lastTransitionTime : undefined;
  const { generation } = pod.metadata;
  const next: PodCondition = {
    ...condition,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    lastTransitionTime: since ?? formatTime(nowMs),
  };
  const others = (pod.status.conditions ?? []).filter(({ type }) => type !== condition.type);
  return { ...pod, status: { ...pod.status, conditions: [...others, next] } };
}
