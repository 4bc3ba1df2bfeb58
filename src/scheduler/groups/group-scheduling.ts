/**
 * Groups get their nodes in one go (KEP-4671): in a cycle of its own every pod of the group that waits looks
 * for a place. When enough of them have one, they are bound; otherwise all places are given back, and the
 * group waits for something that helps one of its pods. Nothing is held for a group that cannot go, so groups
 * in each other's way cannot block each other.
 *
 * Where places are free only when others have left, those are evicted and the group comes again, but only if
 * it can go then: nobody is evicted for a group that would wait all the same.
 *
 * Example, three pods wanted: two fit, the third does not → all wait. It would fit without x of lower
 * priority → x is evicted, the three are promised their nodes and are bound in the next cycle.
 */

import type { Pod } from '../../api/types.gen.ts';
import { nextTurn } from '../../base/turn.ts';
import type { Clock } from '../../host/host.ts';
import type { Placement } from '../binding.ts';
import type { SchedulerCache } from '../cache/cache.ts';
import type { Decisions } from '../decisions.ts';
import { evictVictims } from '../preemption/evict.ts';
import { promiseNode } from '../preemption/promise-node.ts';
import type { Profile } from '../profile.ts';
import type { SchedulingQueue } from '../queue/queue.ts';
import { byPriority, type QueuedGroup, type QueuedPod } from '../queue/queued-pod.ts';
import { reportUnschedulable, type Report, type ReportOptions } from '../unschedulable-reports.ts';
import { reportGroup, type GroupOutcome } from './group-condition.ts';
import { GroupCycle } from './group-cycle.ts';
import type { Place } from './group-places.ts';
import { groupKeyOf, type PodGroups } from './pod-groups.ts';

/** Conditions of pods that are written at once. */
const REPORTS_AT_ONCE = 32;

const UNSCHEDULABLE = 'pod group is unschedulable';
const WAITING = `${UNSCHEDULABLE}, pod group is waiting for preemption to complete`;

export interface GroupParts {
  readonly cache: SchedulerCache;
  readonly queue: SchedulingQueue;
  readonly groups: PodGroups;
  readonly clock: Clock;
  profileOf(pod: Pod): Profile | undefined;
  readonly decisions: Decisions;
  /** A place that is taken becomes the pod's node; whatever fails brings the pod back. */
  bind(entry: QueuedPod, placement: Placement, signal: AbortSignal): void;
  /** Resolves when another binding may begin. */
  roomToBind(signal: AbortSignal): Promise<void>;
  reporting(pod: Pod): ReportOptions;
  /** Decisions are made for so long before other work gets a turn. */
  readonly sliceMs: number;
}

type Told = readonly [QueuedPod, Report];

export class GroupScheduling {
  readonly #parts: GroupParts;

  constructor(parts: GroupParts) {
    this.#parts = parts;
  }

  async schedule(group: QueuedGroup, signal: AbortSignal): Promise<void> {
    const { queue, cache, decisions } = this.#parts;
    const members = [...group.members.values()].toSorted(byPriority);
    queue.undecided(group);
    const profile = this.#profileOf(members);
    if (typeof profile === 'string') return this.#fail(group, members, new Map(), profile);
    const cycle = new GroupCycle(cache, profile, decisions, signal);
    const problem = await this.#decideOnAll(cycle, members, signal);
    cycle.places.giveBackUnless((entry) => queue.holds(entry));
    if (signal.aborted) return cycle.places.giveBack();
    if (problem === undefined) return this.#conclude(group, members, cycle, signal);
    cycle.places.giveBack();
    const [entry, message] = problem;
    const others = `failed to schedule other pod from a pod group: ${message}`;
    this.#fail(group, members, new Map([[entry, message]]), others);
  }

  /** Its profile is that of all its pods, or there is none. */
  #profileOf(members: readonly QueuedPod[]): Profile | string {
    const names = new Set(members.map(({ pod }) => pod.spec.schedulerName ?? ''));
    const [first = '', second] = [...names].map((name) => JSON.stringify(name));
    if (second !== undefined) {
      const rule = 'all pods in a single pod group should have the same .spec.schedulerName set';
      return `${rule}, got: ${first} and ${second}`;
    }
    const [leader] = members;
    return (leader && this.#parts.profileOf(leader.pod)) ?? `profile not found for scheduler name ${first}`;
  }

