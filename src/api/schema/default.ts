/**
 * Static defaults: `default=` of the notation, everywhere in an object, inside lists and maps too.
 *
 * Input: a decoded object. Output: the object with its defaults, in the same key order; the very same
 * object when nothing was missing, and shared subtrees where nothing changed. Defaults that depend on other
 * fields stand with the kinds.
 *
 * A default fills a field that is absent; for one that is no pointer, zero is absent.
 */

import { unreachable } from '../../base/assert.ts';
import type { Field, FieldType, JsonObject, JsonValue, MessageSchema } from './schema.ts';

export function applyDefaults<T extends object>(message: MessageSchema, object: T): T {
  const fill = filler(message);
  return fill === undefined ? object : (fill(object as unknown as JsonObject) as unknown as T);
}

type Filler<T extends JsonValue = JsonValue> = (value: T) => T;

interface FieldFiller {
  readonly name: string;
  readonly default: JsonValue | undefined;
  readonly pointer: boolean;
  readonly fill: Filler | undefined;
}

const fillers = new WeakMap<MessageSchema, Filler<JsonObject> | 'nothing'>();
const needs = new WeakMap<MessageSchema, boolean>();

function filler(message: MessageSchema): Filler<JsonObject> | undefined {
  const known = fillers.get(message);
  if (known !== undefined) return known === 'nothing' ? undefined : known;
  const made = hasDefaults(message, new Set()) ? messageFiller(message) : undefined;
  fillers.set(message, made ?? 'nothing');
  return made;
}

/** Whether the message or anything below it has a default. */
function hasDefaults(message: MessageSchema, open: Set<MessageSchema>): boolean {
  const known = needs.get(message);
  if (known !== undefined) return known;
  if (open.has(message)) return false;
  open.add(message);
  let found = false;
  for (const field of message.byName.values()) {
    const below = messageBehind(field.type);
    found ||= defaultOf(field) !== undefined || (below !== undefined && hasDefaults(below, open));
  }
  open.delete(message);
  // A "no" that rests on a message still open is not final.
  if (found || open.size === 0) needs.set(message, found);
  return found;
}

function messageBehind(type: FieldType): MessageSchema | undefined {
  switch (type.form) {
    case 'message':
      return type.message;
    case 'list':
      return messageBehind(type.items);
    case 'map':
      return messageBehind(type.values);
    case 'scalar':
      return undefined;
    default:
      return unreachable(type);
  }
}

/** A zero default of a field that is no pointer says nothing: zero is dropped anyway. */
function defaultOf(field: Field): JsonValue | undefined {
  return field.pointer || !isZero(field.default) ? field.default : undefined;
}

function isZero(value: JsonValue | undefined): boolean {
  if (typeof value !== 'object' || value === null) {
    return value === undefined || value === null || value === '' || value === 0 || value === false;
  }
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}

function messageFiller(message: MessageSchema): Filler<JsonObject> {
  let compiled: readonly FieldFiller[] | undefined;
  return (object) => {
    compiled ??= compileFields(message);
    let changed: Map<string, JsonValue> | undefined;
    for (const { name, default: fallback, pointer, fill } of compiled) {
      const value = object[name];
      const isAbsent = value === undefined || (!pointer && fallback !== undefined && isZero(value));
      const base = isAbsent ? fallback : value;
      if (base === undefined) continue;
      const next = fill === undefined ? base : fill(base);
      if (next !== value) (changed ??= new Map<string, JsonValue>()).set(name, next);
    }
    return changed === undefined ? object : withChanges(message, object, changed);
  };
}

function compileFields(message: MessageSchema): readonly FieldFiller[] {
  const compiled: FieldFiller[] = [];
  for (const field of message.byName.values()) {
    const fallback = defaultOf(field);
    const fill = typeFiller(field.type);
    if (fallback !== undefined || fill !== undefined) {
      compiled.push({ name: field.name, default: fallback, pointer: field.pointer, fill });
    }
  }
  return compiled;
}

function typeFiller(type: FieldType): Filler | undefined {
  switch (type.form) {
    case 'scalar':
      return undefined;
    case 'message': {
      if (type.message.wraps !== undefined) return typeFiller(type.message.wraps);
      const fill = filler(type.message);
      return fill === undefined ? undefined : (value) => (isObject(value) ? fill(value) : value);
    }
    case 'list': {
      const fill = typeFiller(type.items);
      return fill === undefined ? undefined : (value) => fillList(value as readonly JsonValue[], fill);
    }
    case 'map': {
      const fill = typeFiller(type.values);
      return fill === undefined ? undefined : (value) => fillMap(value as JsonObject, fill);
    }
    default:
      return unreachable(type);
  }
}

function fillList(list: readonly JsonValue[], fill: Filler): readonly JsonValue[] {
  let copy: JsonValue[] | undefined;
  for (const [i, item] of list.entries()) {
    const next = fill(item);
    if (next !== item) (copy ??= [...list])[i] = next;
  }
  return copy ?? list;
}

function fillMap(map: JsonObject, fill: Filler): JsonObject {
  let copy: { [key: string]: JsonValue | undefined } | undefined;
  for (const [key, value] of Object.entries(map)) {
    const next = value === undefined ? undefined : fill(value);
    if (next !== value) (copy ??= { ...map })[key] = next;
  }
  return copy ?? map;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Keys keep the schema's order, new ones take their place in it; what the schema does not name comes last.
 */
export function withChanges(
  message: MessageSchema,
  object: JsonObject,
  changed: ReadonlyMap<string, JsonValue>,
): JsonObject {
  const result: { [key: string]: JsonValue | undefined } = {};
  for (const name of ['kind', 'apiVersion']) {
    if (!message.byName.has(name) && object[name] !== undefined) result[name] = object[name];
  }
  for (const name of message.byName.keys()) {
    const value = changed.get(name) ?? object[name];
    if (value !== undefined) result[name] = value;
  }
  if (message.preserveUnknown === true) for (const name in object) result[name] ??= object[name];
  return result;
}
