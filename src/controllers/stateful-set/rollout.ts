/**
 * Which pods of another revision go now, when everything else of a StatefulSet is in place. Pure.
 *
 * Without `maxUnavailable` one pod at a time, from the highest ordinal down to the partition, and each waits
 * until those above it are available: that is what upstream 1.36 does, whose `MaxUnavailableStatefulSet` is
 * off by default (kubernetes#137904). Where the field is set it is honoured, with the repair of the bug for
 * which upstream turned it off: under Parallel, old pods that are not available go at once, so a broken
 * revision can always be replaced.
 */

import type { ControllerRevision, Pod, StatefulSet } from '../../api/types.gen.ts';
import { isPodAvailable } from '../pod-state/pod-state.ts';
import { amountOf } from '../../api/groups/apps/rolling-update.ts';
import { nameOf } from '../revision-history/revision-history.ts';
import { replicasOf, revisionOf } from './identity.ts';

interface Place {
  readonly pod: Pod | undefined;
}

interface Rolling {
  readonly set: StatefulSet;
  readonly update: ControllerRevision;
}

/** `slots` by ordinal. An empty one was filled in this very step. */
export function planRollout(state: Rolling, slots: readonly Place[], nowMs: number): readonly Pod[] {
  const { updateStrategy, minReadySeconds = 0, podManagementPolicy } = state.set.spec;
  if (updateStrategy.type === 'OnDelete') return [];
  const { partition = 0, maxUnavailable } = updateStrategy.rollingUpdate ?? {};
  const isAvailable = (pod: Pod): boolean => isPodAvailable(pod, minReadySeconds, nowMs);
  const isMissing = ({ pod }: Place): boolean => pod === undefined || isLeaving(pod) || !isAvailable(pod);
  const isOld = (pod: Pod): boolean => revisionOf(pod) !== nameOf(state.update) && !isLeaving(pod);
  const highestFirst = slots.slice(partition).toReversed();
  if (maxUnavailable === undefined) return nextOne(highestFirst, isOld, isMissing);
  const old = highestFirst.flatMap(({ pod }) => (pod !== undefined && isOld(pod) ? [pod] : []));
  const budget = unavailableMax(maxUnavailable, replicasOf(state.set)) - slots.filter(isMissing).length;
  if (podManagementPolicy !== 'Parallel') return old.slice(0, Math.max(0, budget));
  return [
    ...old.filter((pod) => !isAvailable(pod)),
    ...old.filter(isAvailable).slice(0, Math.max(0, budget)),
  ];
}

function nextOne(
  places: readonly Place[],
  isOld: (pod: Pod) => boolean,
  isMissing: (place: Place) => boolean,
): readonly Pod[] {
  for (const place of places) {
    if (place.pod !== undefined && isOld(place.pod)) return [place.pod];
    if (isMissing(place)) return [];
  }
  return [];
}

function isLeaving({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** A share is rounded down, but at least one pod may be missing, else nothing would ever roll out. */
function unavailableMax(amount: number | string, replicas: number): number {
  return Math.max(1, amountOf(amount, replicas, Math.floor));
}
