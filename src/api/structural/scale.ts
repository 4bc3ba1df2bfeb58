/**
 * What the paths of the `scale` subresource lead to in a custom resource: replicas are whole numbers that fit
 * 32 bits, a selector is text. Judged whenever the object is written
 * (apiextensions-apiserver/pkg/registry/customresource/validator.go), and read for the subresource.
 */

import { invalid, type FieldError } from '../field/field-error.ts';
import type { ScalePaths } from '../meta/resource-definition.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';
import { isList, isObject } from './structural.ts';

const INT32_MAX = 2 ** 31 - 1;

export type Nested<T> =
  | { readonly ok: true; readonly value: T | undefined }
  | { readonly ok: false; readonly problem: string };

export function validateScaleSpec({ specReplicas }: ScalePaths, object: JsonObject): FieldError[] {
  return checkReplicas(specReplicas, object);
}

export function validateScaleStatus(
  { statusReplicas, selector }: ScalePaths,
  object: JsonObject,
): FieldError[] {
  const errors = checkReplicas(statusReplicas, object);
  if (selector === '') return errors;
  const found = nestedText(object, selector);
  return found.ok ? errors : [...errors, invalid(selector, '', found.problem)];
}

function checkReplicas(path: string, object: JsonObject): FieldError[] {
  const found = nestedInteger(object, path);
  if (!found.ok) return [invalid(path, 0, found.problem)];
  const { value = 0 } = found;
  if (value < 0) return [invalid(path, value, 'should be a non-negative integer')];
  if (value > INT32_MAX) return [invalid(path, value, `should be less than or equal to ${INT32_MAX}`)];
  return [];
}

export function nestedInteger(object: JsonObject, path: string): Nested<number> {
  const found = nested(object, stepsOf(path));
  if (!found.ok || found.value === undefined) return found as Nested<number>;
  if (typeof found.value === 'number' && Number.isInteger(found.value)) return found as Nested<number>;
  return { ok: false, problem: wrongType(stepsOf(path), found.value, 'int64') };
}

export function nestedText(object: JsonObject, path: string): Nested<string> {
  const found = nested(object, stepsOf(path));
  if (!found.ok || found.value === undefined || typeof found.value === 'string')
    return found as Nested<string>;
  return { ok: false, problem: wrongType(stepsOf(path), found.value, 'string') };
}

/** `.spec.replicas` */
export function stepsOf(path: string): readonly string[] {
  return path.replace(/^\./, '').split('.');
}

/** `value` undefined: not there, or something that would hold it is not. */
function nested(object: JsonObject, steps: readonly string[]): Nested<JsonValue> {
  let value: JsonValue | undefined = object;
  for (const [i, step] of steps.entries()) {
    if (value === null) return { ok: true, value: undefined };
    if (!isObject(value)) {
      return { ok: false, problem: wrongType(steps.slice(0, i + 1), value, 'map[string]interface{}') };
    }
    if (!Object.hasOwn(value, step) || value[step] === undefined) return { ok: true, value: undefined };
    value = value[step];
  }
  return { ok: true, value };
}

function wrongType(steps: readonly string[], value: JsonValue, wanted: string): string {
  return `.${steps.join('.')} accessor error: ${goText(value)} is of the type ${goTypeOf(value)}, expected ${wanted}`;
}

/** The type that Go decodes JSON to. */
export function goTypeOf(value: JsonValue): string {
  if (value === null) return '<nil>';
  if (isList(value)) return '[]interface {}';
  if (isObject(value)) return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

/** As Go prints a value with `%v`. */
function goText(value: JsonValue): string {
  if (value === null) return '<nil>';
  if (isList(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isObject(value)) return String(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, inner]) => `${key}:${goText(inner ?? null)}`).join(' ')}]`;
}
