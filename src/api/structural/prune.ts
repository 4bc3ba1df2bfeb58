/**
 * Pruning: what the schema does not name goes.
 *
 * Input: a value, not changed. Output: the value without unknown fields, sharing what did not change, and
 * their paths. Resource fields (`apiVersion`, `kind`, `metadata`) stay at the root and in embedded resources;
 * `x-kubernetes-preserve-unknown-fields` keeps unknown fields, while known ones below it are pruned again.
 */

import { setKey } from '../meta/own-key.ts';
import { STRICT_ERRORS_MAX } from '../schema/json.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';
import {
  additionalOf,
  ANYTHING,
  isEmbedded,
  isList,
  isObject,
  itemsOf,
  preservesUnknown,
  propertyOf,
  RESOURCE_FIELDS,
  type JsonSchema,
} from './structural.ts';

export interface Pruned {
  readonly value: JsonObject;
  readonly unknownFields: readonly string[];
}

export function prune(schema: JsonSchema, object: JsonObject): Pruned {
  const unknownFields: string[] = [];
  const value = pruneObject(schema, object, '', true, unknownFields);
  return { value, unknownFields: unknownFields.toSorted() };
}

/** As `prune`, for a value somewhere in a resource; the same value when it has no unknown fields. */
export function pruneValue(schema: JsonSchema, value: JsonValue): JsonValue {
  return pruneAt(schema, value, '', []);
}

function pruneAt(schema: JsonSchema, value: JsonValue, path: string, unknown: string[]): JsonValue {
  if (isObject(value)) return pruneObject(schema, value, path, isEmbedded(schema), unknown);
  if (!isList(value)) return value;
  // Below a list that keeps everything, its items do so too.
  const items = itemsOf(schema) ?? (preservesUnknown(schema) ? ANYTHING : undefined);
  let copy: JsonValue[] | undefined;
  for (const [i, item] of value.entries()) {
    const pruned = pruneAt(items ?? {}, item, `${path}[${i}]`, unknown);
    if (pruned !== item) (copy ??= [...value])[i] = pruned;
  }
  return copy ?? value;
}

function pruneObject(
  schema: JsonSchema,
  object: JsonObject,
  path: string,
  isResource: boolean,
  unknown: string[],
): JsonObject {
  const kept: { [key: string]: JsonValue } = {};
  let isSame = true;
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (value === undefined) continue;
    if (isResource && RESOURCE_FIELDS.has(key)) {
      setKey(kept, key, value);
      continue;
    }
    const below = schemaOfKey(schema, key);
    const at = path === '' ? key : `${path}.${key}`;
    if (below === undefined) {
      isSame = false;
      if (unknown.length < STRICT_ERRORS_MAX) unknown.push(at);
      continue;
    }
    const pruned = below === ANYTHING ? value : pruneAt(below, value, at, unknown);
    isSame &&= pruned === value;
    setKey(kept, key, pruned);
  }
  return isSame ? object : kept;
}

function schemaOfKey(schema: JsonSchema, key: string): JsonSchema | undefined {
  const property = propertyOf(schema, key);
  if (property !== undefined) return property;
  const additional = additionalOf(schema);
  if (additional !== undefined) return additional === true ? ANYTHING : additional;
  return preservesUnknown(schema) ? ANYTHING : undefined;
}
