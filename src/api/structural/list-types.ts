/** What `x-kubernetes-list-type` promises: items of sets and of lists with keys are there once. */

import { deepEqual } from '../meta/equal.ts';
import * as error from '../field/field-error.ts';
import type { FieldError } from '../field/field-error.ts';
import type { JsonValue } from '../schema/schema.ts';
import { additionalOf, isList, isObject, itemsOf, propertyOf, type JsonSchema } from './structural.ts';

export function validateListTypes(schema: JsonSchema, value: JsonValue, path: string): FieldError[] {
  const errors: FieldError[] = [];
  walk(schema, value, path, errors);
  return errors;
}

function walk(schema: JsonSchema, value: JsonValue, path: string, errors: FieldError[]): void {
  if (isList(value)) {
    const items = itemsOf(schema);
    checkDuplicates(schema, value, path, errors);
    if (items !== undefined)
      for (const [i, item] of value.entries()) walk(items, item, `${path}[${i}]`, errors);
    return;
  }
  if (!isObject(value)) return;
  const additional = additionalOf(schema);
  for (const key of Object.keys(value)) {
    const property = propertyOf(schema, key);
    const below = property ?? (additional === true ? undefined : additional);
    if (below === undefined) continue;
    const at = path === '' ? key : property === undefined ? `${path}[${key}]` : `${path}.${key}`;
    walk(below, value[key] ?? null, at, errors);
  }
}

function checkDuplicates(
  schema: JsonSchema,
  list: readonly JsonValue[],
  path: string,
  errors: FieldError[],
): void {
  const listType = schema['x-kubernetes-list-type'];
  if (listType !== 'set' && listType !== 'map') return;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const seen = new Map<string, JsonValue>();
  for (const [i, item] of list.entries()) {
    const identity = listType === 'set' ? item : keysOf(keys, item);
    const text = canonical(identity);
    const earlier = seen.get(text);
    if (earlier !== undefined && deepEqual(earlier, identity))
      errors.push(error.duplicate(`${path}[${i}]`, identity));
    else seen.set(text, identity);
  }
}

/** The values of an item's keys; what an item leaves out has no part in its identity. */
export function keysOf(keys: readonly string[], item: JsonValue): JsonValue {
  if (!isObject(item)) return item;
  const chosen: { [key: string]: JsonValue } = {};
  for (const key of keys) {
    const value = item[key];
    if (value !== undefined) chosen[key] = value;
  }
  return chosen;
}

/** Equal values, equal texts. */
export function canonical(value: JsonValue): string {
  if (isList(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const parts = Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`);
  return `{${parts.join()}}`;
}
