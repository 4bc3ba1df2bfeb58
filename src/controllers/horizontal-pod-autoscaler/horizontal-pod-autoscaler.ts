/**
 * The HorizontalPodAutoscaler controller: keeps as many replicas as the metrics ask for.
 *
 * Inputs: autoscalers and pods from the informers, scales and metrics from the APIs. Outputs: the target's
 * scale, status with conditions and current metrics, events. `replica-count.ts` says how many a metric asks
 * for, `limits.ts` how soon and how fast that is followed, `plan.ts` what follows for the autoscaler.
 *
 * Invariants: the scale is never set outside of `minReplicas` and `maxReplicas`; what was recommended and
 * done lately is known to this process only and begins anew with it, as upstream, and kept by the clock
 * that never jumps.
 */

import { objectKey } from '../../api/meta/object.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import type { ResourceDefinition } from '../../api/meta/resource-definition.ts';
import { parseSelector } from '../../api/labels/selector.ts';
import { horizontalPodAutoscalers } from '../../api/groups/autoscaling/horizontal-pod-autoscaler/horizontal-pod-autoscaler.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { formatTime } from '../../api/time/time.ts';
import type { HorizontalPodAutoscaler, MetricStatus, Pod, Scale } from '../../api/types.gen.ts';
import { errorText } from '../../base/log.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  ReconcileResult,
  Reconciler,
} from '../../reconcile/controller.ts';
import { NO_HISTORY, rememberChange, type History } from './limits.ts';
import { MetricReadings, type AggregatedApis } from './metric-readings.ts';
import { planByMetrics, planWithoutMetrics, withJudgements, type Judgement, type ScalePlan } from './plan.ts';
import { propose, tolerancesOf } from './proposals.ts';
import { ScaleTargets } from './scale-target.ts';
import { SelectedPods } from './selected-pods.ts';

export interface AutoscalerOptions {
  /** The kinds served at this moment, custom ones included. */
  readonly kinds: () => readonly ResourceDefinition[];
  readonly apis: AggregatedApis;
  /** How often every autoscaler looks at its metrics. */
  readonly periodMs: number;
}

/** Upstream's `--horizontal-pod-autoscaler-sync-period`. */
export const AUTOSCALER_PERIOD_MS = 15_000;

