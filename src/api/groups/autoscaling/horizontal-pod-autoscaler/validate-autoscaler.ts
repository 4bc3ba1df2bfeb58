/** Rules for HorizontalPodAutoscalers, worded as upstream words them (`pkg/apis/autoscaling/validation`). */

import {
  invalid,
  notSupported,
  required,
  ROOT_PATH,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import type { HorizontalPodAutoscaler, HPAScalingPolicy, HPAScalingRules } from '../../../types.gen.ts';
import { validateMetric } from './validate-metric.ts';
import { validateReference } from './validate-reference.ts';

const SPEC = ROOT_PATH.child('spec');
const WINDOW_SECONDS_MAX = 3600;
const PERIOD_SECONDS_MAX = 1800;
const SELECT_POLICIES: readonly string[] = ['Max', 'Min', 'Disabled'];
const POLICY_TYPES: readonly string[] = ['Pods', 'Percent'];

export function validateAutoscaler({ spec }: HorizontalPodAutoscaler): FieldError[] {
  const { minReplicas = 1, maxReplicas, scaleTargetRef, metrics = [], behavior } = spec;
  const errors: FieldError[] = [];
  if (minReplicas < 1) {
    errors.push(invalid(SPEC.child('minReplicas'), minReplicas, 'must be greater than or equal to 1'));
  }
  const max = SPEC.child('maxReplicas');
  if (maxReplicas < 1) errors.push(invalid(max, maxReplicas, 'must be greater than 0'));
  if (maxReplicas < minReplicas) {
    errors.push(invalid(max, maxReplicas, 'must be greater than or equal to `minReplicas`'));
  }
  const rules = SPEC.child('behavior');
  return [
    ...errors,
    ...validateReference(SPEC.child('scaleTargetRef'), scaleTargetRef),
    ...metrics.flatMap((metric, i) => validateMetric(SPEC.child('metrics').index(i), metric)),
    ...validateRules(rules.child('scaleUp'), behavior?.scaleUp),
    ...validateRules(rules.child('scaleDown'), behavior?.scaleDown),
  ];
}

function validateRules(path: FieldPath, rules: HPAScalingRules | undefined): FieldError[] {
  if (rules === undefined) return [];
  const { stabilizationWindowSeconds: window = 0, selectPolicy, policies = [] } = rules;
  const errors: FieldError[] = [];
  const at = path.child('stabilizationWindowSeconds');
  if (window < 0) errors.push(invalid(at, window, 'must be greater than or equal to zero'));
  if (window > WINDOW_SECONDS_MAX) {
    errors.push(invalid(at, window, `must be less than or equal to ${WINDOW_SECONDS_MAX}`));
  }
  if (selectPolicy !== undefined && !SELECT_POLICIES.includes(selectPolicy)) {
    errors.push(notSupported(path.child('selectPolicy'), selectPolicy, SELECT_POLICIES));
  }
  const list = path.child('policies');
  if (policies.length === 0) errors.push(required(list, 'must specify at least one Policy'));
  return [...errors, ...policies.flatMap((policy, i) => validatePolicy(list.index(i), policy))];
}

function validatePolicy(path: FieldPath, { type, value, periodSeconds }: HPAScalingPolicy): FieldError[] {
  const errors: FieldError[] = [];
  if (!POLICY_TYPES.includes(type)) errors.push(notSupported(path.child('type'), type, POLICY_TYPES));
  if (value <= 0) errors.push(invalid(path.child('value'), value, 'must be greater than zero'));
  const at = path.child('periodSeconds');
  if (periodSeconds <= 0) errors.push(invalid(at, periodSeconds, 'must be greater than zero'));
  if (periodSeconds > PERIOD_SECONDS_MAX) {
    errors.push(invalid(at, periodSeconds, `must be less than or equal to ${PERIOD_SECONDS_MAX}`));
  }
  return errors;
}
