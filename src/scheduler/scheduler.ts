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
import { decide, type Decision } from './cycle.ts';
import { observe } from './observer.ts';
import type { PluginContext } from './plugins/catalog.ts';
import { createPluginContext } from './plugins/context.ts';
import { evictVictims } from './preemption/evict.ts';
import { planPreemption, type Preemption } from './preemption/preemption.ts';
import type { Profile } from './profile.ts';
import { SchedulingQueue, type Backoff, type PluginsByName, type QueuedPod } from './queue/queue.ts';
import { reportUnschedulable } from './unschedulable-reports.ts';

/** Bindings under way; enough to fill the store's group commit. */
const BINDINGS_MAX = 256;
/** Decisions are made for so long before other work gets a turn. */
const SLICE_MS = 4;
const ATTEMPT_BUCKETS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1];

export interface SchedulerOptions {
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly events: EventRecorder;
  readonly profiles: (context: PluginContext) => readonly Profile[];
  readonly backoff?: Backoff;
}

const NO_PLUGINS: PluginsByName = new Map();

export class Scheduler implements Component {
  readonly name = 'scheduler';
  readonly #options: SchedulerOptions;
  readonly #cache = new SchedulerCache();
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #queue: SchedulingQueue;
  readonly #attempts: ReturnType<typeof attemptMetrics>;
  #start = 0;
  #bindings = 0;
  #running = false;
  #wake: (() => void) | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    const { clock } = options;
    const profiles = options.profiles(createPluginContext(this.#cache, options));
    this.#profiles = new Map(profiles.map((profile) => [profile.schedulerName, profile]));
    this.#queue = new SchedulingQueue((pod) => this.#pluginsOf(pod), clock, options.backoff);
    this.#queue.onActive(() => this.#wake?.());
    this.#attempts = attemptMetrics(options.metrics);
  }

  ready(): Readiness {
    return this.#running ? READY : notReady('waiting for its informers');
  }

  /** Whether nothing is left to try now; for tests that wait until nothing moves. */
  get idle(): boolean {
    return this.#bindings === 0 && this.#queue.counts().active === 0;
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
      await nextTurn();
    }
    this.#running = false;
  }

  #pluginsOf(pod: Pod): PluginsByName {
    return this.#profiles.get(pod.spec.schedulerName ?? '')?.byName ?? NO_PLUGINS;
  }

  /** False when nothing was due. */
  #runSlice(signal: AbortSignal): boolean {
    const { clock } = this.#options;
    const endMs = clock.monotonicMs() + SLICE_MS;
    let tried = 0;
    while (this.#bindings < BINDINGS_MAX) {
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
    const { clock, random } = this.#options;
    const { pod } = entry;
    const profile = this.#profiles.get(pod.spec.schedulerName ?? '');
    if (profile === undefined) return this.#queue.remove(entry.uid);
    const startedMs = clock.monotonicMs();
    const integer = (bound: number): number => random.integer(bound);
    const decision = decide({ pod, cache: this.#cache, profile, start: this.#start, integer });
    const result = decision.outcome === 'node' ? 'scheduled' : 'unschedulable';
    this.#attempts.observe((clock.monotonicMs() - startedMs) / 1000, { result });
    if (decision.outcome === 'none') return this.#onUnschedulable(entry, profile, decision);
    const { node, looked, prepared } = decision;
    this.#start = (this.#start + looked) % Math.max(this.#cache.nodes.length, 1);
    void this.#place(entry, { pod, node, profile, prepared }, signal);
  }

  async #place(entry: QueuedPod, placement: Placement, signal: AbortSignal): Promise<void> {
    const { events } = this.#options;
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
    const result = early ?? (await this.#bind(placement));
    const { namespace = '', name = '' } = pod.metadata;
    if (result.outcome === 'bound') {
      this.#queue.done(entry.uid);
      events.record(pod, 'Normal', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${node.name}`);
      return;
    }
    unreserve(placement);
    this.#cache.forget(pod);
    // What it had taken is free for others.
    this.#queue.handle({ resource: 'Pod/Gone', old: { ...pod, spec: { ...pod.spec, nodeName: node.name } } });
    if (result.outcome === 'failed') this.#onFailedBinding(pod, node.name, result);
    this.#queue.retry(entry);
  }

  async #bind({ pod, node }: Placement): Promise<BindOutcome> {
    this.#bindings++;
    const result = await bind(this.#options.client, pod, node.name);
    if (this.#bindings-- === BINDINGS_MAX) this.#wake?.();
    return result;
  }

  #onFailedBinding(
    pod: Pod,
    nodeName: string,
    { message, plugin }: Extract<BindOutcome, { readonly outcome: 'failed' }>,
  ): void {
    const { events, logger } = this.#options;
    const { namespace = '', name = '' } = pod.metadata;
    logger.warn(`binding failed: ${message}`, { pod: `${namespace}/${name}`, node: nodeName });
    const what = plugin === undefined ? 'binding rejected' : `running PreBind plugin "${plugin}"`;
    events.record(pod, 'Warning', 'FailedScheduling', `${what}: ${message}`);
  }

  #onUnschedulable(
    entry: QueuedPod,
    profile: Profile,
    decision: Extract<Decision, { readonly outcome: 'none' }>,
  ): void {
    const { pod } = entry;
    this.#queue.unschedulable(entry, decision.refusedBy);
    const preemption = this.#preempt(pod, profile, decision.resolvable);
    const more = preemption?.outcome === 'none' ? ` ${preemption.message}` : '';
    const nominatedNodeName = preemption?.outcome === 'preempt' ? preemption.node.name : '';
    void reportUnschedulable(this.#options, pod, {
      reason: 'Unschedulable',
      message: `${decision.message}${more}`,
      ...(nominatedNodeName === '' && preemption?.outcome !== 'none' ? {} : { nominatedNodeName }),
    });
  }

  /** Undefined when the profile does not preempt. */
  #preempt(
    pod: Pod,
    profile: Profile,
    resolvable: Extract<Decision, { readonly outcome: 'none' }>['resolvable'],
  ): Preemption | undefined {
    const { informers, random } = this.#options;
    if (profile.preemption === undefined || this.#cache.nodes.length === 0) return undefined;
    const plan = planPreemption({
      pod,
      cache: this.#cache,
      profile,
      resolvable,
      budgets: informers.of(podDisruptionBudgets).list(),
      args: profile.preemption,
      integer: (bound) => random.integer(bound),
    });
    if (plan.outcome === 'preempt') void this.#makeRoom(pod, plan);
    return plan;
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
    if (await evictVictims(this.#options, pod, node.name, victims)) return;
    nominations.delete(uid);
    this.#queue.activate(uid);
  }
}

function attemptMetrics(metrics: Metrics) {
  const help = 'Time to decide on one pod, by result';
  return metrics.histogram('scheduler_scheduling_attempt_duration_seconds', help, ATTEMPT_BUCKETS);
}
