/** The status of a DaemonSet: what its nodes have. Pure. */

import { deepEqual } from '../../api/meta/equal.ts';
import type { DaemonSet, DaemonSetStatus } from '../../api/types.gen.ts';
import { isPodAvailable, isPodReady } from '../pod-state/pod-state.ts';
import { hashOf } from './daemon-pod.ts';
import type { Place } from './places.ts';

/** Of several pods on a node the first counts. */
export function planStatus(
  set: DaemonSet,
  places: readonly Place[],
  hash: string,
  collisionCount: number,
  nowMs: number,
): DaemonSetStatus {
  const { minReadySeconds = 0 } = set.spec;
  const onNodes = places.filter(({ node }) => node !== undefined);
  const wanted = onNodes.filter(({ eligibility }) => eligibility.shouldRun);
  const first = wanted.flatMap(({ pods }) => pods.slice(0, 1));
  const ready = first.filter(isPodReady);
  const available = ready.filter((pod) => isPodAvailable(pod, minReadySeconds, nowMs)).length;
  const { observedGeneration: _generation, collisionCount: _count, conditions } = set.status;
  return reported({
    currentNumberScheduled: first.length,
    numberMisscheduled: onNodes.filter(({ eligibility, pods }) => !eligibility.shouldRun && pods.length > 0)
      .length,
    desiredNumberScheduled: wanted.length,
    numberReady: ready.length,
    observedGeneration: set.metadata.generation ?? 0,
    updatedNumberScheduled: first.filter((pod) => hashOf(pod) === hash).length,
    numberAvailable: available,
    numberUnavailable: wanted.length - available,
    collisionCount,
    ...(conditions === undefined ? {} : { conditions }),
  });
}

/** Counters of 0 are left out where the API leaves them out. */
function reported(status: DaemonSetStatus): DaemonSetStatus {
  const {
    updatedNumberScheduled = 0,
    numberAvailable = 0,
    numberUnavailable = 0,
    collisionCount = 0,
    ...rest
  } = status;
  return {
    ...rest,
    ...(updatedNumberScheduled > 0 ? { updatedNumberScheduled } : {}),
    ...(numberAvailable > 0 ? { numberAvailable } : {}),
    ...(numberUnavailable > 0 ? { numberUnavailable } : {}),
    ...(collisionCount > 0 ? { collisionCount } : {}),
  };
}

export function sameStatus(a: DaemonSetStatus, b: DaemonSetStatus): boolean {
  return deepEqual(reported(a), reported(b));
}
