/**
 * GangScheduling: pods of a group with a gang policy get their nodes together, or none of them does
 * (KEP-4671).
 *
 * No pod is tried before as many exist as the group wants at least (`minCount`). Each that gets a node is held
 * there (reserved, not bound) until so many have one; then all of them are bound. As soon as so many others
 * fit nowhere that the group cannot be complete, those that are held are released together and tried again
 * later, and what they held is free for others; after five minutes in any case.
 *
 * Example, minCount 3: a and b exist → both wait; c comes → all are tried; a and b get nodes and are held; c
 * fits nowhere → a and b are released. Somebody else goes: c is held, then a and b → all three are bound.
 */

import { whenAborted } from '../../../base/abort.ts';
import { pods } from '../../../api/groups/core/pod/pod.ts';
import { podGroups as podGroupKind } from '../../../api/groups/scheduling/pod-group/pod-group.ts';
import type { ResourceType } from '../../../api/meta/object.ts';
import type { Pod } from '../../../api/types.gen.ts';
import type { Timer } from '../../../host/host.ts';
import type { ClusterEvent, SchedulerPlugin } from '../../framework.ts';
import { groupKeyOf, type PodGroups } from './pod-groups.ts';

export const GANG_SCHEDULING = 'GangScheduling';
const TIMEOUT_MS = 300_000;
const TIMEOUT_TEXT = '5m0s';

interface Held {
  readonly pod: Pod;
  readonly release: () => void;
  readonly refuse: (reason: Error) => void;
}

/** What is decided and not yet in the API. */
interface Gang {
  /** Uids of pods that have a node. */
  readonly reserved: Set<string>;
  readonly held: Map<string, Held>;
  /** Uids of pods that fitted nowhere, since the group was last waited for. */
  readonly refused: Set<string>;
  timer: Timer | undefined;
}

export function gangScheduling(groups: PodGroups): SchedulerPlugin {
  const gangs = new Gangs(groups);
  groups.onPod((next, old) => {
    const pod = next ?? old;
    // Bound pods are counted as what they are; those that are gone not at all.
    if (pod !== undefined && (next === undefined || (next.spec.nodeName ?? '') !== '')) gangs.forget(pod);
  });
  return {
    name: GANG_SCHEDULING,
    watches: [pods as unknown as ResourceType, podGroupKind as unknown as ResourceType],
    wakesOn,
    preEnqueue: (pod) => {
      const key = groupKeyOf(pod);
      if (key === undefined) return undefined;
      const minCount = groups.minCountOf(key);
      if (minCount === undefined) {
        const name = JSON.stringify(pod.spec.schedulingGroup?.podGroupName ?? '');
        return `waiting for pod's pod group ${name} to appear in scheduling queue`;
      }
      return groups.membersOf(key).length < minCount
        ? 'waiting for minCount pods from a gang to appear in scheduling queue'
        : undefined;
    },
    postFilter: (_state, pod) => {
      gangs.refuse(pod);
      return '';
    },
    reserve: (_state, pod) => {
      gangs.reserve(pod);
      return undefined;
    },
    unreserve: (_state, pod) => gangs.forget(pod),
    permit: (pod, _nodeName, signal) => gangs.permit(pod, signal),
  };
}

/** Another member, or the group itself. */
function wakesOn(event: ClusterEvent, pod: Pod): boolean {
  if (event.resource !== 'Other' || event.next === undefined) return false;
  const key = groupKeyOf(pod);
  if (key === undefined) return false;
  const { metadata } = event.next;
  if (event.kind === podGroupKind.kind) return `${metadata.namespace ?? ''}/${metadata.name ?? ''}` === key;
  return event.kind === pods.kind && event.old === undefined && groupKeyOf(event.next as Pod) === key;
}

class Gangs {
  readonly #groups: PodGroups;
  readonly #gangs = new Map<string, Gang>();

  constructor(groups: PodGroups) {
    this.#groups = groups;
  }

