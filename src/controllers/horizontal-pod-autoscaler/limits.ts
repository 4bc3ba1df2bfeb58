/**
 * From what the metrics ask for to what is done: not too soon, not too fast, within the bounds; pure.
 *
 * Inputs: the recommendation, what was recommended and done before, the rules. Outputs: the replicas, and the
 * reasons that the conditions AbleToScale and ScalingLimited give. Invariants: the result lies within
 * `minReplicas` and `maxReplicas` whenever the current count does; within the window of stabilization nothing
 * goes below its highest (when scaling down) nor above its lowest (when scaling up) recommendation.
 *
 * Worked example, scaling down with a window of 300 s, 10 replicas now: recommendations 10 (0 s), 4 (15 s), 4
 * (30 s). Until 300 s the highest of them is 10, and nothing happens; then it is 4.
 */

import type { HorizontalPodAutoscaler, HPAScalingRules } from '../../api/types.gen.ts';

export interface Recommendation {
  readonly replicas: number;
  readonly atMs: number;
}

/** Positive: so many were added. */
export interface ScaleChange {
  readonly change: number;
  readonly atMs: number;
}

export interface History {
  readonly recommendations: readonly Recommendation[];
  readonly changes: readonly ScaleChange[];
}

export const NO_HISTORY: History = { recommendations: [], changes: [] };

export interface LimitInput {
  readonly spec: HorizontalPodAutoscaler['spec'];
  readonly current: number;
  /** What the metrics ask for. */
  readonly recommended: number;
  readonly history: History;
  readonly nowMs: number;
}

export interface Reason {
  readonly reason: string;
  readonly message: string;
}

export interface Limited {
  readonly replicas: number;
  readonly ableToScale: Reason;
  readonly scalingLimited: Reason & { readonly isLimited: boolean };
}

/** Upstream's `--horizontal-pod-autoscaler-downscale-stabilization`. */
const DOWNSCALE_WINDOW_SECONDS = 300;

interface Windows {
  readonly upMs: number;
  readonly downMs: number;
}

function windowsOf({ behavior }: HorizontalPodAutoscaler['spec']): Windows {
  const seconds = (rules: HPAScalingRules | undefined, fallback: number): number =>
    rules?.stabilizationWindowSeconds ?? fallback;
  return {
    upMs: seconds(behavior?.scaleUp, 0) * 1000,
    downMs: seconds(behavior?.scaleDown, DOWNSCALE_WINDOW_SECONDS) * 1000,
  };
}

export function limit(input: LimitInput): Limited {
  const { recommended, spec } = input;
  const stabilized = stabilize(input);
  const ready = { reason: 'ReadyForNewScale', message: 'recommended size matches current size' };
  const ableToScale = stabilized === recommended ? ready : stabilizedReason(input);
  const [replicas, reason] =
    spec.behavior === undefined ? withinBounds(input, stabilized) : withinRates(input, stabilized);
  return { replicas, ableToScale, scalingLimited: { ...reason, isLimited: replicas !== stabilized } };
}

/** The history with this recommendation, without what no window reaches any more. */
export function remember({ spec, recommended, history, nowMs }: LimitInput): History {
  const { upMs, downMs } = windowsOf(spec);
  const sinceMs = nowMs - Math.max(upMs, downMs);
  const kept = history.recommendations.filter(({ atMs }) => atMs >= sinceMs);
  return { ...history, recommendations: [...kept, { replicas: recommended, atMs: nowMs }] };
}

/** The history with a scaling that was done. Without rules nobody asks for it. */
export function rememberChange(
  history: History,
  { behavior }: HorizontalPodAutoscaler['spec'],
  change: number,
  nowMs: number,
): History {
  if (behavior === undefined) return { ...history, changes: [] };
  const policies = [...(behavior.scaleUp?.policies ?? []), ...(behavior.scaleDown?.policies ?? [])];
  const longestMs = Math.max(0, ...policies.map(({ periodSeconds }) => periodSeconds)) * 1000;
  const kept = history.changes.filter(({ atMs }) => atMs >= nowMs - longestMs);
  return { ...history, changes: [...kept, { change, atMs: nowMs }] };
}

