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
import { decide, type CycleInput, type Decision } from './cycle.ts';
import { explain, type Explanation } from './explain/explain.ts';
import { decideExtended, EXTENDER, preemptExtended, type Extenders } from './extenders/extended-decision.ts';
import type { HttpExtender } from './extenders/extender.ts';
import type { SchedulerPlugin } from './framework.ts';
import { observe } from './observer.ts';
import type { PluginContext } from './plugins/catalog.ts';
import { createPluginContext } from './plugins/context.ts';
import { evictVictims } from './preemption/evict.ts';
import {
  planPreemption,
  proposePreemptions,
  type Preemption,
  type PreemptionInput,
} from './preemption/preemption.ts';
import { postFilter } from './post-filter.ts';
import type { Profile } from './profile.ts';
import { SchedulingQueue, type Backoff, type PluginsByName, type QueuedPod } from './queue/queue.ts';
import { reportUnschedulable, type ReportOptions } from './unschedulable-reports.ts';

/** Bindings and questions to extenders under way; enough to fill the store's group commit. */
const UNDER_WAY_MAX = 256;
/** Decisions are made for so long before other work gets a turn. */
const SLICE_MS = 4;
/** As the metric has them. */
const RESULTS = { node: 'scheduled', none: 'unschedulable', error: 'error', overtaken: 'error' } as const;

type Placed = Extract<Decision, { readonly outcome: 'node' }>;
type Refused = Extract<Decision, { readonly outcome: 'none' }>;

