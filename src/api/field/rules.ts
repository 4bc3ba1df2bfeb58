/** Rules that many kinds have for single fields, worded as upstream words them. */

import { deepEqual } from '../meta/equal.ts';
import type { JsonValue } from '../schema/schema.ts';
import { invalid, type FieldError, type FieldPath } from './field-error.ts';

export const NON_NEGATIVE = 'must be greater than or equal to 0';

export function nonNegative(path: FieldPath, value: number | undefined): FieldError[] {
  if (value === undefined || value >= 0) return [];
  return [invalid(path, value, NON_NEGATIVE)];
}

/** Objects are shown as JSON. */
export function asJson(value: unknown): JsonValue {
  return (value ?? null) as JsonValue;
}

/** For counters that only grow; a missing one counts as smaller than any. */
export function notDecremented(
  path: FieldPath,
  next: number | undefined,
  old: number | undefined,
): FieldError[] {
  if (old === undefined || (next !== undefined && next >= old)) return [];
  return [invalid(path, next ?? 0, 'cannot be decremented')];
}

/** One line for each field that differs, for people: `  spec.nodeName: "a" -> "b"`. */
export function differences(path: string, next: object, old: object): readonly string[] {
  const fields = (object: object): { readonly [name: string]: unknown } =>
    object as { [name: string]: unknown };
  const [a, b] = [fields(old), fields(next)];
  const isEmpty = (value: unknown): boolean =>
    value === undefined || (Array.isArray(value) && value.length === 0);
  const text = (value: unknown): string => JSON.stringify(value) ?? 'none';
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((name) => !deepEqual(a[name], b[name]) && !(isEmpty(a[name]) && isEmpty(b[name])))
    .map((name) => `  ${path}.${name}: ${text(a[name])} -> ${text(b[name])}`);
}

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
