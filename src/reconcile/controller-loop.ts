/**
 * Runs controllers: for each a queue, some workers, retries with backoff, logs and metrics. The one place
 * where a reconciler's errors end.
 */

import { READY, notReady, type Component, type Readiness } from '../base/component.ts';
import { errorText } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import { nextTurn } from '../base/turn.ts';
import { isApiError } from '../api/meta/api-error.ts';
import type { ControllerContext, ControllerDefinition, Reconciler } from './controller.ts';
import { Workqueue } from './workqueue.ts';

const KEYS_PER_TURN = 8;
const DURATION_BUCKETS = [0.001, 0.01, 0.1, 1, 10];

export class ControllerLoop implements Component {
  readonly name: string;
  readonly #definition: ControllerDefinition;
  readonly #context: ControllerContext;
  readonly #queue: Workqueue;
  readonly #metrics: ReturnType<typeof loopMetrics>;
  #running = false;

  constructor(definition: ControllerDefinition, context: ControllerContext, metrics: Metrics) {
    this.name = definition.name;
    this.#definition = definition;
    this.#context = { ...context, logger: context.logger.with({ controller: definition.name }) };
    this.#queue = new Workqueue(context.clock);
    this.#metrics = loopMetrics(metrics);
  }

  ready(): Readiness {
    return this.#running ? READY : notReady('waiting for its informers');
  }

  /** Whether every key was worked off; for tests that wait until nothing moves. */
  get idle(): boolean {
    return this.#queue.idle;
  }

  async start(signal: AbortSignal): Promise<void> {
    const { informers } = this.#context;
    const reconciler = this.#definition.build(this.#context, (key, delayMs) => this.#queue.add(key, delayMs));
    await informers.waitForSync(signal);
    if (signal.aborted) return;
    this.#running = true;
    signal.addEventListener('abort', () => this.#queue.close(), { once: true });
    const workers = Array.from({ length: this.#definition.workers ?? 1 }, () =>
      this.#work(reconciler, signal),
    );
    await Promise.all(workers);
    this.#running = false;
  }

  async #work(reconciler: Reconciler, signal: AbortSignal): Promise<void> {
    let done = 0;
    for (let key = await this.#queue.take(); key !== undefined; key = await this.#queue.take()) {
      await this.#reconcile(reconciler, key, signal);
      this.#queue.done(key);
      // On a store in memory nothing else would make way for timers and sockets.
      if (++done % KEYS_PER_TURN === 0) await nextTurn('controller');
    }
  }

  async #reconcile(reconciler: Reconciler, key: string, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#context;
    const labels = { name: this.name };
    const startedMs = clock.monotonicMs();
    try {
      const { requeueAfterMs } = await reconciler.reconcile(key, signal);
      this.#queue.forget(key);
      if (requeueAfterMs !== undefined) this.#queue.add(key, Math.max(requeueAfterMs, 1));
    } catch (error) {
      if (signal.aborted) return;
      const retryMs = this.#queue.addFailed(key);
      this.#metrics.errors.add(1, labels);
      // Losing a race is part of the work, not news.
      const level = isApiError(error, 'Conflict') || isApiError(error, 'AlreadyExists') ? 'debug' : 'warn';
      logger[level](`reconcile failed: ${errorText(error)}`, { key, retryMs, error });
    } finally {
      this.#metrics.seconds.observe((clock.monotonicMs() - startedMs) / 1000, labels);
    }
  }
}

function loopMetrics(metrics: Metrics) {
  return {
    seconds: metrics.histogram(
      'workqueue_work_duration_seconds',
      'Time to reconcile one key',
      DURATION_BUCKETS,
    ),
    errors: metrics.counter(
      'controller_reconcile_errors_total',
      'Reconciles that failed and will be retried',
    ),
  };
}