const ATTEMPT_BUCKETS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1];

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
  readonly #attempts: ReturnType<typeof attemptMetrics>;
  #start = 0;
  #underWay = 0;
  #running = false;
  #wake: (() => void) | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    const { clock } = options;
    const profiles = options.profiles(
      createPluginContext(this.#cache, { ...options, activate: (uid) => this.#queue.activate(uid) }),
    );
    this.#profiles = new Map(profiles.map((profile) => [profile.schedulerName, profile]));
    this.#extenders = options.extenders ?? [];
    this.#plugins = new Map(
      profiles.map(({ schedulerName, byName }) => [
        schedulerName,
        this.#extenders.length === 0 ? byName : new Map([...byName, [EXTENDER, EXTENDER_PLUGIN]]),
      ]),
    );
    this.#queue = new SchedulingQueue((pod) => this.#pluginsOf(pod), clock, options.backoff);
    this.#queue.onActive(() => this.#wake?.());
    this.#attempts = attemptMetrics(options.metrics);
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
      if (!this.#runSlice(signal)) await this.#untilWoken(signal);
      await nextTurn('scheduler');
    }
    this.#running = false;
  }

  #pluginsOf(pod: Pod): PluginsByName {
    return this.#plugins.get(pod.spec.schedulerName ?? '') ?? NO_PLUGINS;
  }

  /** False when nothing was due. */
  #runSlice(signal: AbortSignal): boolean {
    const { clock } = this.#options;
    const endMs = clock.monotonicMs() + SLICE_MS;
    let tried = 0;
    while (this.#underWay < UNDER_WAY_MAX) {
      const entry = this.#queue.pop();
      if (entry === undefined) break;
      this.#schedule(entry, signal);
      tried++;
      if (clock.monotonicMs() >= endMs) break;
    }
    return tried > 0;
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
    const { clock } = this.#options;
    const { pod } = entry;
    const profile = this.#profiles.get(pod.spec.schedulerName ?? '');
    if (profile === undefined) return this.#queue.remove(entry.uid);
    const interested = this.#extenders.filter((extender) => extender.isInterested(pod));
    if (interested.length > 0) return this.#ask(entry, profile, interested, signal);
    const startedMs = clock.monotonicMs();
    const decision = decide(this.#input(pod, profile));
    this.#attempts.observe((clock.monotonicMs() - startedMs) / 1000, { result: RESULTS[decision.outcome] });
    if (decision.outcome === 'none') return this.#onUnschedulable(entry, profile, decision);
    this.#onNode(entry, profile, decision, signal);
  }

  #input(pod: Pod, profile: Profile): CycleInput {
    const integer = (bound: number): number => this.#options.random.integer(bound);
    return { pod, cache: this.#cache, profile, start: this.#start, integer };
  }

  #onNode(entry: QueuedPod, profile: Profile, { node, looked, prepared }: Placed, signal: AbortSignal): void {
    this.#start = (this.#start + looked) % Math.max(this.#cache.nodes.length, 1);
    void this.#place(entry, { pod: entry.pod, node, profile, prepared }, signal);
  }

  /** One pod after the other, as extenders expect it; pods that are nothing to them pass by meanwhile. */
  #ask(entry: QueuedPod, profile: Profile, interested: readonly HttpExtender[], signal: AbortSignal): void {
    this.#underWay++;
    this.#queue.undecided(entry);
    const extenders = { interested, logger: this.#options.logger, signal };
    void this.#oneAtATime
      .take('extenders', () => this.#decideExtended(entry, profile, extenders))
      .finally(() => this.#finished());
  }

  async #decideExtended(entry: QueuedPod, profile: Profile, extenders: Extenders): Promise<void> {
    const { pod } = entry;
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    const decision = await decideExtended(this.#input(pod, profile), extenders);
    this.#attempts.observe((clock.monotonicMs() - startedMs) / 1000, { result: RESULTS[decision.outcome] });
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
    const input = this.#preemptionInput(pod, profile, decision);
    const preemption =
      input && (await preemptExtended(extenders, this.#input(pod, profile), proposePreemptions(input)));
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
    else if (result.outcome === 'refused')
      void reportUnschedulable(this.#reporting(pod), pod, {
        reason: 'Unschedulable',
        message: result.message,
      });
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
    const input = this.#preemptionInput(entry.pod, profile, decision);
    this.#preemptAndReport(entry.pod, profile, decision, input && planPreemption(input));
  }

  #preemptAndReport(pod: Pod, profile: Profile, decision: Refused, preemption: Preemption | undefined): void {
    if (preemption?.outcome === 'preempt') void this.#makeRoom(pod, preemption);
    const more = this.#cache.nodes.length === 0 ? '' : postFilter(profile, pod, decision, preemption);
    const nominatedNodeName = preemption?.outcome === 'preempt' ? preemption.node.name : '';
    void reportUnschedulable(this.#reporting(pod), pod, {
      reason: 'Unschedulable',
      message: `${decision.message}${more}`,
      ...(nominatedNodeName === '' && preemption?.outcome !== 'none' ? {} : { nominatedNodeName }),
    });
  }

  /** Undefined when the profile does not preempt. */
  #preemptionInput(pod: Pod, profile: Profile, { resolvable }: Refused): PreemptionInput | undefined {
    const { informers, random } = this.#options;
    const { preemption: args } = profile;
    if (args === undefined || this.#cache.nodes.length === 0) return undefined;
    return {
      pod,
      cache: this.#cache,
      profile,
      resolvable,
      budgets: informers.of(podDisruptionBudgets).list(),
      args,
      integer: (bound) => random.integer(bound),
    };
  }

  async #makeRoom(
    pod: Pod,
    { node, victims }: Extract<Preemption, { readonly outcome: 'preempt' }>,
  ): Promise<void> {
    const { nominations } = this.#cache;
    // Those who come after this pod are promised another node, if any.
    for (const lower of nominations.below(pod, node.name)) {
      nominations.delete(lower.metadata.uid ?? '');
      this.#queue.activate(lower.metadata.uid ?? '');
    }
    nominations.set(pod, node.name);
    const uid = pod.metadata.uid ?? '';
    if (await evictVictims(this.#reporting(pod), pod, node.name, victims)) return;
    nominations.delete(uid);
    this.#queue.activate(uid);
  }
}

function attemptMetrics(metrics: Metrics) {
  const help = 'Time to decide on one pod, by result';
  return metrics.histogram('scheduler_scheduling_attempt_duration_seconds', help, ATTEMPT_BUCKETS);
}
