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
import { remembered, SHARED_OBJECTS_MAX } from '../../base/remembered.ts';
import { anywhere } from './anywhere.ts';
import type { Field, FieldType, JsonObject, JsonValue, MessageSchema } from './schema.ts';

export function applyDefaults<T extends object>(message: MessageSchema, object: T): T {
  const fill = filler(message);
  return fill === undefined ? object : (fill(object as unknown as JsonObject) as unknown as T);
}

type Filler<T extends JsonValue = JsonValue> = (value: T) => T;

interface FieldFiller {
  readonly name: string;
  readonly position: number;
  readonly default: JsonValue | undefined;
  readonly pointer: boolean;
  readonly fill: Filler | undefined;
}

const fillers = new WeakMap<MessageSchema, Filler<JsonObject> | 'nothing'>();

function filler(message: MessageSchema): Filler<JsonObject> | undefined {
  const known = fillers.get(message);
  if (known !== undefined) return known === 'nothing' ? undefined : known;
  const made = hasDefaults(message) ? messageFiller(message) : undefined;
  fillers.set(message, made ?? 'nothing');
  return made;
}

const hasDefaults = anywhere((field) => (defaultOf(field) === undefined ? 'no' : 'yes'));

/** A zero default of a field that is no pointer says nothing: zero is dropped anyway. */
function defaultOf(field: Field): JsonValue | undefined {
  return field.pointer || !isZero(field.default) ? field.default : undefined;
}

function isZero(value: JsonValue | undefined): boolean {
  if (typeof value !== 'object' || value === null) {
    return value === undefined || value === null || value === '' || value === 0 || value === false;
  }
  if (Array.isArray(value)) return value.length === 0;
  const object = value as JsonObject;
  for (const _ in object) return false;
  return true;
}

function messageFiller(message: MessageSchema): Filler<JsonObject> {
  let compiled: readonly FieldFiller[] | undefined;
  return (object) => {
    compiled ??= compileFields(message);
    let changed: Change[] | undefined;
    for (const field of compiled) {
      const { name, default: fallback, fill } = field;
      const value = object[name];
      const isAbsent = value === undefined || (!field.pointer && fallback !== undefined && isZero(value));
      const base = isAbsent ? fallback : value;
      if (base === undefined) continue;
      const next = fill === undefined ? base : fill(base);
      if (next !== value) (changed ??= []).push({ name, position: field.position, value: next });
    }
    return changed === undefined ? object : interleaved(message, object, changed);
  };
}

function compileFields(message: MessageSchema): readonly FieldFiller[] {
  const compiled: FieldFiller[] = [];
  for (const [position, field] of [...message.byName.values()].entries()) {
    const fallback = defaultOf(field);
    const fill = sharedFiller(message, field);
    if (fallback !== undefined || fill !== undefined) {
      compiled.push({ name: field.name, position, default: fallback, pointer: field.pointer, fill });
    }
  }
  return compiled;
}

/** Replicas share one specification. */
function sharedFiller(message: MessageSchema, field: Field): Filler | undefined {
  const fill = typeFiller(field.type);
  return fill === undefined || !message.isKind || field.name !== 'spec'
    ? fill
    : remembered(SHARED_OBJECTS_MAX, fill);
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
  for (let i = 0; i < list.length; i++) {
    const item = list[i] ?? null;
    const next = fill(item);
    if (next !== item) (copy ??= list.slice())[i] = next;
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

interface Change {
  readonly name: string;
  /** Of the field in its message. */
  readonly position: number;
  readonly value: JsonValue;
}

const positions = new WeakMap<MessageSchema, ReadonlyMap<string, number>>();

function positionsIn(message: MessageSchema): ReadonlyMap<string, number> {
  let known = positions.get(message);
  if (known === undefined) {
    const names = ['kind', 'apiVersion', ...message.byName.keys()];
    known = new Map(names.map((name, i) => [name, i - 2]));
    positions.set(message, known);
  }
  return known;
}

/**
 * Keys keep the schema's order, new ones take their place in it; what the schema does not name comes last.
 * The changes stand in the schema's order, and so do the keys of what was decoded.
 */
function interleaved(message: MessageSchema, object: JsonObject, changes: readonly Change[]): JsonObject {
  const positionOf = positionsIn(message);
  const result: { [key: string]: JsonValue | undefined } = {};
  let at = 0;
  let last = -3;
  for (const name in object) {
    const value = object[name];
    const position = positionOf.get(name);
    if (value === undefined || position === undefined || position <= last) {
      return withChanges(message, object, changes);
    }
    last = position;
    let change = changes[at];
    while (change !== undefined && change.position < position) {
      result[change.name] = change.value;
      change = changes[++at];
    }
    if (change?.position === position) at++;
    result[name] = change?.position === position ? change.value : value;
  }
  for (const { name, value } of changes.slice(at)) result[name] = value;
  return result;
}

/** As above, of objects that were built otherwise. */
function withChanges(message: MessageSchema, object: JsonObject, changes: readonly Change[]): JsonObject {
  const changed = new Map(changes.map(({ name, value }) => [name, value]));
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
