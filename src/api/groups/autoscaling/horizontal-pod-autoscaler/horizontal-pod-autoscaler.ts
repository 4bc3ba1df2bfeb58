/**
 * HorizontalPodAutoscaler: as many pods as their load asks for. Stored as autoscaling/v2; version 1 is a view
 * of it (`horizontal-pod-autoscaler-v1.ts`).
 */

import { nonNegative } from '../../../field/rules.ts';
import { ROOT_PATH } from '../../../field/field-error.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import type { Column, ResourceDefinition } from '../../../meta/resource-definition.ts';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerBehavior,
  HPAScalingRules,
} from '../../../types.gen.ts';
import { metricsText } from './metrics-text.ts';
import { validateAutoscaler } from './validate-autoscaler.ts';

const STATUS = ROOT_PATH.child('status');

/** At first four pods or double as many, whichever is more; then every 15 seconds again. */
const SCALE_UP: HPAScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
/** How long it waits before it scales down is the controller's own default. */
const SCALE_DOWN: HPAScalingRules = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
};

export const horizontalPodAutoscalers: ResourceDefinition<HorizontalPodAutoscaler> = {
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  namespaced: true,
  message: 'autoscaling/v2.HorizontalPodAutoscaler',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: false,
  defaults,
  // The older version carries parts of the status in annotations, which are no status to the client.
  prepareForCreate: (scaler) => ({ ...scaler, status: { desiredReplicas: 0, currentMetrics: [] } }),
  validate: validateAutoscaler,
  validateStatusUpdate: ({ status }) => [
    ...nonNegative(STATUS.child('currentReplicas'), status.currentReplicas),
    ...nonNegative(STATUS.child('desiredReplicas'), status.desiredReplicas),
  ],
  columns: [
    NAME_COLUMN,
    column('Reference', 'What it scales.', ({ spec: { scaleTargetRef } }) => {
      return `${scaleTargetRef.kind}/${scaleTargetRef.name}`;
    }),
    column('Targets', 'Each metric as it is, and as it shall be.', ({ spec, status }) =>
      metricsText(spec.metrics ?? [], status.currentMetrics),
    ),
    column('MinPods', 'The fewest pods there shall be.', ({ spec }) => String(spec.minReplicas ?? '<unset>')),
    column('MaxPods', 'The most pods there shall be.', ({ spec }) => spec.maxReplicas),
    column('Replicas', 'How many pods there are.', ({ status }) => status.currentReplicas ?? 0),
    AGE_COLUMN,
  ],
};

function column(
  name: string,
  description: string,
  value: (scaler: HorizontalPodAutoscaler) => string | number,
): Column<HorizontalPodAutoscaler> {
  return { name, type: 'string', description, priority: 0, value };
}

function defaults(scaler: HorizontalPodAutoscaler): HorizontalPodAutoscaler {
  const { behavior } = scaler.spec;
  if (behavior === undefined) return scaler;
  const next = defaultBehavior(behavior);
  return next === behavior ? scaler : { ...scaler, spec: { ...scaler.spec, behavior: next } };
}

export function defaultBehavior(behavior: HorizontalPodAutoscalerBehavior): HorizontalPodAutoscalerBehavior {
  const scaleUp = withRules(behavior.scaleUp, SCALE_UP);
  const scaleDown = withRules(behavior.scaleDown, SCALE_DOWN);
  return scaleUp === behavior.scaleUp && scaleDown === behavior.scaleDown ? behavior : { scaleUp, scaleDown };
}

function withRules(rules: HPAScalingRules | undefined, fallback: HPAScalingRules): HPAScalingRules {
  if (rules === undefined) return fallback;
  const isComplete = Object.keys(fallback).every((field) => field in rules);
  return isComplete ? rules : { ...fallback, ...rules };
}