export function horizontalPodAutoscalerController(options: AutoscalerOptions): ControllerDefinition {
  const own = horizontalPodAutoscalers;
  return {
    name: 'horizontal-pod-autoscaler',
    permissions: [
      { apiGroups: [own.group], resources: [own.plural], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [own.group], resources: [`${own.plural}/status`], verbs: ['update'] },
      { apiGroups: ['*'], resources: ['*/scale'], verbs: ['get', 'update'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
      { apiGroups: ['metrics.k8s.io'], resources: ['pods'], verbs: ['list'] },
      { apiGroups: ['custom.metrics.k8s.io'], resources: ['*'], verbs: ['get', 'list'] },
      { apiGroups: ['external.metrics.k8s.io'], resources: ['*'], verbs: ['get', 'list'] },
      { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
    ],
    workers: 5,
    build: (context, enqueue) => new AutoscalerReconciler(context, enqueue, options),
  };
}

class AutoscalerReconciler implements Reconciler {
  readonly #context: ControllerContext;
  readonly #options: AutoscalerOptions;
  readonly #scalers: Informer<HorizontalPodAutoscaler>;
  readonly #selected: SelectedPods;
  readonly #targets: ScaleTargets;
  readonly #readings: MetricReadings;
  readonly #histories = new Map<string, History>();

  constructor(context: ControllerContext, enqueue: Enqueue, options: AutoscalerOptions) {
    const { informers, client } = context;
    this.#context = context;
    this.#options = options;
    this.#scalers = informers.of(horizontalPodAutoscalers);
    this.#selected = new SelectedPods(informers.of<Pod>(pods));
    this.#targets = new ScaleTargets(options.kinds);
    this.#readings = new MetricReadings(client, options.apis);
    // What this controller writes itself, the status, is no reason to look again.
    this.#scalers.subscribe((next, old, key) => {
      if (!deepEqual(next?.spec, old?.spec)) enqueue(key);
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const scaler = this.#scalers.getByKey(key);
    if (scaler === undefined) {
      this.#histories.delete(key);
      this.#selected.forget(key);
      return {};
    }
    const { logger } = this.#context;
    try {
      await this.#reconcile(key, scaler);
    } catch (error) {
      // Metrics that are not there come or do not: asking more often would not help.
      logger.debug(`autoscaler failed: ${errorText(error)}`, { key, error });
    }
    return { requeueAfterMs: this.#options.periodMs };
  }

  async #reconcile(key: string, scaler: HorizontalPodAutoscaler): Promise<void> {
    const { clock, events } = this.#context;
    const target = await this.#scaleOf(scaler);
    if (typeof target === 'string') {
      events.record(scaler, 'Warning', 'FailedGetScale', target);
      const message = `the HPA controller was unable to get the target's current scale: ${target}`;
      const failed = { type: 'AbleToScale', status: 'False', reason: 'FailedGetScale', message } as const;
      return this.#writeStatus(scaler, scaler.status, [failed]);
    }
    const { spec } = scaler;
    const current = target.spec.replicas ?? 0;
    const history = this.#histories.get(key) ?? {
      ...NO_HISTORY,
      recommendations: [{ replicas: current, atMs: clock.monotonicMs() }],
    };
    const message = "the HPA controller was able to get the target's current scale";
    const able = { type: 'AbleToScale', status: 'True', reason: 'SucceededGetScale', message } as const;
    const plan =
      planWithoutMetrics(spec, current, history) ?? (await this.#planByMetrics(key, scaler, target, history));
    this.#histories.set(key, plan.history);
    const judgements = [able, ...plan.judgements];
    if (plan.replicas === undefined) {
      const { desiredReplicas } = scaler.status;
      await this.#report(scaler, current, desiredReplicas, plan.statuses, judgements);
      events.record(scaler, 'Warning', 'FailedComputeMetricsReplicas', plan.error ?? '');
      return;
    }
    if (plan.replicas === current) {
      return this.#report(scaler, current, current, plan.statuses, judgements);
    }
    await this.#rescale(key, scaler, target, { ...plan, replicas: plan.replicas, judgements });
  }

  async #scaleOf({ metadata, spec }: HorizontalPodAutoscaler): Promise<Scale | string> {
    const type = this.#targets.typeOf(spec.scaleTargetRef);
    if (typeof type === 'string') return type;
    const ref = { namespace: metadata.namespace, name: spec.scaleTargetRef.name };
    try {
      return await this.#context.client.get(type, ref, { subresource: 'scale' });
    } catch (error) {
      return errorText(error);
    }
  }

  async #planByMetrics(
    key: string,
    scaler: HorizontalPodAutoscaler,
    scale: Scale,
    history: History,
  ): Promise<ScalePlan> {
    const { clock, events } = this.#context;
    const { spec, metadata } = scaler;
    const { namespace = '' } = metadata;
    const current = scale.spec.replicas ?? 0;
    const selector = scale.status?.selector ?? '';
    const parsed = parseSelector(selector);
    const selected = parsed.ok && selector !== '' ? this.#selected.of(key, namespace, parsed.value) : [];
    const problem = this.#selectorProblem(namespace, selector, selected);
    if (problem !== undefined) {
      const { event, message } = problem;
      events.record(scaler, 'Warning', event, message);
      const condition = event === 'SelectorRequired' ? MISSING_SELECTOR : { reason: event, message };
      const judgement = { type: 'ScalingActive', status: 'False', ...condition } as const;
      const judgements = [judgement];
      return { replicas: undefined, reason: '', judgements, history, statuses: [], error: message };
    }
    const input = {
      namespace,
      selector,
      pods: selected,
      specReplicas: current,
      statusReplicas: scale.status?.replicas ?? 0,
      tolerances: tolerancesOf(spec.behavior),
      nowMs: clock.now(),
      readings: this.#readings,
      resourceOf: (apiVersion: string, kind: string) => this.#targets.resourceOf(apiVersion, kind),
    };
    const proposals = await Promise.all((spec.metrics ?? []).map((metric) => propose(metric, input)));
    for (const proposal of proposals) {
      if (!proposal.ok) events.record(scaler, 'Warning', proposal.reason, proposal.error);
    }
    return planByMetrics({ spec, current, history, proposals, nowMs: clock.monotonicMs() });
  }

  #selectorProblem(
    namespace: string,
    selector: string,
    selected: readonly Pod[],
  ): { readonly event: string; readonly message: string } | undefined {
    if (selector === '') return { event: 'SelectorRequired', message: 'selector is required' };
    const parsed = parseSelector(selector);
    if (!parsed.ok) {
      const what = "couldn't convert selector into a corresponding internal selector object";
      return { event: 'InvalidSelector', message: `${what}: ${parsed.error}` };
    }
    const rivals = this.#selected.scalersOf(namespace, selected);
    if (rivals.length <= 1) return undefined;
    const message = `pods by selector ${selector} are controlled by multiple HPAs: [${rivals.join(' ')}]`;
    return { event: 'AmbiguousSelector', message };
  }

  async #rescale(
    key: string,
    scaler: HorizontalPodAutoscaler,
    scale: Scale,
    plan: ScalePlan & { readonly replicas: number },
  ): Promise<void> {
    const { client, events, clock } = this.#context;
    const { replicas, reason, statuses, judgements } = plan;
    const current = scale.spec.replicas ?? 0;
    const type = this.#targets.typeOf(scaler.spec.scaleTargetRef);
    if (typeof type === 'string') throw new Error(type);
    try {
      await client.update(type, { ...scale, spec: { replicas } }, { subresource: 'scale' });
    } catch (error) {
      const why = errorText(error);
      events.record(
        scaler,
        'Warning',
        'FailedRescale',
        `New size: ${replicas}; reason: ${reason}; error: ${why}`,
      );
      const message = `the HPA controller was unable to update the target scale: ${why}`;
      const failed = { type: 'AbleToScale', status: 'False', reason: 'FailedUpdateScale', message } as const;
      const { desiredReplicas } = scaler.status;
      return this.#report(scaler, current, desiredReplicas, statuses, [...judgements, failed]);
    }
    const message = `the HPA controller was able to update the target scale to ${replicas}`;
    const done = { type: 'AbleToScale', status: 'True', reason: 'SucceededRescale', message } as const;
    events.record(scaler, 'Normal', 'SuccessfulRescale', `New size: ${replicas}; reason: ${reason}`);
    const change = replicas - current;
    const history = this.#histories.get(key) ?? NO_HISTORY;
    this.#histories.set(key, rememberChange(history, scaler.spec, change, clock.monotonicMs()));
    await this.#report(scaler, current, replicas, statuses, [...judgements, done], clock.now());
  }

  #report(
    scaler: HorizontalPodAutoscaler,
    currentReplicas: number,
    desiredReplicas: number,
    statuses: readonly MetricStatus[],
    judgements: readonly Judgement[],
    scaledMs?: number,
  ): Promise<void> {
    const { lastScaleTime: before, conditions } = scaler.status;
    const lastScaleTime = scaledMs === undefined ? before : formatTime(scaledMs);
    const status = {
      currentReplicas,
      desiredReplicas,
      currentMetrics: statuses,
      ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
      ...(conditions === undefined ? {} : { conditions }),
    };
    return this.#writeStatus(scaler, status, judgements);
  }

  async #writeStatus(
    scaler: HorizontalPodAutoscaler,
    status: HorizontalPodAutoscaler['status'],
    judgements: readonly Judgement[],
  ): Promise<void> {
    const { client, clock, events } = this.#context;
    const conditions = withJudgements(status.conditions ?? [], judgements, clock.now());
    const next = { ...status, conditions };
    if (deepEqual(next, scaler.status)) return;
    try {
      await client.update(horizontalPodAutoscalers, { ...scaler, status: next }, { subresource: 'status' });
    } catch (error) {
      events.record(scaler, 'Warning', 'FailedUpdateStatus', errorText(error));
      throw new Error(`failed to update status for ${objectKey(scaler)}`, { cause: error });
    }
  }
}

const MISSING_SELECTOR = {
  reason: 'InvalidSelector',
  message: "the HPA target's scale is missing a selector",
};
