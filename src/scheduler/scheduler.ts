/**
 * The scheduler: gives every pod that has none a node.
 *
 * Observe: `observer.ts` feeds cache and queue. Plan: `decide` and `planPreemption`, pure. Apply: the pod is
 * assumed on its node, and the binding is written while the next decisions are made already; a binding that
 * fails puts the pod back.
 *
 * Invariants: a pod is bound at most once; the cache counts a pod from the moment of its decision; the
 * event loop is held for a few milliseconds at most.
 */

import { notReady, READY, type Component, type Readiness } from '../base/component.ts';
import type { Logger } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import { OneAtATime } from '../base/one-at-a-time.ts';
import { nextTurn } from '../base/turn.ts';
import { podDisruptionBudgets } from '../api/groups/policy/pod-disruption-budget/pod-disruption-budget.ts';
import type { Pod } from '../api/types.gen.ts';
import type { Client } from '../client/client.ts';
import type { Informers } from '../client/informer/informer.ts';
import type { Clock, Random } from '../host/host.ts';
import type { EventRecorder } from '../reconcile/event-recorder.ts';
import {
  beforeBind,
  bind,
  hasToWait,
  reserve,
  unreserve,
  type BindOutcome,
  type Placement,
} from './binding.ts';
import { SchedulerCache } from './cache/cache.ts';
import { Decisions, type Placed, type Refused } from './decisions.ts';
import { explain, type Explanation } from './explain/explain.ts';
import { EXTENDER, type Extenders } from './extenders/extended-decision.ts';
import type { HttpExtender } from './extenders/extender.ts';
import type { SchedulerPlugin } from './framework.ts';
import { GroupScheduling } from './groups/group-scheduling.ts';
import { groupKeyOf } from './groups/pod-groups.ts';
import { observe } from './observer.ts';
import type { PluginContext } from './plugins/catalog.ts';
import { createPluginContext } from './plugins/context.ts';
import { evictVictims } from './preemption/evict.ts';
import { awaitedRoom, type Preemption } from './preemption/preemption.ts';
import { promiseNode } from './preemption/promise-node.ts';
import { postFilter } from './post-filter.ts';
import type { Profile } from './profile.ts';
import { SchedulingQueue, type Backoff, type PluginsByName } from './queue/queue.ts';
import { isGroup, type QueuedGroup, type QueuedPod } from './queue/queued-pod.ts';
import { reportUnschedulable, type ReportOptions } from './unschedulable-reports.ts';

/** Bindings and questions to extenders under way; enough to fill the store's group commit. */
const UNDER_WAY_MAX = 256;
const SLICE_MS = 4;
export interface SchedulerOptions {
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Events come from who decides: the scheduler name of the pod. */
  readonly events: (schedulerName: string) => EventRecorder;
  readonly profiles: (context: PluginContext) => readonly Profile[];
  readonly backoff?: Backoff;
  readonly extenders?: readonly HttpExtender[];
  /** Pods that name a group are decided on with it; PodGroups must be served. Absent: each for itself. */
  readonly schedulesGroups?: boolean;
  /** Decisions are made for so long before other work gets a turn; 4 ms when absent. */
  readonly sliceMs?: number;
}

const NO_PLUGINS: PluginsByName = new Map();
/** Nobody knows what makes an extender change its mind. */
const EXTENDER_PLUGIN: SchedulerPlugin = { name: EXTENDER, wakesOn: () => true };

