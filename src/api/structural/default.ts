/**
 * Defaults of a custom resource.
 *
 * Input: a pruned object. Output: the object with the defaults of its schema, shared where nothing was
 * missing. A null where null is not allowed counts as missing: it goes, or gives way to the default.
 */

import { setKey } from '../meta/own-key.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';
import {
  additionalOf,
  isList,
  isObject,
  itemsOf,
  propertyOf,
  RESOURCE_FIELDS,
  type JsonSchema,
} from './structural.ts';

export function applyStructuralDefaults<T extends JsonObject>(schema: JsonSchema, object: T): T {
  return defaultObject(schema, object, true) as T;
}

function isMissing(value: JsonValue | undefined, { nullable }: JsonSchema): boolean {
  return value === undefined || (value === null && nullable !== true);
}

function defaultValue(schema: JsonSchema, value: JsonValue): JsonValue {
  if (isObject(value)) return defaultObject(schema, value, false);
  if (!isList(value)) return value;
  const items = itemsOf(schema);
  if (items === undefined) return value;
  let copy: JsonValue[] | undefined;
  for (const [i, item] of value.entries()) {
    const filled = defaultValue(items, isMissing(item, items) ? (items.default ?? null) : item);
    if (filled !== item) (copy ??= [...value])[i] = filled;
  }
  return copy ?? value;
}

function defaultObject(schema: JsonSchema, object: JsonObject, isRoot: boolean): JsonObject {
  let copy: { [key: string]: JsonValue } | undefined;
  const open = (): { [key: string]: JsonValue } => (copy ??= { ...object } as { [key: string]: JsonValue });
  const additional = additionalOf(schema);
  for (const key of Object.keys(object)) {
    if (isRoot && RESOURCE_FIELDS.has(key)) continue;
    const value = object[key];
    const property = propertyOf(schema, key);
    const below = property ?? (additional === true ? undefined : additional);
    if (value === undefined || below === undefined) continue;
    if (isMissing(value, below) && below.default === undefined) {
      delete open()[key];
      continue;
    }
    const filled = defaultValue(below, isMissing(value, below) ? (below.default ?? null) : value);
    if (filled !== value) setKey(open(), key, filled);
  }
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (property.default === undefined || object[key] !== undefined) continue;
    if (!(isRoot && RESOURCE_FIELDS.has(key))) setKey(open(), key, defaultValue(property, property.default));
  }
  return copy ?? object;
}
