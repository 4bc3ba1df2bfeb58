/**
 * Pods that wait for a node, in three places: `active` (next to be tried, highest priority first, then
 * namespace by namespace), `backoff` (tried before, waiting out a growing time, or until there is nothing
 * else to try), `unschedulable` (no node fits; an event must wake them).
 *
 * Nothing is polled: a pod leaves `unschedulable` when an event arrives that one of the plugins that
 * refused it calls helpful, and, since no rule foresees everything, after five minutes at the latest.
 *
 * Pods of a group wait together: whoever is gated by nothing joins the group's entry, and the entry is what is
 * tried, waits out a backoff and is woken.
 *
 * Example: p is refused by NodeResourcesFit → unschedulable. A pod elsewhere ends: NodeResourcesFit says
 * that may help → p is tried again when no other pod is due, and after its backoff (1 s after the first try)
 * in turn with the others.
 */

import type { Pod } from '../../api/types.gen.ts';
import type { Clock } from '../../host/host.ts';
import { neverWakes, type ClusterEvent, type SchedulerPlugin } from '../framework.ts';
import { ActivePods } from './active-pods.ts';
import {
  firstOf,
  groupEntryName,
  helpsGroup,
  isGroup,
  newEntry,
  type QueuedGroup,
  type QueuedPod,
} from './queued-pod.ts';
import { RefusedPods } from './refused-pods.ts';
import { WaitingPods } from './waiting-pods.ts';

const BACKOFF_MIN_MS = 1_000;
const BACKOFF_MAX_MS = 10_000;
const UNSCHEDULABLE_MAX_MS = 300_000;

export type PluginsByName = ReadonlyMap<string, SchedulerPlugin>;

export interface Backoff {
  readonly initialMs: number;
  readonly maxMs: number;
}

/** What happened while a decision was made. */
interface EventLog {
  readonly events: ClusterEvent[];
  /** More happened than is remembered. */
  isFull: boolean;
}

const EVENTS_MAX = 64;

