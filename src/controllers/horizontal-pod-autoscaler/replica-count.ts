/**
 * How many replicas a metric asks for; pure. Upstream's rules for pods that are not ready and for metrics that
 * are missing: where they are unknown they are taken to be what makes for less change, and what they add may
 * never turn a scaling around.
 *
 * Worked example: four pods with a target of 50 %, three of them at 80 %, one without metrics. The ratio of
 * the three is 1.6, so the missing one counts as 0 %: (240 / 4) / 50 = 1.2, and ceil(1.2 × 4) = 5 replicas,
 * not 7.
 */

import { timeMs } from '../../api/time/time.ts';
import { quantityMilliValue } from '../../api/quantity/quantity.ts';
import type { Pod } from '../../api/types.gen.ts';
import { isPodReady, podCondition } from '../pod-state/pod-state.ts';

export interface PodMetric {
  /** Thousandths. */
  readonly milli: number;
  readonly atMs: number;
  readonly windowMs: number;
}

/** By pod name. */
export type PodMetricsByName = ReadonlyMap<string, PodMetric>;

/** Within which share of the target nothing is done. */
export interface Tolerances {
  readonly up: number;
  readonly down: number;
}

export interface Count {
  readonly replicas: number;
  /** The average per pod in thousandths, or the whole value where no pods are counted. */
  readonly milli: number;
  /** Of requests, in percent. */
  readonly utilization?: number;
}

export type CountOutcome =
  | { readonly ok: true; readonly count: Count }
  | { readonly ok: false; readonly error: string };

const CPU_INITIALIZATION_MS = 300_000;
const INITIAL_READINESS_DELAY_MS = 30_000;
const REPLICAS_MAX = 2 ** 31 - 1;

function isWithin({ up, down }: Tolerances, ratio: number): boolean {
  return 1 - down <= ratio && ratio <= 1 + up;
}

function found(count: Count): CountOutcome {
  return { ok: true, count: { ...count, replicas: Math.min(count.replicas, REPLICAS_MAX) } };
}

function failed(error: string): CountOutcome {
  return { ok: false, error };
}

export interface PodCountInput {
  readonly currentReplicas: number;
  readonly pods: readonly Pod[];
  readonly metrics: PodMetricsByName;
  /** `cpu`, `memory`; empty for metrics that are no resource. */
  readonly resource: string;
  readonly tolerances: Tolerances;
  readonly nowMs: number;
}

/** For a target in percent of what the pods ask for; `container` empty: of all. */
export function countByUtilization(input: PodCountInput, target: number, container: string): CountOutcome {
  const groups = groupPods(input);
  if (typeof groups === 'string') return failed(groups);
  const requests = new Map<string, number>();
  for (const pod of input.pods) {
    const request = requestOf(pod, container, input.resource);
    if (typeof request === 'string') return failed(request);
    requests.set(pod.metadata.name ?? '', request);
  }
  const measure = (metrics: ReadonlyMap<string, number>): Measure | undefined => {
    const [used, asked] = totals(metrics, requests);
    if (asked === 0) return undefined;
    const utilization = Math.trunc((used * 100) / asked);
    return { ratio: utilization / target, utilization, milli: Math.trunc(used / metrics.size) };
  };
  if (measure(groups.metrics) === undefined) return failed('no metrics returned matched known pods');
  const missing = (name: string): number =>
    Math.trunc(((requests.get(name) ?? 0) * Math.max(100, target)) / 100);
  return decide(input, groups, measure, missing);
}

/** For a target that is an average per pod, in thousandths. */
export function countByAverage(input: PodCountInput, targetMilli: number): CountOutcome {
  const groups = groupPods(input);
  if (typeof groups === 'string') return failed(groups);
  const measure = (metrics: ReadonlyMap<string, number>): Measure => {
    const milli = Math.trunc([...metrics.values()].reduce((sum, value) => sum + value, 0) / metrics.size);
    return { ratio: milli / targetMilli, milli };
  };
  return decide(input, groups, measure, () => targetMilli);
}

/** For a value as a whole that is to reach a target: in proportion to the pods that are ready. */
export function countByValue(
  { currentReplicas, pods, tolerances }: Omit<PodCountInput, 'metrics' | 'resource' | 'nowMs'>,
  milli: number,
  targetMilli: number,
): CountOutcome {
  const ratio = milli / targetMilli;
  if (currentReplicas === 0) return found({ replicas: Math.ceil(ratio), milli });
  if (isWithin(tolerances, ratio)) return found({ replicas: currentReplicas, milli });
  if (pods.length === 0) return failed(`unable to calculate ready pods: ${NO_PODS}`);
  const ready = pods.filter((pod) => pod.status.phase === 'Running' && isPodReady(pod)).length;
  return found({ replicas: Math.ceil(ratio * ready), milli });
}

/** For a value as a whole of which each pod shall have its share. */
export function countByShare(
  statusReplicas: number,
  milli: number,
  targetMilli: number,
  tolerances: Tolerances,
): CountOutcome {
  const ratio = milli / (targetMilli * statusReplicas);
  const replicas = isWithin(tolerances, ratio) ? statusReplicas : Math.ceil(milli / targetMilli);
  return found({ replicas, milli: statusReplicas === 0 ? milli : Math.ceil(milli / statusReplicas) });
}

