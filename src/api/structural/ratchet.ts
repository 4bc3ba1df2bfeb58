/**
 * Ratcheting: an update is not refused for what was wrong before and did not change. What is new in an object
 * is judged; what stands as it stood is not (KEP-4008).
 */

import { deepEqual } from '../meta/equal.ts';
import type { FieldError } from '../field/field-error.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';
import { canonical, keysOf } from './list-types.ts';
import { isList, isObject, itemsOf, propertyOf, additionalOf, type JsonSchema } from './structural.ts';

/** The errors that are about something that changed. */
export function ratchet(
  schema: JsonSchema,
  object: JsonObject,
  old: JsonObject,
  errors: readonly FieldError[],
): FieldError[] {
  return errors.filter(({ path }) => path === '' || !stoodBefore(schema, object, old, stepsOf(path)));
}

/** `spec.ports[0].name` as its steps; a key with dots in it is found by what the object has. */
function stepsOf(path: string): readonly string[] {
  return path.split(/[.[\]]+/).filter((step) => step !== '');
}

/** Whether the value at the path, or one that holds it, is equal to the one it was made from. */
function stoodBefore(
  schema: JsonSchema,
  value: JsonValue | undefined,
  old: JsonValue | undefined,
  steps: readonly string[],
): boolean {
  let at: { schema: JsonSchema | undefined; value: JsonValue | undefined; old: JsonValue | undefined } = {
    schema,
    value,
    old,
  };
  for (let i = 0; i < steps.length; i++) {
    if (at.old === undefined) return false;
    if (at.value !== undefined && deepEqual(at.value, at.old)) return true;
    const next = descend(at.schema, at.value, at.old, steps.slice(i));
    if (next === undefined) return false;
    i += next.taken - 1;
    at = next;
  }
  if (at.old === undefined) return at.value === undefined && deepEqual(at.value, at.old);
  return deepEqual(at.value, at.old);
}

interface Descent {
  readonly schema: JsonSchema | undefined;
  readonly value: JsonValue | undefined;
  readonly old: JsonValue | undefined;
  readonly taken: number;
}

function descend(
  schema: JsonSchema | undefined,
  value: JsonValue | undefined,
  old: JsonValue,
  steps: readonly string[],
): Descent | undefined {
  const [step = ''] = steps;
  if (isList(value)) {
    const item = value[Number(step)];
    const items = schema === undefined ? undefined : itemsOf(schema);
    return { schema: items, value: item, old: correlated(schema, old, item), taken: 1 };
  }
  if (!isObject(value) || !isObject(old)) return undefined;
  // A key may have dots of its own: the longest one that is there is meant.
  for (let taken = steps.length; taken >= 1; taken--) {
    const key = steps.slice(0, taken).join('.');
    if (taken > 1 && value[key] === undefined && old[key] === undefined) continue;
    const property = schema === undefined ? undefined : propertyOf(schema, key);
    const additional = schema === undefined ? undefined : additionalOf(schema);
    const below = property ?? (additional === true ? undefined : additional);
    return { schema: below, value: value[key], old: old[key], taken };
  }
  return undefined;
}

/** The item of the old list that this one was made from: only lists with keys can tell. */
function correlated(
  schema: JsonSchema | undefined,
  old: JsonValue,
  item: JsonValue | undefined,
): JsonValue | undefined {
  if (schema?.['x-kubernetes-list-type'] !== 'map' || !isList(old) || item === undefined) return undefined;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const wanted = canonical(keysOf(keys, item));
  return old.find((candidate) => canonical(keysOf(keys, candidate)) === wanted);
}