export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #pluginsOf: (pod: Pod) => PluginsByName;
  readonly #backoff: Backoff;
  readonly #groupOf: (pod: Pod) => string | undefined;
  /** By uid; groups, too, by a name that is no uid. */
  readonly #pods = new Map<string, QueuedPod>();
  readonly #refused = new RefusedPods();
  readonly #active = new ActivePods<QueuedPod>();
  /** Those in `backoff` that may be tried earlier. */
  readonly #waiting = new WaitingPods<QueuedPod>();
  /** Those on which a decision takes time, with what happened meanwhile. */
  readonly #undecided = new Map<QueuedPod, EventLog>();
  #sequence = 0;
  #onActive: () => void = () => {};

  constructor(
    pluginsOf: (pod: Pod) => PluginsByName,
    clock: Clock,
    backoff: Backoff = { initialMs: BACKOFF_MIN_MS, maxMs: BACKOFF_MAX_MS },
    groupOf: (pod: Pod) => string | undefined = () => undefined,
  ) {
    this.#clock = clock;
    this.#groupOf = groupOf;
    this.#pluginsOf = pluginsOf;
    this.#backoff = backoff;
  }

  /** Called when there is something to pop, and was not before. */
  onActive(run: () => void): void {
    this.#onActive = run;
  }

  get size(): number {
    return this.#pods.size;
  }

  counts(): { readonly active: number; readonly waiting: number; readonly unschedulable: number } {
    let active = 0;
    let waiting = 0;
    let unschedulable = 0;
    for (const { place } of this.#pods.values()) {
      if (place === 'active') active++;
      else if (place === 'backoff') waiting++;
      else if (place === 'unschedulable') unschedulable++;
    }
    return { active, waiting, unschedulable };
  }

  /** A new pod, or a newer version of one that waits. */
  add(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const known = this.#pods.get(uid);
    if (known !== undefined) return this.#update(known, pod);
    const entry = newEntry(uid, pod, this.#sequence++, undefined);
    this.#pods.set(uid, entry);
    this.#enqueue(entry);
  }

  /** A newer version of a pod, if it waits. */
  refresh(pod: Pod): void {
    const known = this.#pods.get(pod.metadata.uid ?? '');
    if (known !== undefined) this.#update(known, pod);
  }

  remove(uid: string): void {
    const entry = this.#pods.get(uid);
    if (entry === undefined) return;
    entry.timer?.cancel();
    if (entry.place === 'group') this.#leaveGroup(entry);
    entry.place = 'none';
    this.#pods.delete(uid);
    this.#refused.delete(entry);
  }

  /** Whether the pod, once given out, still waits for a node. */
  holds(entry: QueuedPod): boolean {
    return this.#pods.get(entry.uid) === entry;
  }

  /** The next pod or group to try; undefined when none is due. The caller says afterwards how it went. */
  pop(): QueuedPod | undefined {
    for (let entry = this.#active.pop(); entry !== undefined; entry = this.#active.pop()) {
      // Removed or moved since it was pushed.
      if (entry.place !== 'active' || this.#pods.get(entry.uid) !== entry) continue;
      return this.#taken(entry);
    }
    for (let entry = this.#waiting.pop(); entry !== undefined; entry = this.#waiting.pop()) {
      entry.timer?.cancel();
      entry.timer = undefined;
      const gate = this.#gateOf(entry);
      if (gate === undefined) return this.#taken(entry);
      this.#joinRefused(entry, new Set([gate]));
    }
    return undefined;
  }

  #taken(entry: QueuedPod): QueuedPod {
    entry.place = 'none';
    entry.attempts++;
    if (entry.members === undefined) return entry;
    // Pods that come from now on make up another one.
    this.#pods.delete(entry.uid);
    for (const member of entry.members.values()) this.#taken(member);
    return entry;
  }

  /** The decision on a popped pod takes time: events from now on may concern what it has looked at already. */
  undecided(entry: QueuedPod): void {
    this.#undecided.set(entry, { events: [], isFull: false });
  }

  /** The decision is made; whether the pod is still there to be placed. */
  decided(entry: QueuedPod): { readonly isPresent: boolean; readonly missedEvents: boolean } {
    const missedEvents = (this.#undecided.get(entry)?.events.length ?? 0) > 0;
    this.#undecided.delete(entry);
    return { isPresent: this.#pods.get(entry.uid) === entry, missedEvents };
  }

  /** The pod has its node. */
  done(uid: string): void {
    this.remove(uid);
  }

  /** No node fits: it waits for an event that one of these plugins calls helpful. */
  unschedulable(entry: QueuedPod, refusedBy: ReadonlySet<string>): void {
    if (this.#pods.get(entry.uid) !== entry) return;
    entry.sequence = this.#sequence++;
    const nowMs = this.#clock.monotonicMs();
    entry.unschedulableSinceMs = nowMs;
    entry.backoffUntilMs = nowMs + this.#backoffMs(entry.attempts);
    this.#joinRefused(entry, refusedBy);
    entry.timer = this.#clock.after(UNSCHEDULABLE_MAX_MS, () => this.#wake(entry));
  }

  /** Something failed that is not the pod's fault (a binding): tried again after its backoff, not earlier. */
  retry(entry: QueuedPod): void {
    if (this.#pods.get(entry.uid) !== entry) return;
    const untilMs = this.#clock.monotonicMs() + this.#backoffMs(entry.attempts);
    const key = this.#groupOf(entry.pod);
    if (key !== undefined && entry.members === undefined) return this.#join(entry, key, untilMs);
    entry.sequence = this.#sequence++;
    entry.backoffUntilMs = untilMs;
    this.#wait(entry);
  }

  /** Those of a popped group that got no node, each with the plugins that refused it, wait for an event again. */
  unschedulableGroup(group: QueuedGroup, members: readonly QueuedPod[]): void {
    const log = this.#undecided.get(group);
    this.#undecided.delete(group);
    if (!this.#gather(group, members)) return;
    this.unschedulable(group, new Set(members.flatMap(({ refusedBy }) => [...refusedBy])));
    // What came while the decisions were made may be what the group waits for.
    if (log?.isFull === true || log?.events.some((event) => this.#helps(event, group)) === true)
      this.#wake(group);
  }

  /** Something failed that is not the group's fault: all of it is tried again after its backoff, not earlier. */
  retryGroup(group: QueuedGroup, members: readonly QueuedPod[]): void {
    this.#undecided.delete(group);
    if (this.#gather(group, members)) this.retry(group);
  }

  /** False when nothing is left to do with it: its pods went, or wait with others that came meanwhile. */
  #gather(group: QueuedGroup, members: readonly QueuedPod[]): boolean {
    const left = members.filter((member) => this.holds(member));
    const present = this.#pods.get(group.uid);
    const into = present?.members ?? group.members;
    if (into === group.members) into.clear();
    for (const member of left) {
      member.place = 'group';
      into.set(member.uid, member);
    }
    if (present !== undefined || left.length === 0) return false;
    group.pod = firstOf(group.members).pod;
    this.#pods.set(group.uid, group);
    return true;
  }

  handle(event: ClusterEvent): void {
    for (const log of this.#undecided.values()) {
      if (log.events.length < EVENTS_MAX) log.events.push(event);
      else log.isFull = true;
    }
    for (const [name, entries] of this.#refused) {
      for (const entry of entries) {
        const plugin = this.#pluginsOf(entry.pod).get(name);
        if (plugin === undefined) continue;
        // All of a name's plugins are alike in this.
        if (plugin.wakesOn === neverWakes) break;
        if (isGroup(entry) ? helpsGroup(entry, plugin, event) : plugin.wakesOn(event, entry.pod))
          this.#wake(entry);
      }
    }
  }

  #helps(event: ClusterEvent, group: QueuedGroup): boolean {
    const plugins = this.#pluginsOf(group.pod);
    return [...group.refusedBy].some((name) => {
      const plugin = plugins.get(name);
      return plugin !== undefined && helpsGroup(group, plugin, event);
    });
  }

  /** Tried again soon, whatever has happened. */
  activate(uid: string): void {
    const entry = this.#pods.get(uid);
    const waiting = entry?.place === 'group' ? this.#groupEntryOf(entry) : entry;
    if (waiting?.place === 'unschedulable') this.#wake(waiting);
  }

  /** A pod of the group is there that does not wait here for a node: gated, or another scheduler's. */
  groupGrew(pod: Pod): void {
    const group = this.#pods.get(groupEntryName(this.#groupOf(pod) ?? ''));
    if (group?.place !== 'unschedulable') return;
    const plugins = this.#pluginsOf(group.pod);
    // Only if the group as a whole was held back.
    for (const name of group.refusedBy)
      if (plugins.get(name)?.preEnqueueGroup !== undefined) return this.#wake(group);
  }

  /** The pod waits with its group; a new group waits until then. */
  #join(member: QueuedPod, key: string, untilMs = 0): void {
    member.place = 'group';
    const present = this.#pods.get(groupEntryName(key));
    if (present !== undefined && isGroup(present)) {
      present.members.set(member.uid, member);
      if (present.place === 'unschedulable') this.#wake(present);
      else if (present.place === 'active' && priorityOf(member) > priorityOf(present)) this.#lead(present);
      return;
    }
    const group = newEntry(
      groupEntryName(key),
      member.pod,
      this.#sequence++,
      new Map([[member.uid, member]]),
    );
    group.attempts = member.attempts;
    group.backoffUntilMs = untilMs;
    this.#pods.set(group.uid, group);
    this.#wait(group);
  }

  /** Its place among those that are due was by the priority of another of its pods. */
  #lead(group: QueuedGroup): void {
    group.place = 'none';
    const again: QueuedGroup = { ...group };
    this.#pods.set(again.uid, again);
    this.#enqueue(again);
  }

  #leaveGroup(member: QueuedPod): void {
    const group = this.#groupEntryOf(member);
    if (group?.members === undefined) return;
    group.members.delete(member.uid);
    if (group.members.size === 0) this.remove(group.uid);
    else if (group.pod.metadata.uid === member.uid) group.pod = firstOf(group.members).pod;
  }

  #groupEntryOf({ pod }: QueuedPod): QueuedPod | undefined {
    return this.#pods.get(groupEntryName(this.#groupOf(pod) ?? ''));
  }

  #joinRefused(entry: QueuedPod, refusedBy: ReadonlySet<string>): void {
    entry.place = 'unschedulable';
    this.#refused.add(entry, refusedBy);
  }

  /** 1 s, 2 s, 4 s … 10 s. */
  #backoffMs(attempts: number): number {
    return Math.min(this.#backoff.initialMs * 2 ** Math.max(attempts - 1, 0), this.#backoff.maxMs);
  }

  #update(entry: QueuedPod, pod: Pod): void {
    const specChanged = entry.pod.spec !== pod.spec;
    const metaChanged = entry.pod.metadata.labels !== pod.metadata.labels;
    const hasNewClaims = entry.pod.status.resourceClaimStatuses !== pod.status.resourceClaimStatuses;
    entry.pod = pod;
    // What the pod itself wants may fit now.
    if (specChanged || metaChanged || hasNewClaims) this.activate(entry.uid);
  }

  #wake(entry: QueuedPod): void {
    // It must not leave and come back among those that are being gone through.
    const gate = this.#gateOf(entry);
    if (gate !== undefined && entry.refusedBy.has(gate) && entry.place === 'unschedulable') return;
    entry.timer?.cancel();
    entry.timer = undefined;
    this.#refused.delete(entry);
    this.#wait(entry);
    if (entry.place !== 'backoff') return;
    this.#waiting.add(entry);
    if (this.#active.size === 0) this.#onActive();
  }

  #wait(entry: QueuedPod): void {
    const waitMs = entry.backoffUntilMs - this.#clock.monotonicMs();
    if (waitMs <= 0) return this.#enqueue(entry);
    entry.place = 'backoff';
    entry.timer = this.#clock.after(waitMs, () => {
      entry.timer = undefined;
      if (entry.place === 'backoff') this.#enqueue(entry);
    });
  }

  #enqueue(entry: QueuedPod): void {
    const gate = this.#gateOf(entry);
    if (gate !== undefined) {
      this.#joinRefused(entry, new Set([gate]));
      return;
    }
    if (entry.members === undefined) {
      const key = this.#groupOf(entry.pod);
      if (key !== undefined) return this.#join(entry, key);
    } else entry.pod = firstOf(entry.members).pod;
    const wasEmpty = this.#active.size === 0;
    entry.place = 'active';
    this.#active.push(entry);
    if (wasEmpty) this.#onActive();
  }

  #gateOf({ pod, members }: QueuedPod): string | undefined {
    for (const plugin of this.#pluginsOf(pod).values()) {
      const gate = members === undefined ? plugin.preEnqueue?.(pod) : plugin.preEnqueueGroup?.(pod);
      if (gate !== undefined) return plugin.name;
    }
    return undefined;
  }
}

function priorityOf({ pod }: QueuedPod): number {
  return pod.spec.priority ?? 0;
}