export class Scheduler implements Component {
  readonly name = 'scheduler';
  readonly #options: SchedulerOptions;
  readonly #cache = new SchedulerCache();
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #queue: SchedulingQueue;
  readonly #extenders: readonly HttpExtender[];
  /** By scheduler name: what the queue asks about events. */
  readonly #plugins: ReadonlyMap<string, PluginsByName>;
  readonly #oneAtATime = new OneAtATime();
  readonly #decisions: Decisions;
  readonly #groups: GroupScheduling | undefined;
  #underWay = 0;
  #running = false;
  #wake: (() => void) | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    const { clock } = options;
    const context = createPluginContext(this.#cache, options);
    const profiles = options.profiles(context);
    this.#profiles = new Map(profiles.map((profile) => [profile.schedulerName, profile]));
    this.#extenders = options.extenders ?? [];
    this.#decisions = new Decisions(options, this.#cache, this.#extenders);
    this.#plugins = new Map(
      profiles.map(({ schedulerName, byName }) => [
        schedulerName,
        this.#extenders.length === 0 ? byName : new Map([...byName, [EXTENDER, EXTENDER_PLUGIN]]),
      ]),
    );
    const { schedulesGroups = false } = options;
    const groupOf = schedulesGroups ? groupKeyOf : undefined;
    this.#queue = new SchedulingQueue((pod) => this.#pluginsOf(pod), clock, options.backoff, groupOf);
    this.#groups = schedulesGroups ? this.#createGroups(context) : undefined;
    this.#queue.onActive(() => this.#wake?.());
  }

  ready(): Readiness {
    return this.#running ? READY : notReady('waiting for its informers');
  }

  /** Whether nothing is left to try now; for tests that wait until nothing moves. */
  get idle(): boolean {
    return this.#underWay === 0 && this.#queue.counts().active === 0;
  }

  /**
   * What its plugins say of every node, as if the pod had none. Undefined for pods of other schedulers. Looks
   * at all nodes in one go; extenders are not asked.
   */
  explain(pod: Pod): Explanation | undefined {
    const profile = this.#profiles.get(pod.spec.schedulerName ?? '');
    if (profile === undefined) return undefined;
    const cache = this.#cache;
    const budgets = this.#options.informers.of(podDisruptionBudgets).list();
    const uid = pod.metadata.uid ?? '';
    const node = cache.node(cache.nodeOf(uid) ?? '');
    const placed = node?.pods.get(uid);
    const { nodeName: _has, ...spec } = pod.spec;
    return cache.whatIf((change) => {
      if (node !== undefined && placed !== undefined) change.remove(node, placed);
      return explain({ pod: { ...pod, spec }, cache, profile, budgets });
    });
  }

  /** Who is asked about the pod beside the plugins. */
  extendersFor(pod: Pod): readonly string[] {
    return this.#extenders.filter((one) => one.isInterested(pod)).map(({ name }) => name);
  }

  async start(signal: AbortSignal): Promise<void> {
    const { informers } = this.#options;
    informers.of(podDisruptionBudgets);
    observe(informers, this.#cache, this.#queue, this.#profiles);
    await informers.waitForSync(signal);
    this.#running = !signal.aborted;
    signal.addEventListener('abort', () => this.#wake?.(), { once: true });
    while (!signal.aborted) {
      const next = this.#runSlice(signal);
      if (next === 'nothing') await this.#untilWoken(signal);
      else if (next !== 'more') await this.#scheduleGroup(next, signal);
      await nextTurn('scheduler');
    }
    this.#running = false;
  }

  #pluginsOf(pod: Pod): PluginsByName {
    return this.#plugins.get(pod.spec.schedulerName ?? '') ?? NO_PLUGINS;
  }

  /** Up to the end of the slice or to a group, which takes a while. */
  #runSlice(signal: AbortSignal): 'nothing' | 'more' | QueuedGroup {
    const { clock, sliceMs = SLICE_MS } = this.#options;
    const endMs = clock.monotonicMs() + sliceMs;
    let tried = 0;
    while (this.#underWay < UNDER_WAY_MAX) {
      const entry = this.#queue.pop();
      if (entry === undefined) break;
      if (isGroup(entry)) return entry;
      this.#schedule(entry, signal);
      tried++;
      if (clock.monotonicMs() >= endMs) break;
    }
    return tried > 0 ? 'more' : 'nothing';
  }

  /** Pods that extenders are asked about must not see places that may be given back. */
  async #scheduleGroup(group: QueuedGroup, signal: AbortSignal): Promise<void> {
    this.#underWay++;
    const run = (): Promise<void> | undefined => this.#groups?.schedule(group, signal);
    await (this.#extenders.length === 0
      ? run()
      : this.#oneAtATime.take('extenders', async () => await run()));
    this.#finished();
  }

  #createGroups({ podGroups }: PluginContext): GroupScheduling {
    return new GroupScheduling({
      cache: this.#cache,
      queue: this.#queue,
      groups: podGroups(),
      clock: this.#options.clock,
      sliceMs: this.#options.sliceMs ?? SLICE_MS,
      profileOf: ({ spec }) => this.#profiles.get(spec.schedulerName ?? ''),
      reporting: (pod) => this.#reporting(pod),
      decisions: this.#decisions,
      bind: (entry, placement, signal) => void this.#bindPlaced(entry, placement, signal),
      roomToBind: async (signal) => {
        while (this.#underWay >= UNDER_WAY_MAX && !signal.aborted) await this.#untilWoken(signal);
      },
    });
  }

  #untilWoken(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }

  #schedule(entry: QueuedPod, signal: AbortSignal): void {
    const { pod } = entry;
    const profile = this.#profiles.get(pod.spec.schedulerName ?? '');
    if (profile === undefined) return this.#queue.remove(entry.uid);
    const extenders = this.#extenders.length === 0 ? undefined : this.#decisions.extendersFor(pod, signal);
    if (extenders !== undefined) return this.#ask(entry, profile, extenders);
    const decision = this.#decisions.decide(pod, profile);
    if (decision.outcome === 'none') return this.#onUnschedulable(entry, profile, decision);
    this.#onNode(entry, profile, decision, signal);
  }

  #onNode(entry: QueuedPod, profile: Profile, decision: Placed, signal: AbortSignal): void {
    this.#decisions.goOn(decision);
    const { node, prepared } = decision;
    void this.#place(entry, { pod: entry.pod, node, profile, prepared }, signal);
  }

  /** One pod after the other, as extenders expect it; pods that are nothing to them pass by meanwhile. */
  #ask(entry: QueuedPod, profile: Profile, extenders: Extenders): void {
    this.#underWay++;
    this.#queue.undecided(entry);
    void this.#oneAtATime
      .take('extenders', () => this.#decideExtended(entry, profile, extenders))
      .finally(() => this.#finished());
  }

  async #decideExtended(entry: QueuedPod, profile: Profile, extenders: Extenders): Promise<void> {
    const { pod } = entry;
    const decision = await this.#decisions.decideExtended(pod, profile, extenders);
    const isCurrent = (): boolean => entry.pod.spec === pod.spec;
    if (decision.outcome !== 'none') {
      if (!this.#queue.decided(entry).isPresent || extenders.signal.aborted) return;
      if (decision.outcome === 'error')
        void reportUnschedulable(this.#reporting(pod), pod, {
          reason: 'SchedulerError',
          message: decision.message,
        });
      if (decision.outcome === 'node' && isCurrent())
        return this.#onNode(entry, profile, decision, extenders.signal);
      return this.#queue.retry(entry);
    }
    const preemption = await this.#decisions.preemptExtended(pod, profile, decision, extenders);
    const { isPresent, missedEvents } = this.#queue.decided(entry);
    if (!isPresent || extenders.signal.aborted) return;
    // What came in between may have been what the pod was waiting for.
    if (missedEvents || !isCurrent()) this.#queue.retry(entry);
    else this.#queue.unschedulable(entry, decision.refusedBy);
    if (isCurrent()) this.#preemptAndReport(pod, profile, decision, preemption);
  }

  #finished(): void {
    if (this.#underWay-- === UNDER_WAY_MAX) this.#wake?.();
  }

  async #place(entry: QueuedPod, placement: Placement, signal: AbortSignal): Promise<void> {
    const { pod, node } = placement;
    this.#cache.assume(pod, node.name);
    const refused = reserve(placement);
    if (refused !== undefined) {
      this.#cache.forget(pod);
      return this.#queue.unschedulable(entry, new Set([refused.plugin]));
    }
    this.#cache.nominations.delete(entry.uid);
    return this.#bindPlaced(entry, placement, signal);
  }

  /** Its place is taken already, and is given back when the binding fails. */
  async #bindPlaced(entry: QueuedPod, placement: Placement, signal: AbortSignal): Promise<void> {
    const { pod, node } = placement;
    // Volumes may take minutes; nobody else has to wait for them.
    const early = hasToWait(placement) ? await beforeBind(placement, signal) : undefined;
    const result = early ?? (await this.#bind(placement, signal));
    const { namespace = '', name = '' } = pod.metadata;
    if (result.outcome === 'bound') {
      this.#queue.done(entry.uid);
      const message = `Successfully assigned ${namespace}/${name} to ${node.name}`;
      this.#eventsOf(pod).record(pod, 'Normal', 'Scheduled', message);
      return;
    }
    unreserve(placement);
    this.#cache.forget(pod);
    // What it had taken is free for others.
    this.#queue.handle({ resource: 'Pod/Gone', old: { ...pod, spec: { ...pod.spec, nodeName: node.name } } });
    if (result.outcome === 'failed') this.#onFailedBinding(pod, node.name, result);
    this.#queue.retry(entry);
  }

  async #bind(placement: Placement, signal: AbortSignal): Promise<BindOutcome> {
    const { pod } = placement;
    const binders = this.#extenders.filter((one) => one.isBinder && one.isInterested(pod));
    this.#underWay++;
    const result = await bind(this.#options.client, placement, binders, signal);
    this.#finished();
    return result;
  }

  #onFailedBinding(
    pod: Pod,
    nodeName: string,
    { message, plugin }: Extract<BindOutcome, { readonly outcome: 'failed' }>,
  ): void {
    const { logger } = this.#options;
    const { namespace = '', name = '' } = pod.metadata;
    logger.warn(`binding failed: ${message}`, { pod: `${namespace}/${name}`, node: nodeName });
    const what = plugin === undefined ? 'binding rejected' : `running PreBind plugin "${plugin}"`;
    this.#eventsOf(pod).record(pod, 'Warning', 'FailedScheduling', `${what}: ${message}`);
  }

  #eventsOf({ spec }: Pod): EventRecorder {
    return this.#options.events(spec.schedulerName ?? '');
  }

  #reporting(pod: Pod): ReportOptions {
    return { ...this.#options, events: this.#eventsOf(pod) };
  }

  #onUnschedulable(entry: QueuedPod, profile: Profile, decision: Refused): void {
    this.#queue.unschedulable(entry, decision.refusedBy);
    const preemption = this.#decisions.preempt(entry.pod, profile, decision);
    this.#preemptAndReport(entry.pod, profile, decision, preemption);
  }

  #preemptAndReport(pod: Pod, profile: Profile, decision: Refused, preemption: Preemption | undefined): void {
    if (preemption?.outcome === 'preempt') void this.#makeRoom(pod, preemption);
    const more = this.#cache.nodes.length === 0 ? '' : postFilter(profile, pod, decision, preemption);
    const nominatedNodeName = this.#promiseAfter(pod, preemption);
    void reportUnschedulable(this.#reporting(pod), pod, {
      reason: 'Unschedulable',
      message: `${decision.message}${more}`,
      ...(nominatedNodeName === undefined ? {} : { nominatedNodeName }),
    });
  }

  /** Which node the pod is promised from now on, empty for none; undefined: as before. */
  #promiseAfter(pod: Pod, preemption: Preemption | undefined): string | undefined {
    if (preemption?.outcome === 'preempt') return preemption.node.name;
    if (preemption === undefined || awaitedRoom(pod, this.#cache) !== undefined) return undefined;
    // It fits nowhere, promised or not: what it was promised is for others.
    this.#cache.nominations.delete(pod.metadata.uid ?? '');
    return '';
  }

  async #makeRoom(
    pod: Pod,
    { node, victims }: Extract<Preemption, { readonly outcome: 'preempt' }>,
  ): Promise<void> {
    promiseNode(this.#cache, this.#queue, pod, node.name);
    const uid = pod.metadata.uid ?? '';
    if (await evictVictims(this.#reporting(pod), pod, node.name, victims)) return;
    this.#cache.nominations.delete(uid);
    this.#queue.activate(uid);
  }
}
