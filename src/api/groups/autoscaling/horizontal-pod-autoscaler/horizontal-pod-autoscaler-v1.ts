/**
 * autoscaling/v1 HorizontalPodAutoscaler: a view of version 2 with one metric, the load of the processors.
 * What it has no fields for travels in annotations, so that nothing is lost when an old client writes back
 * what it read.
 */

import type { KubernetesObject } from '../../../meta/object.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { JsonObject } from '../../../schema/schema.ts';
import type {
  AutoscalingV1HorizontalPodAutoscaler,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerCondition,
  MetricSpec,
  MetricStatus,
} from '../../../types.gen.ts';
import { behaviorFromText, behaviorText } from './behavior-text.ts';
import { defaultBehavior, horizontalPodAutoscalers } from './horizontal-pod-autoscaler.ts';
import { metricFromV1, metricToV1, readObjects, statusFromV1, statusToV1 } from './metric-conversion.ts';

const PREFIX = 'autoscaling.alpha.kubernetes.io/';
const METRICS = `${PREFIX}metrics`;
const CURRENT_METRICS = `${PREFIX}current-metrics`;
const CONDITIONS = `${PREFIX}conditions`;
const BEHAVIOR = `${PREFIX}behavior`;
const ALL: readonly string[] = [METRICS, CURRENT_METRICS, CONDITIONS, BEHAVIOR];

const DEFAULT_UTILIZATION = 80;

type Annotations = { readonly [key: string]: string };

export const horizontalPodAutoscalersV1: ResourceDefinition<AutoscalingV1HorizontalPodAutoscaler> = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  namespaced: true,
  message: 'autoscaling/v1.HorizontalPodAutoscaler',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: false,
  storedAs: {
    hub: {
      group: 'autoscaling',
      version: 'v2',
      kind: 'HorizontalPodAutoscaler',
      plural: 'horizontalpodautoscalers',
      namespaced: true,
    },
    toHub,
    fromHub: (object) => fromHub(object as HorizontalPodAutoscaler),
  },
  columns: horizontalPodAutoscalers.columns.map((column) => ({
    ...column,
    value: (scaler: AutoscalingV1HorizontalPodAutoscaler, nowMs: number) =>
      column.value(toHub(scaler), nowMs),
  })),
};

function isCpuLoad({ type, resource }: MetricSpec): boolean {
  return type === 'Resource' && resource?.name === 'cpu' && resource.target.averageUtilization !== undefined;
}

export function fromHub(scaler: HorizontalPodAutoscaler): AutoscalingV1HorizontalPodAutoscaler {
  const { metrics = [], behavior, ...spec } = scaler.spec;
  const { currentMetrics, conditions = [], currentReplicas = 0, ...status } = scaler.status;
  const load = metrics.find(isCpuLoad)?.resource?.target.averageUtilization;
  const others = metrics.filter((metric) => !isCpuLoad(metric)).map(metricToV1);
  const carried: Annotations = {
    ...withoutCarried(scaler.metadata.annotations),
    ...(others.length === 0 ? {} : { [METRICS]: JSON.stringify(others) }),
    ...(currentMetrics.length === 0
      ? {}
      : { [CURRENT_METRICS]: JSON.stringify(currentMetrics.map(statusToV1)) }),
    ...(behavior === undefined ? {} : { [BEHAVIOR]: behaviorText(behavior) }),
    ...(conditions.length === 0 ? {} : { [CONDITIONS]: JSON.stringify(conditions) }),
  };
  const current = currentLoad(currentMetrics);
  return {
    ...withAnnotations(scaler, carried),
    apiVersion: 'autoscaling/v1',
    spec: { ...spec, ...(load === undefined ? {} : { targetCPUUtilizationPercentage: load }) },
    status: {
      ...status,
      currentReplicas,
      ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }),
    },
  };
}

/** The last one counts, as upstream. */
function currentLoad(metrics: readonly MetricStatus[]): number | undefined {
  return metrics
    .filter(({ type, resource }) => type === 'Resource' && resource?.name === 'cpu')
    .map(({ resource }) => resource?.current.averageUtilization)
    .findLast((load) => load !== undefined);
}

export function toHub(
  scaler: AutoscalingV1HorizontalPodAutoscaler,
): HorizontalPodAutoscaler & KubernetesObject {
  const { annotations = {} } = scaler.metadata;
  const { targetCPUUtilizationPercentage: load, ...spec } = scaler.spec;
  const { currentCPUUtilizationPercentage: current, ...status } = scaler.status;
  const metrics = [
    ...readObjects(annotations[METRICS]).map(metricFromV1),
    ...(load === undefined ? [] : [cpuLoad(load)]),
  ];
  const behavior = behaviorFromText(annotations[BEHAVIOR]);
  const conditions = readObjects(annotations[CONDITIONS]).map(conditionOf);
  const given = annotations[CURRENT_METRICS];
  const currentMetrics = given === undefined ? currentStatus(current) : readObjects(given).map(statusFromV1);
  return {
    ...withAnnotations(scaler, withoutCarried(annotations)),
    apiVersion: 'autoscaling/v2',
    spec: {
      ...spec,
      metrics: metrics.length === 0 ? [cpuLoad(DEFAULT_UTILIZATION)] : metrics,
      ...(behavior === undefined ? {} : { behavior: defaultBehavior(behavior) }),
    },
    status: { ...status, currentMetrics, ...(conditions.length === 0 ? {} : { conditions }) },
  };
}

function cpuLoad(averageUtilization: number): MetricSpec {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } };
}

function currentStatus(load: number | undefined): readonly MetricStatus[] {
  if (load === undefined) return [];
  return [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: load } } }];
}

function conditionOf(json: JsonObject): HorizontalPodAutoscalerCondition {
  const text = (field: string): string => (typeof json[field] === 'string' ? json[field] : '');
  const optional = Object.fromEntries(
    ['lastTransitionTime', 'reason', 'message'].map((f) => [f, text(f)]).filter(([, value]) => value !== ''),
  );
  return { type: text('type'), status: text('status'), ...optional };
}

function withoutCarried(annotations: Annotations = {}): Annotations {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !ALL.includes(key)));
}

function withAnnotations<T extends KubernetesObject>(object: T, annotations: Annotations): T {
  const { annotations: _old, ...metadata } = object.metadata;
  const isEmpty = Object.keys(annotations).length === 0;
  return { ...object, metadata: isEmpty ? metadata : { ...metadata, annotations } };
}
