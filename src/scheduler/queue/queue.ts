/**
 * Pods that wait for a node, in three places: `active` (next to be tried, highest priority first, then
 * namespace by namespace), `backoff` (tried before, waiting out a growing time, or until there is nothing
 * else to try), `unschedulable` (no node fits; an event must wake them).
 *
 * Nothing is polled: a pod leaves `unschedulable` when an event arrives that one of the plugins that
 * refused it calls helpful, and, since no rule foresees everything, after five minutes at the latest.
 *
 * Example: p is refused by NodeResourcesFit → unschedulable. A pod elsewhere ends: NodeResourcesFit says
 * that may help → p is tried again when no other pod is due, and after its backoff (1 s after the first try)
 * in turn with the others.
 */

import type { Pod } from '../../api/types.gen.ts';
import type { Clock, Timer } from '../../host/host.ts';
import { neverWakes, type ClusterEvent, type SchedulerPlugin } from '../framework.ts';
import { ActivePods } from './active-pods.ts';
import { WaitingPods } from './waiting-pods.ts';

const BACKOFF_MIN_MS = 1_000;
const BACKOFF_MAX_MS = 10_000;
const UNSCHEDULABLE_MAX_MS = 300_000;

export type PluginsByName = ReadonlyMap<string, SchedulerPlugin>;

export interface Backoff {
  readonly initialMs: number;
  readonly maxMs: number;
}

export interface QueuedPod {
  pod: Pod;
  readonly uid: string;
  /** Order of arrival; one that comes back after a try is a new arrival. */
  sequence: number;
  attempts: number;
  /** Plugins that refused it the last time. */
  refusedBy: ReadonlySet<string>;
  place: 'active' | 'backoff' | 'unschedulable' | 'none';
  backoffUntilMs: number;
  unschedulableSinceMs: number;
  timer: Timer | undefined;
}

export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #pluginsOf: (pod: Pod) => PluginsByName;
  readonly #backoff: Backoff;
  readonly #pods = new Map<string, QueuedPod>();
  /** By each of the plugins that refused them. */
  readonly #refused = new Map<string, Set<QueuedPod>>();
  readonly #active = new ActivePods<QueuedPod>();
  /** Those in `backoff` that may be tried earlier. */
  readonly #waiting = new WaitingPods<QueuedPod>();
  /** Pods on which a decision takes time, and whether an event came meanwhile. */
  readonly #undecided = new Map<QueuedPod, boolean>();
  #sequence = 0;
  #onActive: () => void = () => {};

  constructor(
    pluginsOf: (pod: Pod) => PluginsByName,
    clock: Clock,
    backoff: Backoff = { initialMs: BACKOFF_MIN_MS, maxMs: BACKOFF_MAX_MS },
  ) {
    this.#clock = clock;
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
    const entry: QueuedPod = {
      pod,
      uid,
      sequence: this.#sequence++,
      attempts: 0,
      refusedBy: new Set(),
      place: 'none',
      backoffUntilMs: 0,
      unschedulableSinceMs: 0,
      timer: undefined,
    };
    this.#pods.set(uid, entry);
    this.#enqueue(entry);
  }

  remove(uid: string): void {
    const entry = this.#pods.get(uid);
    if (entry === undefined) return;
    entry.timer?.cancel();
    entry.place = 'none';
    this.#pods.delete(uid);
    this.#leaveRefused(entry);
  }

  /** The next pod to try; undefined when none is due. The caller says afterwards how it went. */
  pop(): QueuedPod | undefined {
    for (let entry = this.#active.pop(); entry !== undefined; entry = this.#active.pop()) {
      // Removed or moved since it was pushed.
      if (entry.place !== 'active' || this.#pods.get(entry.uid) !== entry) continue;
      return this.#taken(entry);
    }
    for (let entry = this.#waiting.pop(); entry !== undefined; entry = this.#waiting.pop()) {
      entry.timer?.cancel();
      entry.timer = undefined;
      const gate = this.#gateOf(entry.pod);
      if (gate === undefined) return this.#taken(entry);
      this.#joinRefused(entry, new Set([gate]));
    }
    return undefined;
  }

  #taken(entry: QueuedPod): QueuedPod {
    entry.place = 'none';
    entry.attempts++;
    return entry;
  }

  /** The decision on a popped pod takes time: events from now on may concern what it has looked at already. */
  undecided(entry: QueuedPod): void {
    this.#undecided.set(entry, false);
  }

  /** The decision is made; whether the pod is still there to be placed. */
  decided(entry: QueuedPod): { readonly isPresent: boolean; readonly missedEvents: boolean } {
    const missedEvents = this.#undecided.get(entry) === true;
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
    entry.sequence = this.#sequence++;
    entry.backoffUntilMs = this.#clock.monotonicMs() + this.#backoffMs(entry.attempts);
    this.#wait(entry);
  }

  handle(event: ClusterEvent): void {
    for (const entry of this.#undecided.keys()) this.#undecided.set(entry, true);
    for (const [name, entries] of this.#refused) {
      for (const entry of entries) {
        const wakesOn = this.#pluginsOf(entry.pod).get(name)?.wakesOn;
        // All of a name's plugins are alike in this.
        if (wakesOn === neverWakes) break;
        if (wakesOn?.(event, entry.pod) === true) this.#wake(entry);
      }
    }
  }

  /** Tried again soon, whatever has happened. */
  activate(uid: string): void {
    const entry = this.#pods.get(uid);
    if (entry?.place === 'unschedulable') this.#wake(entry);
  }

  #joinRefused(entry: QueuedPod, refusedBy: ReadonlySet<string>): void {
    entry.refusedBy = refusedBy;
    entry.place = 'unschedulable';
    for (const name of refusedBy) {
      const present = this.#refused.get(name);
      if (present === undefined) this.#refused.set(name, new Set([entry]));
      else present.add(entry);
    }
  }

  #leaveRefused(entry: QueuedPod): void {
    for (const name of entry.refusedBy) {
      const present = this.#refused.get(name);
      present?.delete(entry);
      if (present?.size === 0) this.#refused.delete(name);
    }
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
    if (entry.place === 'unschedulable' && (specChanged || metaChanged || hasNewClaims)) this.#wake(entry);
  }

  #wake(entry: QueuedPod): void {
    // It must not leave and come back among those that are being gone through.
    const gate = this.#gateOf(entry.pod);
    if (gate !== undefined && entry.refusedBy.has(gate) && entry.place === 'unschedulable') return;
    entry.timer?.cancel();
    entry.timer = undefined;
    this.#leaveRefused(entry);
    this.#wait(entry);
    // Groups in each other's way part only because they wait.
    if (entry.place !== 'backoff' || entry.pod.spec.schedulingGroup !== undefined) return;
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
    const gate = this.#gateOf(entry.pod);
    if (gate !== undefined) {
      this.#joinRefused(entry, new Set([gate]));
      return;
    }
    const wasEmpty = this.#active.size === 0;
    entry.place = 'active';
    this.#active.push(entry);
    if (wasEmpty) this.#onActive();
  }

  #gateOf(pod: Pod): string | undefined {
    for (const plugin of this.#pluginsOf(pod).values())
      if (plugin.preEnqueue?.(pod) !== undefined) return plugin.name;
    return undefined;
  }
}
