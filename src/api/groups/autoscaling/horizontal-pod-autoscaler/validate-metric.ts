/** Rules for the metrics of a HorizontalPodAutoscaler: one source each, and a target that fits it. */

import {
  forbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { dns1123LabelProblem, pathSegmentProblem } from '../../../names/names.ts';
import { quantityOf } from '../../../quantity/quantity.ts';
import type {
  ContainerResourceMetricSource,
  ExternalMetricSource,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
  ObjectMetricSource,
  PodsMetricSource,
  ResourceMetricSource,
} from '../../../types.gen.ts';
import { validateContainerResourceName } from '../../core/resource-names.ts';
import { validateReference } from './validate-reference.ts';

type SourceField = 'object' | 'external' | 'pods' | 'resource' | 'containerResource';

/** In the order in which upstream looks at them. */
const FIELDS: { readonly [type: string]: SourceField } = {
  Object: 'object',
  External: 'external',
  Pods: 'pods',
  Resource: 'resource',
  ContainerResource: 'containerResource',
};
const TYPES = Object.keys(FIELDS);
const TARGET_TYPES: readonly string[] = ['Utilization', 'Value', 'AverageValue'];

export function validateMetric(path: FieldPath, metric: MetricSpec): FieldError[] {
  const given = Object.values(FIELDS).filter((field) => metric[field] !== undefined);
  const [first] = given;
  const errors = first === undefined ? [] : validateSource(path, metric, first);
  const expected = FIELDS[metric.type];
  if (expected === undefined) {
    if (metric.type !== '') errors.push(notSupported(path.child('type'), metric.type, TYPES));
  } else if (metric[expected] === undefined) {
    const detail = 'must populate information for the given metric source';
    errors.push(required(path.child(expected), detail));
  }
  if (given.length === 1) return errors;
  const others = given.filter((field) => field !== expected);
  const detail = 'must populate the given metric source only';
  return [...errors, ...others.map((field) => forbidden(path.child(field), detail))];
}

function validateSource(path: FieldPath, metric: MetricSpec, field: SourceField): FieldError[] {
  const { object, external, pods, resource, containerResource } = metric;
  const at = path.child(field);
  if (object !== undefined) return validateObject(at, object);
  if (external !== undefined) return validateExternal(at, external);
  if (pods !== undefined) return validatePods(at, pods);
  if (resource !== undefined) return validateResource(at, resource);
  return containerResource === undefined ? [] : validateContainerResource(at, containerResource);
}

function validateObject(
  path: FieldPath,
  { describedObject, metric, target }: ObjectMetricSource,
): FieldError[] {
  const errors = [
    ...validateReference(path.child('describedObject'), describedObject),
    ...validateIdentifier(path.child('metric'), metric),
    ...validateTarget(path.child('target'), target),
  ];
  if (target.value !== undefined || target.averageValue !== undefined) return errors;
  const detail = 'must set either a target value or averageValue';
  return [...errors, required(path.child('target', 'averageValue'), detail)];
}

function validateExternal(path: FieldPath, { metric, target }: ExternalMetricSource): FieldError[] {
  const errors = [
    ...validateIdentifier(path.child('metric'), metric),
    ...validateTarget(path.child('target'), target),
  ];
  const { value, averageValue } = target;
  if (value === undefined && averageValue === undefined) {
    const detail = 'must set either a target value for metric or a per-pod target';
    errors.push(required(path.child('target', 'averageValue'), detail));
  }
  if (value !== undefined && averageValue !== undefined) {
    const detail = 'may not set both a target value for metric and a per-pod target';
    errors.push(forbidden(path.child('target', 'value'), detail));
  }
  return errors;
}

function validatePods(path: FieldPath, { metric, target }: PodsMetricSource): FieldError[] {
  const errors = [
    ...validateIdentifier(path.child('metric'), metric),
    ...validateTarget(path.child('target'), target),
  ];
  if (target.averageValue !== undefined) return errors;
  const detail = 'must specify a positive target averageValue';
  return [...errors, required(path.child('target', 'averageValue'), detail)];
}

function validateContainerResource(path: FieldPath, source: ContainerResourceMetricSource): FieldError[] {
  const { name, container } = source;
  const problem = container === '' ? undefined : dns1123LabelProblem(container);
  return [
    ...(name === '' ? [] : validateContainerResourceName(path.child('name'), name)),
    ...(problem === undefined ? [] : [invalid(path.child('container'), container, problem)]),
    ...validateResource(path, source),
  ];
}

function validateResource(path: FieldPath, { target }: ResourceMetricSource): FieldError[] {
  const errors = validateTarget(path.child('target'), target);
  const { averageUtilization, averageValue } = target;
  if (averageUtilization === undefined && averageValue === undefined) {
    const detail = 'must set either a target raw value or a target utilization';
    errors.push(required(path.child('target', 'averageUtilization'), detail));
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    const detail = 'may not set both a target raw value and a target utilization';
    errors.push(forbidden(path.child('target', 'averageValue'), detail));
  }
  return errors;
}

function validateTarget(path: FieldPath, target: MetricTarget): FieldError[] {
  const { type, averageUtilization } = target;
  const errors: FieldError[] = [];
  if (type !== '' && !TARGET_TYPES.includes(type)) {
    errors.push(invalid(path.child('type'), type, 'must be either Utilization, Value, or AverageValue'));
  }
  for (const field of ['value', 'averageValue'] as const) {
    const text = target[field];
    if (text === undefined || quantityOf(text).nanos > 0n) continue;
    errors.push(invalid(path.child(field), text, 'must be positive'));
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    errors.push(invalid(path.child('averageUtilization'), averageUtilization, 'must be greater than 0'));
  }
  return errors;
}

function validateIdentifier(path: FieldPath, { name }: MetricIdentifier): FieldError[] {
  const problem = name === '' ? undefined : pathSegmentProblem(name);
  return problem === undefined ? [] : [invalid(path.child('name'), name, problem)];
}