function stabilize({ spec, current, recommended, history, nowMs }: LimitInput): number {
  const { upMs, downMs } = windowsOf(spec);
  // Without rules the moment at which the window begins still counts, as upstream has it.
  const edge = spec.behavior === undefined ? 1 : 0;
  const within = (windowMs: number): readonly number[] =>
    history.recommendations
      .filter(({ atMs }) => atMs > nowMs - windowMs - edge)
      .map(({ replicas }) => replicas);
  const highest = Math.max(recommended, ...within(downMs));
  if (spec.behavior === undefined) return highest;
  const lowest = Math.min(recommended, ...within(upMs));
  return Math.min(Math.max(current, lowest), highest);
}

function stabilizedReason({ spec, current, recommended }: LimitInput): Reason {
  const isUp = spec.behavior !== undefined && recommended >= current;
  const [before, taken] = isUp ? ['lower', 'lowest'] : ['higher', 'highest'];
  return {
    reason: isUp ? 'ScaleUpStabilized' : 'ScaleDownStabilized',
    message: `recent recommendations were ${before} than current one, applying the ${taken} recent recommendation`,
  };
}

const IN_RANGE: Reason = {
  reason: 'DesiredWithinRange',
  message: 'the desired count is within the acceptable range',
};
const UP_LIMIT: Reason = {
  reason: 'ScaleUpLimit',
  message: 'the desired replica count is increasing faster than the maximum scale rate',
};
const DOWN_LIMIT: Reason = {
  reason: 'ScaleDownLimit',
  message: 'the desired replica count is decreasing faster than the maximum scale rate',
};
const TOO_MANY: Reason = {
  reason: 'TooManyReplicas',
  message: 'the desired replica count is more than the maximum replica count',
};
const TOO_FEW: Reason = {
  reason: 'TooFewReplicas',
  message: 'the desired replica count is less than the minimum replica count',
};

/** Without rules: at most double as many, or four. */
function withinBounds({ spec, current }: LimitInput, wanted: number): [number, Reason] {
  const { minReplicas = 1, maxReplicas } = spec;
  const fastest = Math.max(2 * current, 4);
  const most = Math.min(maxReplicas, fastest);
  if (wanted < minReplicas) return [minReplicas, TOO_FEW];
  if (wanted > most) return [most, maxReplicas > fastest ? UP_LIMIT : TOO_MANY];
  return [wanted, IN_RANGE];
}

function withinRates(input: LimitInput, wanted: number): [number, Reason] {
  const { spec, current } = input;
  const { minReplicas = 1, maxReplicas } = spec;
  if (wanted > current) {
    const fastest = Math.max(current, rateLimit(input, spec.behavior?.scaleUp ?? {}, 'up'));
    const most = Math.min(maxReplicas, fastest);
    if (wanted > most) return [most, maxReplicas > fastest ? UP_LIMIT : TOO_MANY];
  } else if (wanted < current) {
    const fastest = Math.min(current, rateLimit(input, spec.behavior?.scaleDown ?? {}, 'down'));
    const fewest = Math.max(minReplicas, fastest);
    if (wanted < fewest) return [fewest, minReplicas < fastest ? DOWN_LIMIT : TOO_FEW];
  }
  return [wanted, IN_RANGE];
}

/** How many replicas there may be at most (up) or must be at least (down), by the policies. */
function rateLimit(input: LimitInput, rules: HPAScalingRules, direction: 'up' | 'down'): number {
  const { current, history, nowMs } = input;
  const { selectPolicy = 'Max', policies = [] } = rules;
  if (selectPolicy === 'Disabled') return current;
  const sign = direction === 'up' ? 1 : -1;
  const proposals = policies.map(({ type, value, periodSeconds }) => {
    const since = nowMs - periodSeconds * 1000;
    const changed = history.changes
      .filter(({ atMs }) => atMs > since)
      .reduce((sum, { change }) => sum + change, 0);
    const atStart = current - changed;
    if (type === 'Pods') return atStart + sign * value;
    const share = atStart * (1 + (sign * value) / 100);
    // Rounded so that the smallest share of few pods still changes something.
    return direction === 'up' ? Math.ceil(share) : Math.trunc(share);
  });
  const wantsMost = (selectPolicy === 'Max') === (direction === 'up');
  return wantsMost ? Math.max(...proposals) : Math.min(...proposals);
}
