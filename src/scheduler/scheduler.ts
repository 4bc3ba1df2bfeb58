/**
 * The scheduler: gives every pod that has none a node.
 *
 * Observe: informers feed the cache and the queue. Plan: `decide`, pure. Apply: the pod is assumed on its
 * node, and the binding is written while the next decisions are made already; a binding that fails puts the
 * pod back.
 *
 * Invariants: a pod is bound at most once; the cache counts a pod from the moment of its decision; the
 * event loop is held for a few milliseconds at most.
 */

import { notReady, READY, type Component, type Readiness } from '../base/component.ts';
import { errorText, type Logger } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import { nextTurn } from '../base/turn.ts';
import { isApiError } from '../api/meta/api-error.ts';
import { nodes as nodeType } from '../api/groups/core/node/node.ts';
import { pods as podType } from '../api/groups/core/pod/pod.ts';
import { formatTime } from '../api/time/time.ts';
import type { Node, Pod, PodCondition } from '../api/types.gen.ts';
import type { Client } from '../client/client.ts';
import type { Informers } from '../client/informer/informer.ts';
import type { Clock, Random } from '../host/host.ts';
import type { EventRecorder } from '../reconcile/event-recorder.ts';
import { isFinished, SchedulerCache } from './cache/cache.ts';
import { decide } from './cycle.ts';
import type { WeightedPlugin } from './framework.ts';
import { SchedulingQueue, type QueuedPod } from './queue/queue.ts';

/** Bindings under way; enough to fill the store's group commit. */
const BINDINGS_MAX = 256;
/** Decisions are made for so long before other work gets a turn. */
const SLICE_MS = 4;
const ATTEMPT_BUCKETS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1];

export interface SchedulerOptions {
  readonly name: string;
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly events: EventRecorder;
  readonly plugins: readonly WeightedPlugin[];
}

