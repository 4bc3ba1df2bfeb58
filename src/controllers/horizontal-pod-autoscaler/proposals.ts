/**
 * What each metric of an autoscaler proposes: read it, count, and say so in the status.
 *
 * Outputs: for each metric its replicas, or why there are none, in upstream's words (reasons of events and of
 * the condition ScalingActive among them).
 */

import { formatQuantity, quantityFromMilli, quantityMilliValue } from '../../api/quantity/quantity.ts';
import { fromLabelSelector, selectorText } from '../../api/labels/selector.ts';
import type {
  HPAScalingRules,
  HorizontalPodAutoscalerBehavior,
  LabelSelector,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
  ObjectMetricSource,
  PodsMetricSource,
  Pod,
} from '../../api/types.gen.ts';
import { explained, messageOf, type MetricReadings } from './metric-readings.ts';
import {
  countByAverage,
  countByShare,
  countByUtilization,
  countByValue,
  type Count,
  type CountOutcome,
  type Tolerances,
} from './replica-count.ts';

export type Proposal =
  | { readonly ok: true; readonly replicas: number; readonly name: string; readonly status: MetricStatus }
  | {
      readonly ok: false;
      /** `FailedGetResourceMetric` */
      readonly reason: string;
      readonly error: string;
      /** As the list of all failures has it. */
      readonly summary: string;
    };

export interface ProposalInput {
  readonly namespace: string;
  /** Of the pods. */
  readonly selector: string;
  readonly pods: readonly Pod[];
  readonly specReplicas: number;
  readonly statusReplicas: number;
  readonly tolerances: Tolerances;
  readonly nowMs: number;
  readonly readings: MetricReadings;
  /** The resource of a kind, as custom metrics name it; undefined: there is none. */
  readonly resourceOf: (apiVersion: string, kind: string) => string | undefined;
}

/** Upstream's `--horizontal-pod-autoscaler-tolerance`. */
const TOLERANCE = 0.1;

export function tolerancesOf(behavior: HorizontalPodAutoscalerBehavior | undefined): Tolerances {
  const of = (rules: HPAScalingRules | undefined): number =>
    rules?.tolerance === undefined ? TOLERANCE : quantityMilliValue(rules.tolerance) / 1000;
  return { up: of(behavior?.scaleUp), down: of(behavior?.scaleDown) };
}

interface Found {
  readonly count: Count;
  readonly name: string;
  readonly status: Omit<MetricStatus, 'type'>;
}

export async function propose(metric: MetricSpec, input: ProposalInput): Promise<Proposal> {
  const { reason, prefix, find } = howToFind(metric, input);
  try {
    const { count, name, status } = await find();
    return { ok: true, replicas: count.replicas, name, status: { type: metric.type, ...status } };
  } catch (cause) {
    const error = messageOf(cause);
    return { ok: false, reason, error, summary: prefix === '' ? error : `${prefix}: ${error}` };
  }
}

interface HowToFind {
  readonly reason: string;
  readonly prefix: string;
  find(): Promise<Found>;
}

function howToFind(metric: MetricSpec, input: ProposalInput): HowToFind {
  const { object, pods, resource, containerResource, external } = metric;
  if (metric.type === 'Object' && object !== undefined) {
    return {
      reason: 'FailedGetObjectMetric',
      prefix: 'failed to get object metric value',
      find: () => ofObject(object, input),
    };
  }
  if (metric.type === 'Pods' && pods !== undefined) {
    return {
      reason: 'FailedGetPodsMetric',
      prefix: 'failed to get pods metric value',
      find: () => ofPods(pods, input),
    };
  }
  if (metric.type === 'Resource' && resource !== undefined) {
    const { name, target } = resource;
    return {
      reason: 'FailedGetResourceMetric',
      prefix: `failed to get ${name} resource metric value`,
      find: async () => {
        const { current, ...found } = await ofResource(name, '', target, input);
        return { ...found, status: { resource: { name, current } } };
      },
    };
  }
  if (metric.type === 'ContainerResource' && containerResource !== undefined) {
    const { name, container, target } = containerResource;
    return {
      reason: 'FailedGetContainerResourceMetric',
      prefix: `failed to get ${container} container metric value`,
      find: async () => {
        const { current, ...found } = await ofResource(name, container, target, input);
        return { ...found, status: { containerResource: { name, container, current } } };
      },
    };
  }
  if (metric.type === 'External' && external !== undefined) {
    const { metric: identifier, target } = external;
    return {
      reason: 'FailedGetExternalMetric',
      prefix: `failed to get ${identifier.name} external metric value`,
      find: async () => {
        const { current, ...found } = await ofExternal(identifier, target, input);
        return { ...found, status: { external: { metric: identifier, current } } };
      },
    };
  }
  return {
    reason: 'InvalidMetricSourceType',
    prefix: '',
    find: () => Promise.reject(new Error(`unknown metric source type ${JSON.stringify(metric.type)}`)),
  };
}

async function ofPods({ metric, target }: PodsMetricSource, input: ProposalInput): Promise<Found> {
  const metrics = await explained(`unable to get metric ${metric.name}`, () =>
    input.readings.ofPods(metric.name, input.namespace, input.selector, selectorOf(metric)),
  );
  const counted = { ...podInput(input), metrics, resource: '' };
  const count = take(countByAverage(counted, milliOf(target.averageValue)));
  const current = { averageValue: milliText(count.milli) };
  return { count, name: `pods metric ${metric.name}`, status: { pods: { metric, current } } };
}

type Measured = Pick<Found, 'count' | 'name'> & { readonly current: MetricValueStatus };

