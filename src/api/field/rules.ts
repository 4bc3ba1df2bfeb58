/** The two commonest shapes of a rule: a value with a problem, and a field that may not change. */

import { deepEqual } from '../meta/equal.ts';
import type { JsonValue } from '../schema/schema.ts';
import { invalid, type FieldError, type FieldPath } from './field-error.ts';

/** An error when there is a problem: `checked(path, name, dns1123LabelProblem(name))`. */
export function checked(
  path: FieldPath | string,
  value: JsonValue | undefined,
  problem: string | undefined,
): FieldError[] {
  return problem === undefined ? [] : [invalid(path, value, problem)];
}

export function immutable(path: FieldPath | string, next: unknown, old: unknown): FieldError[] {
  return deepEqual(next, old) ? [] : [invalid(path, next as JsonValue, 'field is immutable')];
}
