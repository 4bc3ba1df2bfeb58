/** What waits in the queue: a pod, or the pods of a group together. */

import type { Pod } from '../../api/types.gen.ts';
import type { Timer } from '../../host/host.ts';
import type { ClusterEvent, SchedulerPlugin } from '../framework.ts';

export interface QueuedPod {
  /** Of a group: the one that comes first. */
  pod: Pod;
  readonly uid: string;
  /** Only of a group: its pods that may be tried, by uid. */
  readonly members: Map<string, QueuedPod> | undefined;
  /** Order of arrival; one that comes back after a try is a new arrival. */
  sequence: number;
  attempts: number;
  /** Plugins that refused it the last time. */
  refusedBy: ReadonlySet<string>;
  /** `group`: where its group is. */
  place: 'active' | 'backoff' | 'unschedulable' | 'group' | 'none';
  backoffUntilMs: number;
  unschedulableSinceMs: number;
  timer: Timer | undefined;
}

export type QueuedGroup = QueuedPod & { readonly members: Map<string, QueuedPod> };

export function isGroup(entry: QueuedPod): entry is QueuedGroup {
  return entry.members !== undefined;
}

/** The name of a group's entry, which is no uid of any pod. */
export function groupEntryName(key: string): string {
  return `group ${key}`;
}

export function newEntry<M extends QueuedPod['members']>(
  uid: string,
  pod: Pod,
  sequence: number,
  members: M,
): QueuedPod & { readonly members: M } {
  return {
    pod,
    uid,
    members,
    sequence,
    attempts: 0,
    refusedBy: new Set(),
    place: 'none',
    backoffUntilMs: 0,
    unschedulableSinceMs: 0,
    timer: undefined,
  };
}

/** The order in which pods of a group are decided: the highest priority, then the oldest first. */
export function byPriority(a: QueuedPod, b: QueuedPod): number {
  return (b.pod.spec.priority ?? 0) - (a.pod.spec.priority ?? 0) || a.sequence - b.sequence;
}

/** Of a group that has members. */
export function firstOf(members: ReadonlyMap<string, QueuedPod>): QueuedPod {
  let first: QueuedPod | undefined;
  for (const member of members.values())
    if (first === undefined || byPriority(member, first) < 0) first = member;
  return first as QueuedPod;
}

/** Whether the event may help one of the group's pods that the plugin refused, or the group as a whole. */
export function helpsGroup(
  { pod, members }: QueuedGroup,
  plugin: SchedulerPlugin,
  event: ClusterEvent,
): boolean {
  if (plugin.wakesOn(event, pod)) return true;
  for (const { refusedBy, pod: member } of members.values())
    if (refusedBy.has(plugin.name) && plugin.wakesOn(event, member)) return true;
  return false;
}
