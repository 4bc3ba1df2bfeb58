/**
 * JSON merge patch (RFC 7386): objects merge, null removes, everything else replaces.
 * As upstream does, nulls are dropped from objects inside new lists too.
 */

import { packed } from '../meta/own-key.ts';
import type { Literals } from '../schema/json.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';
import { isList, isObject, malformed, patched, type Patched } from './patch.ts';

/** `literals`: integers of the patch that are written as if they were none; in the result they stand where they did. */
export function applyMergePatch(document: JsonValue, patch: JsonValue, literals?: Literals): Patched {
  const outcome = patched(() => {
    if (!isObject(patch)) throw malformed('Invalid JSON Patch');
    return merge(isObject(document) ? document : {}, patch);
  });
  return outcome.ok && literals !== undefined ? { ...outcome, literals } : outcome;
}

function merge(target: JsonObject, patch: JsonObject): JsonObject {
  let result: { [key: string]: JsonValue | undefined } | undefined;
  const change = (): { [key: string]: JsonValue | undefined } => (result ??= { ...target });
  for (const key of Object.keys(patch)) {
    const next = patch[key] ?? null;
    const current = Object.hasOwn(target, key) ? target[key] : undefined;
    if (next === null) {
      if (current !== undefined) delete change()[key];
      continue;
    }
    const merged = isObject(next) && isObject(current) ? merge(current, next) : withoutNulls(next);
    if (merged !== current) define(change(), key, merged);
  }
  return result === undefined ? target : packed(result);
}

/** What a value without a counterpart becomes: itself, minus the removals of things that never were. */
export function withoutNulls(value: JsonValue): JsonValue {
  if (isList(value)) {
    const items = value.map((item) => withoutNulls(item));
    return items.every((item, i) => item === value[i]) ? value : items;
  }
  if (!isObject(value)) return value;
  let isSame = true;
  const result: { [key: string]: JsonValue } = {};
  for (const [key, child] of Object.entries(value)) {
    const kept = child === undefined || child === null ? undefined : withoutNulls(child);
    isSame &&= kept === child;
    if (kept !== undefined) define(result, key, kept);
  }
  return isSame ? value : result;
}

function define(object: { [key: string]: JsonValue | undefined }, key: string, value: JsonValue): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  } else object[key] = value;
}