  reserve(pod: Pod): void {
    const key = groupKeyOf(pod);
    if (key === undefined) return;
    const gang = this.#gang(key);
    gang.reserved.add(pod.metadata.uid ?? '');
    gang.refused.delete(pod.metadata.uid ?? '');
  }

  /** It fits nowhere. Without it there may be too few: then nobody is held for nothing. */
  refuse(pod: Pod): void {
    const key = groupKeyOf(pod);
    if (key === undefined) return;
    const gang = this.#gang(key);
    gang.refused.add(pod.metadata.uid ?? '');
    const possible = this.#groups
      .membersOf(key)
      .filter(({ metadata, spec }) => (spec.nodeName ?? '') !== '' || !gang.refused.has(metadata.uid ?? ''));
    if (possible.length >= (this.#groups.minCountOf(key) ?? 1)) return;
    this.#groups.report(key, 'unschedulable');
    this.#refuseAll(key, gang, () => 'other pods from a pod group are unschedulable');
  }

  /** What was reserved for it counts no more; one that is held is refused. */
  forget(pod: Pod): void {
    const key = groupKeyOf(pod);
    const gang = key === undefined ? undefined : this.#gangs.get(key);
    if (key === undefined || gang === undefined) return;
    const uid = pod.metadata.uid ?? '';
    gang.reserved.delete(uid);
    gang.refused.delete(uid);
    gang.held.get(uid)?.refuse(new Error('the pod is gone'));
    gang.held.delete(uid);
    this.#tidy(key, gang);
  }

  /** Undefined: it may go. */
  permit(pod: Pod, signal: AbortSignal): Promise<void> | undefined {
    const key = groupKeyOf(pod);
    if (key === undefined) return undefined;
    const gang = this.#gang(key);
    const members = this.#groups.membersOf(key);
    const placed = new Set(gang.reserved);
    for (const { spec, metadata } of members)
      if ((spec.nodeName ?? '') !== '') placed.add(metadata.uid ?? '');
    if (placed.size >= (this.#groups.minCountOf(key) ?? 1)) {
      this.#release(key, gang);
      this.#groups.report(key, 'scheduled');
      return undefined;
    }
    // Those that fitted nowhere may fit now; without them nobody goes.
    gang.refused.clear();
    for (const { metadata } of members)
      if (!placed.has(metadata.uid ?? '')) this.#groups.activate(metadata.uid ?? '');
    return this.#hold(key, gang, pod, signal);
  }

  #gang(key: string): Gang {
    const present = this.#gangs.get(key);
    if (present !== undefined) return present;
    const created: Gang = { reserved: new Set(), held: new Map(), refused: new Set(), timer: undefined };
    this.#gangs.set(key, created);
    return created;
  }

  #hold(key: string, gang: Gang, pod: Pod, signal: AbortSignal): Promise<void> {
    gang.timer ??= this.#groups.clock.after(TIMEOUT_MS, () => this.#refuseAll(key, gang, timeoutText));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    gang.held.set(pod.metadata.uid ?? '', { pod, release: resolve, refuse: reject });
    return promise.finally(whenAborted(signal, () => reject(new Error('the scheduler stops'))));
  }

  #release(key: string, gang: Gang): void {
    for (const { release } of gang.held.values()) release();
    gang.held.clear();
    this.#tidy(key, gang);
  }

  #refuseAll(key: string, gang: Gang, why: (pod: Pod) => string): void {
    gang.timer?.cancel();
    gang.timer = undefined;
    for (const { pod, refuse } of [...gang.held.values()]) refuse(new Error(why(pod)));
    gang.held.clear();
    this.#tidy(key, gang);
  }

  #tidy(key: string, gang: Gang): void {
    if (gang.held.size > 0) return;
    gang.timer?.cancel();
    gang.timer = undefined;
    if (gang.reserved.size + gang.refused.size === 0) this.#gangs.delete(key);
  }
}

function timeoutText({ metadata }: Pod): string {
  const name = JSON.stringify(metadata.name ?? '');
  return `pod ${name} rejected due to timeout after waiting ${TIMEOUT_TEXT} at plugin ${GANG_SCHEDULING}`;
}