  /** On whom no decision could be made, and why. */
  async #decideOnAll(
    cycle: GroupCycle,
    members: readonly QueuedPod[],
    signal: AbortSignal,
  ): Promise<readonly [QueuedPod, string] | undefined> {
    const { queue, clock, sliceMs } = this.#parts;
    let endMs = clock.monotonicMs() + sliceMs;
    for (const entry of members) {
      if (clock.monotonicMs() >= endMs) {
        await nextTurn('scheduler');
        endMs = clock.monotonicMs() + sliceMs;
      }
      if (signal.aborted) return undefined;
      if (!queue.holds(entry)) continue;
      const problem = await cycle.decideOn(entry);
      if (problem !== undefined) return [entry, problem];
    }
    return undefined;
  }

  async #conclude(
    group: QueuedGroup,
    members: readonly QueuedPod[],
    cycle: GroupCycle,
    signal: AbortSignal,
  ): Promise<void> {
    const { taken } = cycle.places;
    const why = this.#reasonToWait(group.pod, cycle.profile);
    if (taken.length > 0 && why === undefined && !cycle.needsRoom) return this.#go(group, cycle, signal);
    const places = [...taken];
    const needsRoom = taken.length > 0 && why === undefined;
    cycle.places.giveBack();
    for (const { uid } of members) this.#parts.cache.nominations.delete(uid);
    const refusedBy = new Set(why === undefined ? [] : [why.plugin]);
    const own = ({ uid }: QueuedPod): string | undefined => cycle.refused.get(uid)?.message;
    for (const entry of members) entry.refusedBy = cycle.refused.get(entry.uid)?.refusedBy ?? refusedBy;
    this.#parts.queue.unschedulableGroup(group, members);
    if (needsRoom) void this.#makeRoom(places);
    const nodes = new Map(places.map(({ entry, placement }) => [entry, placement.node.name]));
    const told = members.map((entry): Told => {
      const hasPlace = nodes.has(entry);
      const message = needsRoom
        ? (own(entry) ?? WAITING)
        : hasPlace
          ? `${UNSCHEDULABLE}, ${why?.message ?? ''}`
          : (own(entry) ?? UNSCHEDULABLE);
      const nominatedNodeName = (needsRoom ? nodes.get(entry) : undefined) ?? '';
      return [entry, { reason: 'Unschedulable', message, nominatedNodeName }];
    });
    this.#tell(group, told, { reason: 'Unschedulable', message: needsRoom ? WAITING : UNSCHEDULABLE });
  }

  /** Why those that have a place may not go yet. */
  #reasonToWait(
    pod: Pod,
    { plugins }: Profile,
  ): { readonly plugin: string; readonly message: string } | undefined {
    const { cache, groups } = this.#parts;
    let scheduled = 0;
    for (const uid of groups.membersOf(groupKeyOf(pod) ?? ''))
      if (cache.nodeOf(uid) !== undefined) scheduled++;
    for (const plugin of plugins) {
      const message = plugin.permit?.(pod, scheduled);
      if (message !== undefined) return { plugin: plugin.name, message };
    }
    return undefined;
  }

  async #go(
    group: QueuedGroup,
    { places: { taken }, refused }: GroupCycle,
    signal: AbortSignal,
  ): Promise<void> {
    const { queue, cache } = this.#parts;
    const left = [...refused.values()];
    for (const { entry, refusedBy } of left) {
      entry.refusedBy = refusedBy;
      cache.nominations.delete(entry.uid);
    }
    queue.unschedulableGroup(
      group,
      left.map(({ entry }) => entry),
    );
    const told = left.map(({ entry, message }): Told => {
      return [entry, { reason: 'Unschedulable', message, nominatedNodeName: '' }];
    });
    this.#tell(group, told, { reason: 'Scheduled', message: '' });
    for (const { entry, placement } of taken) {
      await this.#parts.roomToBind(signal);
      if (signal.aborted) return;
      this.#parts.bind(entry, placement, signal);
    }
  }

  async #makeRoom(places: readonly Place[]): Promise<void> {
    const { cache, queue } = this.#parts;
    for (const { placement } of places) promiseNode(cache, queue, placement.pod, placement.node.name);
    const evicted = await Promise.all(
      places.map(({ placement: { pod, node }, victims }) =>
        evictVictims(this.#parts.reporting(pod), pod, node.name, victims),
      ),
    );
    if (evicted.every(Boolean)) return;
    for (const { entry } of places) cache.nominations.delete(entry.uid);
    for (const { entry } of places) queue.activate(entry.uid);
  }

  /** Nothing is wrong with the group itself: it is tried again after its backoff. */
  #fail(
    group: QueuedGroup,
    members: readonly QueuedPod[],
    own: ReadonlyMap<QueuedPod, string>,
    message: string,
  ): void {
    const { queue, cache } = this.#parts;
    for (const { uid } of members) cache.nominations.delete(uid);
    queue.retryGroup(group, members);
    const told = members.map((entry): Told => {
      const text = own.get(entry) ?? message;
      return [entry, { reason: 'SchedulerError', message: text, nominatedNodeName: '' }];
    });
    this.#tell(group, told, { reason: 'SchedulerError', message });
  }

  /** Nobody waits for it; the next cycle says it again. */
  #tell({ pod }: QueuedGroup, told: readonly Told[], outcome: GroupOutcome): void {
    const { groups } = this.#parts;
    reportGroup(this.#parts.reporting(pod), groups.group(groupKeyOf(pod) ?? ''), outcome);
    void this.#tellPods(told);
  }

  async #tellPods(told: readonly Told[]): Promise<void> {
    const { queue, cache, reporting } = this.#parts;
    for (let i = 0; i < told.length; i += REPORTS_AT_ONCE) {
      // The next cycle may have decided otherwise already.
      const due = told
        .slice(i, i + REPORTS_AT_ONCE)
        .filter(([entry]) => queue.holds(entry) && !cache.isAssumed(entry.uid));
      await Promise.all(due.map(([{ pod }, report]) => reportUnschedulable(reporting(pod), pod, report)));
    }
  }
}
