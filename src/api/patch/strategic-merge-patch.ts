/**
 * Strategic merge patch: a merge patch that knows the schema, so that lists merge by key instead of being
 * replaced.
 *
 * Input: an object, a patch, the message schema of the object. Output: the merged object (not yet decoded:
 * the caller prunes and normalises), or 400 for a malformed patch. Behaviour of
 * `apimachinery/pkg/util/strategicpatch`, except that a patch item without its merge key is the client's
 * mistake (400), not the server's (500).
 *
 * Directives, at any depth:
 * - `$patch: replace | delete` in an object or a list item; `$patch: merge` is the default and refused in
 *   lists;
 * - `$retainKeys: [...]`: keys of the object that are not listed go;
 * - `$setElementOrder/<list>: [...]`: the order of the merged list;
 * - `$deleteFromPrimitiveList/<list>: [...]`: scalars to take out of a list.
 */

import { ownValue, packed, setKey } from '../meta/own-key.ts';
import { deepEqual } from '../meta/equal.ts';
import { goText } from '../schema/go-text.ts';
import type { Field, JsonObject, JsonValue, MessageSchema } from '../schema/schema.ts';
import { mergeOrder } from './element-order.ts';
import { withoutNulls } from './merge-patch.ts';
import { isList, isObject, malformed, patched, type Patched } from './patch.ts';

const PATCH = '$patch';
const RETAIN_KEYS = '$retainKeys';
const SET_ORDER = '$setElementOrder/';
const DELETE_FROM = '$deleteFromPrimitiveList/';

const BAD_PRIMITIVE_LIST = 'invalid patch format of primitive list';
const BAD_RETAIN_KEYS = 'invalid patch format of retainKeys';
const BAD_ORDER = 'invalid patch format of setElementOrder list';

type MutableObject = { [key: string]: JsonValue | undefined };

export function applyStrategicMergePatch(
  document: JsonObject,
  patch: JsonValue,
  message: MessageSchema,
): Patched<JsonObject> {
  return patched(() => {
    if (!isObject(patch)) throw malformed('invalid JSON document');
    return mergeObjects(document, patch, message);
  });
}

/** `message` is undefined inside maps and raw values, where nothing is known and lists are replaced. */
function mergeObjects(
  original: JsonObject,
  patch: JsonObject,
  message: MessageSchema | undefined,
): JsonObject {
  const directive = patch[PATCH];
  if (directive !== undefined) return replaceByDirective(directive, patch);
  const result: MutableObject = { ...original };
  retainKeys(result, patch);
  const done = new Set<string>();
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(SET_ORDER)) mergeOrdered(result, patch, key, value ?? null, message, done);
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(DELETE_FROM)) deleteFromList(result, key, value ?? null);
  }
  for (const [key, value] of Object.entries(patch)) {
    if (isDirective(key) || done.has(key)) continue;
    const merged = mergeValue(ownValue(result, key), value ?? null, message, key);
    if (merged === undefined) delete result[key];
    else setKey(result, key, merged);
  }
  return isSameObject(original, result) ? original : packed(result);
}

function isSameObject(a: JsonObject, b: JsonObject): boolean {
  const keys = Object.keys(b);
  return keys.length === Object.keys(a).length && keys.every((key) => a[key] === b[key]);
}

function isDirective(key: string): boolean {
  return key === RETAIN_KEYS || key === PATCH || key.startsWith(SET_ORDER) || key.startsWith(DELETE_FROM);
}

function replaceByDirective(directive: JsonValue, patch: JsonObject): JsonObject {
  const { [PATCH]: _, ...rest } = patch;
  if (directive === 'replace') return rest as JsonObject;
  if (directive === 'delete') return {};
  throw malformed(`unknown patch type: ${text(directive)} in map: ${text(patch)}`);
}

function retainKeys(result: MutableObject, patch: JsonObject): void {
  const listed = patch[RETAIN_KEYS];
  if (listed === undefined) return;
  if (!isList(listed)) throw malformed(BAD_RETAIN_KEYS);
  const kept = new Set(listed);
  for (const [key, value] of Object.entries(patch)) {
    if (value !== null && !isDirective(key) && !kept.has(key)) throw malformed(BAD_RETAIN_KEYS);
  }
  for (const key of Object.keys(result)) if (!kept.has(key)) delete result[key];
}

function deleteFromList(result: MutableObject, key: string, doomed: JsonValue): void {
  const current = result[key.slice(DELETE_FROM.length)];
  if (!isList(doomed)) throw malformed(BAD_PRIMITIVE_LIST);
  if (isList(current))
    result[key.slice(DELETE_FROM.length)] = current.filter((item) => !doomed.includes(item));
}

/** The value that a key has after the merge; `undefined` when it goes. */
function mergeValue(
  current: JsonValue | undefined,
  next: JsonValue,
  message: MessageSchema | undefined,
  key: string,
): JsonValue | undefined {
  if (next === null) return undefined;
  const field = message?.byName.get(key);
  if (isObject(next) && isObject(current)) {
    return isReplaced(field) ? next : mergeObjects(current, next, messageOf(field));
  }
  if (isList(next) && isList(current)) {
    return field?.patch?.merge === true ? mergeLists(current, next, field) : next;
  }
  if (isList(next) || isObject(next)) return withoutDirectives(withoutNulls(next));
  return next;
}

function isReplaced(field: Field | undefined): boolean {
  return field?.patch !== undefined && !field.patch.merge && !field.patch.retainKeys;
}

