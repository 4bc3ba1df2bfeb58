/**
 * What an autoscaler does about its target; pure. The proposals of its metrics in, the replicas and the
 * conditions out. Upstream's `reconcileAutoscaler`, without its reads and writes.
 */

import { formatTime } from '../../api/time/time.ts';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerCondition,
  MetricStatus,
} from '../../api/types.gen.ts';
import { limit, remember, type History } from './limits.ts';
import type { Proposal } from './proposals.ts';

export interface Judgement {
  readonly type: 'AbleToScale' | 'ScalingActive' | 'ScalingLimited';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

export interface ScalePlan {
  /** Undefined: nothing is known that could be gone by. */
  readonly replicas: number | undefined;
  /** Why the count changes. */
  readonly reason: string;
  readonly judgements: readonly Judgement[];
  readonly history: History;
  readonly statuses: readonly MetricStatus[];
  /** Why metrics failed, some or all. */
  readonly error: string | undefined;
}

/** What holds whatever the metrics say; undefined: ask them. */
export function planWithoutMetrics(
  { minReplicas = 1, maxReplicas }: HorizontalPodAutoscaler['spec'],
  current: number,
  history: History,
): ScalePlan | undefined {
  const plan = (replicas: number, reason: string, judgements: readonly Judgement[] = []): ScalePlan => ({
    ...{ replicas, reason, judgements, history, statuses: [], error: undefined },
  });
  if (current === 0 && minReplicas !== 0) {
    const message = 'scaling is disabled since the replica count of the target is zero';
    return plan(0, '', [{ type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled', message }]);
  }
  if (current > maxReplicas) return plan(maxReplicas, 'Current number of replicas above Spec.MaxReplicas');
  if (current < minReplicas) return plan(minReplicas, 'Current number of replicas below Spec.MinReplicas');
  return undefined;
}

export interface MetricsInput {
  readonly spec: HorizontalPodAutoscaler['spec'];
  readonly current: number;
  readonly history: History;
  readonly proposals: readonly Proposal[];
  readonly nowMs: number;
}

/** The highest proposal counts; metrics that failed only keep it from scaling down. */
export function planByMetrics({ spec, current, history, proposals, nowMs }: MetricsInput): ScalePlan {
  const statuses = proposals.map((proposal): MetricStatus => (proposal.ok ? proposal.status : { type: '' }));
  const failures = proposals.filter((proposal) => !proposal.ok);
  const [failure] = failures;
  const counts = `${failures.length} invalid out of ${proposals.length}`;
  const error =
    failure === undefined ? undefined : `invalid metrics (${counts}), first error is: ${failure.summary}`;
  const best = proposals
    .filter((proposal) => proposal.ok)
    .reduce<Extract<Proposal, { ok: true }> | undefined>(
      (most, next) =>
        most === undefined || most.replicas === 0 || next.replicas > most.replicas ? next : most,
      undefined,
    );
  if (best === undefined || (failure !== undefined && best.replicas < current)) {
    const why = failure?.error ?? 'no metrics';
    const judgement: Judgement = {
      type: 'ScalingActive',
      status: 'False',
      reason: failure?.reason ?? 'FailedGetMetrics',
      message: `the HPA was unable to compute the replica count: ${why}`,
    };
    return { replicas: undefined, reason: '', judgements: [judgement], history, statuses, error };
  }
  const input = { spec, current, recommended: best.replicas, history, nowMs };
  const { replicas, ableToScale, scalingLimited } = limit(input);
  const { isLimited, ...limited } = scalingLimited;
  const change =
    best.replicas > current
      ? `${best.name} above target`
      : best.replicas < current
        ? 'All metrics below target'
        : '';
  return {
    replicas,
    reason: change,
    judgements: [
      {
        type: 'ScalingActive',
        status: 'True',
        reason: 'ValidMetricFound',
        message: `the HPA was able to successfully calculate a replica count from ${best.name}`,
      },
      { type: 'AbleToScale', status: 'True', ...ableToScale },
      { type: 'ScalingLimited', status: isLimited ? 'True' : 'False', ...limited },
    ],
    history: remember(input),
    statuses,
    error,
  };
}

export function withJudgements(
  conditions: readonly HorizontalPodAutoscalerCondition[],
  judgements: readonly Judgement[],
  nowMs: number,
): readonly HorizontalPodAutoscalerCondition[] {
  return judgements.reduce<readonly HorizontalPodAutoscalerCondition[]>((list, judgement) => {
    const before = list.find(({ type }) => type === judgement.type);
    const isSame = before?.status === judgement.status && before.lastTransitionTime !== undefined;
    const lastTransitionTime = isSame ? before.lastTransitionTime : formatTime(nowMs);
    const next = { ...judgement, lastTransitionTime };
    return before === undefined ? [...list, next] : list.map((one) => (one === before ? next : one));
  }, conditions);
}