const NO_PODS = 'no pods returned by selector while calculating replica count';

interface Groups {
  readonly readyCount: number;
  readonly unready: readonly string[];
  readonly missing: readonly string[];
  /** Of the pods that count, in thousandths. */
  readonly metrics: ReadonlyMap<string, number>;
}

interface Measure {
  readonly ratio: number;
  readonly milli: number;
  readonly utilization?: number;
}

function groupPods(input: PodCountInput): Groups | string {
  const { pods, metrics } = input;
  if (pods.length === 0) return NO_PODS;
  const counted = new Map([...metrics].map(([name, { milli }]) => [name, milli]));
  const unready: string[] = [];
  const missing: string[] = [];
  let readyCount = 0;
  for (const pod of pods) {
    const { name = '', deletionTimestamp } = pod.metadata;
    const metric = metrics.get(name);
    if (deletionTimestamp !== undefined || pod.status.phase === 'Failed') counted.delete(name);
    else if (pod.status.phase === 'Pending') unready.push(name);
    else if (metric === undefined) missing.push(name);
    else if (input.resource === 'cpu' && isCpuUnready(pod, metric, input.nowMs)) unready.push(name);
    else readyCount++;
  }
  for (const name of unready) counted.delete(name);
  if (counted.size === 0) return 'did not receive metrics for targeted pods (pods might be unready)';
  return { readyCount, unready, missing, metrics: counted };
}

/** Whether what the pod uses is that of its start, which says nothing of its load. */
function isCpuUnready(pod: Pod, { atMs, windowMs }: PodMetric, nowMs: number): boolean {
  const ready = podCondition(pod, 'Ready');
  const { startTime } = pod.status;
  if (ready === undefined || startTime === undefined) return true;
  const startedMs = timeMs(startTime);
  const changedMs = ready.lastTransitionTime === undefined ? 0 : timeMs(ready.lastTransitionTime);
  if (startedMs + CPU_INITIALIZATION_MS > nowMs) {
    return ready.status === 'False' || atMs < changedMs + windowMs;
  }
  return ready.status === 'False' && startedMs + INITIAL_READINESS_DELAY_MS > changedMs;
}

function decide(
  { currentReplicas, tolerances }: PodCountInput,
  { readyCount, unready, missing, metrics }: Groups,
  measure: (metrics: ReadonlyMap<string, number>) => Measure | undefined,
  missingWhenLow: (name: string) => number,
): CountOutcome {
  const first = measure(metrics);
  if (first === undefined) return failed('no metrics returned matched known pods');
  const { ratio, milli, utilization } = first;
  const said = { milli, ...(utilization === undefined ? {} : { utilization }) };
  const stay = found({ replicas: currentReplicas, ...said });
  const fillsUnready = unready.length > 0 && ratio > 1;
  if (!fillsUnready && missing.length === 0) {
    return isWithin(tolerances, ratio) ? stay : found({ replicas: Math.ceil(ratio * readyCount), ...said });
  }
  const filled = new Map(metrics);
  if (ratio < 1) for (const name of missing) filled.set(name, missingWhenLow(name));
  if (ratio > 1) for (const name of missing) filled.set(name, 0);
  if (fillsUnready) for (const name of unready) filled.set(name, 0);
  const second = measure(filled);
  if (second === undefined) return failed('no metrics returned matched known pods');
  const turns = (ratio < 1 && second.ratio > 1) || (ratio > 1 && second.ratio < 1);
  if (isWithin(tolerances, second.ratio) || turns) return stay;
  const replicas = Math.ceil(second.ratio * filled.size);
  const overshoots =
    (second.ratio < 1 && replicas > currentReplicas) || (second.ratio > 1 && replicas < currentReplicas);
  return overshoots ? stay : found({ replicas, ...said });
}

function totals(
  metrics: ReadonlyMap<string, number>,
  requests: ReadonlyMap<string, number>,
): readonly [used: number, asked: number] {
  let [used, asked] = [0, 0];
  for (const [name, milli] of metrics) {
    const request = requests.get(name);
    if (request === undefined) continue;
    used += milli;
    asked += request;
  }
  return [used, asked];
}

/** In thousandths, or why there is none. Sidecars count; requests of the pod as a whole come first. */
function requestOf({ metadata, spec }: Pod, container: string, resource: string): number | string {
  const pod = metadata.name ?? '';
  const ofPod = spec.resources?.requests;
  if (container === '' && ofPod !== undefined && Object.keys(ofPod).length > 0) {
    const request = ofPod[resource];
    return request === undefined
      ? `missing pod-level request for ${resource} in Pod ${pod}`
      : quantityMilliValue(request);
  }
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const all = [...spec.containers, ...sidecars];
  const wanted = container === '' ? all : all.filter(({ name }) => name === container);
  if (wanted.length === 0) return `container ${container} not found in Pod ${pod}`;
  let total = 0;
  for (const { name, resources } of wanted) {
    const request = resources?.requests?.[resource];
    if (request === undefined) return `missing request for ${resource} in container ${name} of Pod ${pod}`;
    total += quantityMilliValue(request);
  }
  return total;
}