async function ofResource(
  name: string,
  container: string,
  { averageValue, averageUtilization }: MetricTarget,
  input: ProposalInput,
): Promise<Measured> {
  const what = averageValue === undefined ? 'utilization' : 'usage';
  if (averageValue === undefined && averageUtilization === undefined) {
    const missing = 'neither an average utilization target nor an average value (usage) target was set';
    throw new Error(`invalid resource metric source: ${missing}`);
  }
  return explained(`failed to get ${name} ${what}`, async () => {
    const metrics = await explained(`unable to get metrics for resource ${name}`, () =>
      input.readings.ofResource(name, input.namespace, input.selector, container),
    );
    const counted = { ...podInput(input), metrics, resource: name };
    if (averageValue !== undefined) {
      const count = take(countByAverage(counted, milliOf(averageValue)));
      return { count, name: `${name} resource`, current: { averageValue: milliText(count.milli) } };
    }
    const count = take(countByUtilization(counted, averageUtilization ?? 0, container));
    const which = container === '' ? 'resource' : 'container resource';
    return {
      count,
      name: `${name} ${which} utilization (percentage of request)`,
      current: { averageUtilization: count.utilization ?? 0, averageValue: milliText(count.milli) },
    };
  });
}

async function ofObject(
  { metric, target, describedObject }: ObjectMetricSource,
  input: ProposalInput,
): Promise<Found> {
  const { namespace, readings, specReplicas, statusReplicas, tolerances } = input;
  const { kind, name, apiVersion = '' } = describedObject;
  const isNamespace = kind === 'Namespace' && !apiVersion.includes('/');
  const byValue = target.type === 'Value' && target.value !== undefined;
  if (!byValue && !(target.type === 'AverageValue' && target.averageValue !== undefined)) {
    const missing = 'neither a value target nor an average value target was set';
    throw new Error(`invalid object metric source: ${missing}`);
  }
  const read = async (): Promise<number> => {
    try {
      const resource = isNamespace ? undefined : input.resourceOf(apiVersion, kind);
      if (!isNamespace && resource === undefined) {
        throw new Error(
          `unable to fetch metrics from custom metrics API: unable to map kind ${kind} to resource`,
        );
      }
      return await readings.ofObject(metric.name, namespace, resource, name, selectorOf(metric));
    } catch (cause) {
      const what = `unable to get metric ${metric.name}: ${kind} on ${namespace} ${name}`;
      throw new Error(`${what}/${messageOf(cause)}`, { cause });
    }
  };
  if (byValue) {
    const targetMilli = milliOf(target.value);
    const milli = await read();
    const count = take(
      countByValue({ currentReplicas: specReplicas, pods: input.pods, tolerances }, milli, targetMilli),
    );
    const current = { value: milliText(milli) };
    return {
      count,
      name: `${kind} metric ${metric.name}`,
      status: { object: { describedObject, metric, current } },
    };
  }
  const milli = await explained(`failed to get ${metric.name} object metric`, read);
  const count = take(countByShare(statusReplicas, milli, milliOf(target.averageValue), tolerances));
  const current = { averageValue: milliText(count.milli) };
  return { count, name: externalName(metric), status: { object: { describedObject, metric, current } } };
}

async function ofExternal(
  metric: Identifier,
  { value, averageValue }: MetricTarget,
  input: ProposalInput,
): Promise<Measured> {
  const { namespace, readings, specReplicas, statusReplicas, tolerances, pods } = input;
  if (value === undefined && averageValue === undefined) {
    const missing = 'neither a value target nor an average value target was set';
    throw new Error(`invalid external metric source: ${missing}`);
  }
  const what =
    averageValue === undefined
      ? `failed to get external metric ${metric.name}`
      : `failed to get ${metric.name} external metric`;
  const which = `${namespace}/${metric.name}/${goText(metric.selector)}`;
  const milli = await explained(`${what}: unable to get external metric ${which}`, () =>
    readings.external(metric.name, namespace, selectorOf(metric)),
  );
  if (averageValue !== undefined) {
    const count = take(countByShare(statusReplicas, milli, milliOf(averageValue), tolerances));
    return { count, name: externalName(metric), current: { averageValue: milliText(count.milli) } };
  }
  const counted = { currentReplicas: specReplicas, pods, tolerances };
  const count = take(countByValue(counted, milli, milliOf(value)));
  return { count, name: externalName(metric), current: { value: milliText(milli) } };
}

interface Identifier {
  readonly name: string;
  readonly selector?: LabelSelector;
}

function externalName(metric: Identifier): string {
  return `external metric ${metric.name}(${goText(metric.selector)})`;
}

function podInput({ specReplicas: currentReplicas, pods, tolerances, nowMs }: ProposalInput) {
  return { currentReplicas, pods, tolerances, nowMs };
}

function take(outcome: CountOutcome): Count {
  if (!outcome.ok) throw new Error(outcome.error);
  return outcome.count;
}

function milliOf(quantity: string | undefined): number {
  return quantity === undefined ? 0 : quantityMilliValue(quantity);
}

function milliText(milli: number): string {
  return formatQuantity(quantityFromMilli(milli));
}

function selectorOf({ selector }: Identifier): string {
  return selector === undefined ? '' : selectorText(fromLabelSelector(selector) ?? []);
}

/** A selector as Go prints it: events have always shown it so. */
function goText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return 'nil';
  const labels = Object.entries(selector.matchLabels ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`);
  const rules = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    return `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`;
  });
  const expressions = `[]LabelSelectorRequirement{${rules.join('')}}`;
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:${expressions},}`;
}
