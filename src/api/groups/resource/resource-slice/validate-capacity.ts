/** Rules for how much of a device there is, and in which amounts it is given out. */

import {
  duplicate,
  forbidden,
  invalid,
  required,
  tooMany,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { compareQuantities, quantityOf } from '../../../quantity/quantity.ts';
import type {
  CapacityRequestPolicy,
  CapacityRequestPolicyRange,
  DeviceCapacity,
} from '../../../types.gen.ts';

const VALUES_MAX = 10;

export function validateCapacity(path: FieldPath, capacity: DeviceCapacity, isShared: boolean): FieldError[] {
  const { requestPolicy: policy, value } = capacity;
  if (policy === undefined) return [];
  const at = path.child('requestPolicy');
  if (!isShared) return [forbidden(at, 'allowMultipleAllocations must be true')];
  const { validValues = [], validRange, default: usual } = policy;
  if (validValues.length > 0 && validRange !== undefined) {
    const detail =
      'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time';
    return [forbidden(at, detail)];
  }
  if (validValues.length > 0) {
    if (usual === undefined) return [required(at.child('default'), 'required when validValues is defined')];
    return validateValues(at.child('validValues'), usual, value, policy);
  }
  if (validRange === undefined) return [];
  if (usual === undefined) return [required(at.child('default'), 'required when validRange is defined')];
  return validateRange(at.child('validRange'), usual, value, validRange);
}

function isMore(a: string, b: string): boolean {
  return compareQuantities(quantityOf(a), quantityOf(b)) > 0;
}

function validateValues(
  path: FieldPath,
  usual: string,
  capacity: string,
  { validValues = [] }: CapacityRequestPolicy,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, value] of validValues.entries()) {
    const before = validValues[i - 1];
    if (before === undefined || !isMore(before, value)) continue;
    errors.push(invalid(path.index(i), value, 'values must be sorted in ascending order'));
  }
  const nanos = validValues.map((value) => quantityOf(value).nanos);
  if (validValues.length > VALUES_MAX) {
    errors.push(tooMany(path, validValues.length, VALUES_MAX));
  } else {
    for (const [i, value] of validValues.entries()) {
      if (!isMore(value, capacity)) continue;
      errors.push(invalid(path.index(i), value, `option is larger than capacity value: ${capacity}`));
    }
    for (const [i, value] of validValues.entries()) {
      if (nanos.indexOf(quantityOf(value).nanos) < i) errors.push(duplicate(path.index(i), value));
    }
  }
  if (nanos.includes(quantityOf(usual).nanos)) return errors;
  return [...errors, invalid(path, usual, 'default value is not valid according to the requestPolicy')];
}

function validateRange(
  path: FieldPath,
  usual: string,
  capacity: string,
  range: CapacityRequestPolicyRange,
): FieldError[] {
  const { min, max, step }: Partial<CapacityRequestPolicyRange> = range;
  if (min === undefined) return [required(path.child('min'), 'required when validRange is defined')];
  const errors: FieldError[] = [];
  const refuse = (name: string, value: string, detail: string): void => {
    errors.push(invalid(path.child(name), value, detail));
  };
  if (isMore(min, capacity)) refuse('min', min, `min is larger than capacity value: ${capacity}`);
  if (isMore(min, usual)) refuse('default', usual, `default is less than min: ${min}`);
  if (max !== undefined) {
    if (isMore(min, max)) refuse('max', min, `min is larger than max: ${max}`);
    if (isMore(max, capacity)) refuse('max', max, `max is larger than capacity value: ${capacity}`);
    if (isMore(usual, max)) refuse('default', usual, `default is more than max: ${max}`);
  }
  if (step === undefined) return errors;
  return [...errors, ...validateStep(path.child('step'), step, min, capacity, [usual, max])];
}

function validateStep(
  path: FieldPath,
  step: string,
  min: string,
  capacity: string,
  values: readonly (string | undefined)[],
): FieldError[] {
  const { nanos } = quantityOf(step);
  const from = quantityOf(min).nanos;
  if (nanos <= 0n) return [invalid(path, step, 'must be greater than zero')];
  const errors: FieldError[] = [];
  if (from + nanos > quantityOf(capacity).nanos) {
    errors.push(invalid(path, step, `one step ${step} is larger than capacity value: ${capacity}`));
  }
  for (const value of values) {
    if (value === undefined || (quantityOf(value).nanos - from) % nanos === 0n) continue;
    const detail = `value is not a multiple of a given step (${step}) from (${min})`;
    errors.push(invalid(path, value, detail));
  }
  return errors;
}