export class Scheduler implements Component {
  readonly name = 'scheduler';
  readonly #options: SchedulerOptions;
  readonly #cache = new SchedulerCache();
  readonly #queue: SchedulingQueue;
  readonly #attempts: ReturnType<typeof attemptMetrics>;
  #start = 0;
  #bindings = 0;
  #running = false;
  #wake: (() => void) | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#queue = new SchedulingQueue(
      options.plugins.map(({ plugin }) => plugin),
      options.clock,
    );
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
    informers.of(nodeType).subscribe((next, old) => this.#onNode(next, old));
    informers.of(podType).subscribe((next, old) => this.#onPod(next, old));
    await informers.waitForSync(signal);
    this.#running = !signal.aborted;
    signal.addEventListener('abort', () => this.#wake?.(), { once: true });
    while (!signal.aborted) {
      if (!this.#runSlice()) await this.#untilWoken(signal);
      await nextTurn();
    }
    this.#running = false;
  }

  /** False when nothing was due. */
  #runSlice(): boolean {
    const { clock } = this.#options;
    const endMs = clock.monotonicMs() + SLICE_MS;
    let tried = 0;
    while (this.#bindings < BINDINGS_MAX) {
      const entry = this.#queue.pop();
      if (entry === undefined) break;
      this.#schedule(entry);
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

  #onNode(next: Node | undefined, old: Node | undefined): void {
    if (next === undefined) {
      this.#cache.removeNode(old?.metadata.name ?? '');
      return;
    }
    this.#cache.setNode(next);
    // Heartbeats change nothing that matters here.
    if (old === undefined || mattersToScheduling(next, old))
      this.#queue.handle({ resource: 'Node', next, old });
  }

  #onPod(next: Pod | undefined, old: Pod | undefined): void {
    const pod = next ?? old;
    if (pod === undefined) return;
    const uid = pod.metadata.uid ?? '';
    if (next === undefined) {
      this.#queue.remove(uid);
      this.#cache.removePod(uid);
      if ((pod.spec.nodeName ?? '') !== '') this.#queue.handle({ resource: 'Pod/Gone', old: pod });
      return;
    }
    this.#cache.setPod(next);
    if ((next.spec.nodeName ?? '') === '') {
      const waits = !isFinished(next) && next.metadata.deletionTimestamp === undefined;
      if (!waits || next.spec.schedulerName !== this.#options.name) this.#queue.remove(uid);
      else if (!this.#cache.isAssumed(uid)) this.#queue.add(next);
      return;
    }
    this.#queue.remove(uid);
    if (isFinished(next) && old !== undefined && !isFinished(old))
      this.#queue.handle({ resource: 'Pod/Gone', old });
    else if (old?.spec !== next.spec) this.#queue.handle({ resource: 'Pod', next, old });
  }

  #schedule(entry: QueuedPod): void {
    const { clock, random, plugins } = this.#options;
    const { pod } = entry;
    const nodes = this.#cache.nodes;
    const startedMs = clock.monotonicMs();
    const integer = (bound: number): number => random.integer(bound);
    const decision = decide({ pod, nodes, plugins, start: this.#start, integer });
    const result = decision.outcome === 'node' ? 'scheduled' : 'unschedulable';
    this.#attempts.observe((clock.monotonicMs() - startedMs) / 1000, { result });
    if (decision.outcome === 'none') {
      this.#queue.unschedulable(entry, decision.refusedBy);
      void this.#reportUnschedulable(pod, decision.message);
      return;
    }
    this.#start = (this.#start + decision.looked) % Math.max(nodes.length, 1);
    this.#cache.assume(pod, decision.nodeName);
    void this.#bind(entry, decision.nodeName);
  }

  async #bind(entry: QueuedPod, nodeName: string): Promise<void> {
    const { client, events, logger } = this.#options;
    const { pod } = entry;
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    this.#bindings++;
    try {
      const target = { apiVersion: 'v1', kind: 'Node', name: nodeName };
      const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target };
      await client.createSubresource(podType, { namespace, name }, 'binding', body);
      this.#queue.done(uid);
      events.record(pod, 'Normal', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${nodeName}`);
    } catch (error) {
      this.#cache.forget(pod);
      // Deleted, or bound by somebody else meanwhile: its own event settles it.
      if (!isApiError(error, 'NotFound') && !isApiError(error, 'Conflict')) {
        logger.warn(`binding failed: ${errorText(error)}`, { pod: `${namespace}/${name}`, node: nodeName });
        events.record(pod, 'Warning', 'FailedScheduling', `binding rejected: ${errorText(error)}`);
      }
      this.#queue.retry(entry);
    } finally {
      if (this.#bindings-- === BINDINGS_MAX) this.#wake?.();
    }
  }

  async #reportUnschedulable(pod: Pod, message: string): Promise<void> {
    const { client, clock, events, logger } = this.#options;
    events.record(pod, 'Warning', 'FailedScheduling', message);
    const current = (pod.status.conditions ?? []).find((c) => c.type === 'PodScheduled');
    if (current?.status === 'False' && current.reason === 'Unschedulable' && current.message === message)
      return;
    const condition: PodCondition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      lastTransitionTime:
        current?.status === 'False' ? (current.lastTransitionTime ?? '') : formatTime(clock.now()),
    };
    try {
      const { namespace = '', name = '' } = pod.metadata;
      const body = { status: { conditions: [{ ...condition }] } };
      await client.patch(
        podType,
        { namespace, name },
        { type: 'strategic', body },
        { subresource: 'status' },
      );
    } catch (error) {
      if (!isApiError(error, 'NotFound')) logger.warn(`pod condition not written: ${errorText(error)}`);
    }
  }
}

function mattersToScheduling(next: Node, old: Node): boolean {
  return (
    next.spec !== old.spec ||
    JSON.stringify(next.status.allocatable) !== JSON.stringify(old.status.allocatable) ||
    JSON.stringify(next.metadata.labels) !== JSON.stringify(old.metadata.labels)
  );
}

function attemptMetrics(metrics: Metrics) {
  const help = 'Time to decide on one pod, by result';
  return metrics.histogram('scheduler_scheduling_attempt_duration_seconds', help, ATTEMPT_BUCKETS);
}