function messageOf(field: Field | undefined): MessageSchema | undefined {
  if (field === undefined) return undefined;
  const type = field.type.form === 'list' ? field.type.items : field.type;
  return type.form === 'message' ? type.message : undefined;
}

/** A new value keeps none of the directives in it; what is marked with `$patch` goes. */
function withoutDirectives(value: JsonValue): JsonValue | undefined {
  if (isList(value)) return value.map((item) => withoutDirectives(item)).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (value[PATCH] !== undefined) return undefined;
  const result: MutableObject = {};
  for (const [key, child] of Object.entries(value)) {
    const kept = isDirective(key) || child === undefined ? undefined : withoutDirectives(child);
    if (kept !== undefined) setKey(result, key, kept);
  }
  return result;
}

function mergeOrdered(
  result: MutableObject,
  patch: JsonObject,
  directive: string,
  order: JsonValue,
  message: MessageSchema | undefined,
  done: Set<string>,
): void {
  const key = directive.slice(SET_ORDER.length);
  const field = message?.byName.get(key);
  if (!isList(order)) throw malformed(BAD_ORDER);
  if (field === undefined) {
    throw malformed(
      `unable to find api field in struct ${message?.shortName ?? 'Map'} for the json field "${key}"`,
    );
  }
  const current = result[key] ?? undefined;
  const next = patch[key] ?? undefined;
  done.add(key);
  if (next === undefined && patch[key] === null) {
    delete result[key];
    return;
  }
  if (next !== undefined && !isList(next)) throw malformed(`expected a list, but received ${text(next)}`);
  const mergeKey = field.patch?.mergeKey;
  checkOrder(next ?? [], order, mergeKey);
  const list = isList(current) ? current : undefined;
  let merged: readonly JsonValue[];
  if (list === undefined) {
    if (next === undefined) return;
    merged = withoutDirectives(withoutNulls(next)) as readonly JsonValue[];
  } else if (next === undefined) merged = list;
  else merged = field.patch?.merge === true ? mergeLists(list, next, field) : next;
  const ordered = mergeOrder(merged, order, list ?? [], mergeKey);
  result[key] =
    list !== undefined && ordered.every((item, i) => item === list[i]) && ordered.length === list.length
      ? list
      : ordered;
}

/** The patch's items have to be in the order list, in its order. */
function checkOrder(
  items: readonly JsonValue[],
  order: readonly JsonValue[],
  mergeKey: string | undefined,
): void {
  if (items.length === 0 || order.length === 0) return;
  const kept = items.filter((item) => !(isObject(item) && item[PATCH] !== undefined));
  let at = 0;
  for (const wanted of order) {
    const item = kept[at];
    if (item !== undefined && deepEqual(keyOf(item, mergeKey), keyOf(wanted, mergeKey))) at++;
  }
  if (at < kept.length) {
    throw malformed(
      `The order in patch list:\n${text(items)}\n doesn't match $setElementOrder list:\n${text(order)}\n`,
    );
  }
}

function keyOf(item: JsonValue, mergeKey: string | undefined): JsonValue {
  if (mergeKey === undefined) return item;
  const key = isObject(item) ? item[mergeKey] : undefined;
  if (key === undefined)
    throw malformed(`map: ${text(item)} does not contain declared merge key: ${mergeKey}`);
  return key;
}

function mergeLists(
  current: readonly JsonValue[],
  next: readonly JsonValue[],
  field: Field,
): readonly JsonValue[] {
  const mergeKey = field.patch?.mergeKey;
  if (mergeKey === undefined) {
    if ([...current, ...next].some(isObject))
      throw malformed(`cannot merge lists without merge key for ${field.name}`);
    return mergeOrder([...new Set([...current, ...next])], next, current, undefined);
  }
  const { kept, items, isReplaced: isAll } = applyItemDirectives(current, next, mergeKey);
  if (isAll) return items.map((item) => withoutDirectives(item) ?? null);
  const merged = [...kept];
  for (const item of items) {
    const key = keyOf(item, mergeKey);
    const at = merged.findIndex((other) => isObject(other) && other[mergeKey] === key);
    const found = merged[at];
    if (isObject(found) && isObject(item)) merged[at] = mergeObjects(found, item, messageOf(field));
    else merged.push(withoutDirectives(withoutNulls(item)) ?? null);
  }
  return mergeOrder(merged, items, kept, mergeKey);
}

/** Takes out what `$patch: delete` names, and the items that only carry directives. */
function applyItemDirectives(
  current: readonly JsonValue[],
  next: readonly JsonValue[],
  mergeKey: string,
): { kept: readonly JsonValue[]; items: readonly JsonValue[]; isReplaced: boolean } {
  let kept = current;
  let isAll = false;
  const items: JsonValue[] = [];
  for (const item of next) {
    if (!isObject(item)) throw malformed(`expected a map, but received ${text(item)}`);
    const directive = item[PATCH];
    if (directive === undefined) items.push(item);
    else if (directive === 'replace') isAll = true;
    else if (directive === 'delete') {
      const key = keyOf(item, mergeKey);
      kept = kept.filter((other) => !(isObject(other) && other[mergeKey] === key));
    } else if (directive === 'merge') throw malformed('merging lists cannot yet be specified in the patch');
    else throw malformed(`unknown patch type: ${text(directive)} in map: ${text(item)}`);
  }
  return { kept, items, isReplaced: isAll };
}

function text(value: JsonValue): string {
  return goText(value).slice(0, 512);
}
