/**
 * How server-side apply owns a value: as one piece, field by field, or item by item. Derived from the schema.
 */

import type { Field, FieldType, JsonObject, JsonValue, MessageSchema } from '../schema/schema.ts';
import { fieldStep, keyStep, oneKeyStep, valueStep } from './field-set.ts';

export type OwnedType =
  /** One piece: a scalar, or an atomic list, map or struct. */
  | { readonly form: 'piece' }
  | StructType
  | { readonly form: 'map'; readonly values: OwnedType }
  | KeyedListType
  | { readonly form: 'set' }
  /** No schema: objects are maps, everything else is one piece. */
  | { readonly form: 'deduced' };

export interface StructType {
  readonly form: 'struct';
  /** The type of a field; undefined when the schema does not name it. */
  field(name: string): OwnedType | undefined;
  /** All fields, in the order of their names; undefined where there may be others than the schema names. */
  named(): readonly NamedField[] | undefined;
}

export interface NamedField {
  readonly name: string;
  readonly step: string;
  readonly type: OwnedType;
}

export interface KeyedListType {
  readonly form: 'keyedList';
  readonly keys: readonly string[];
  /** Stand in for keys that an item leaves out. */
  readonly defaults: JsonObject;
  readonly items: OwnedType;
}

const PIECE: OwnedType = { form: 'piece' };
const SET: OwnedType = { form: 'set' };
/** For custom resources without a schema, and for what lies in raw values. */
export const DEDUCED: OwnedType = { form: 'deduced' };

const structs = new WeakMap<MessageSchema, StructType>();

/** The type of whole objects of a kind. */
export function ownedTypeOf(message: MessageSchema): StructType {
  const known = structs.get(message);
  if (known !== undefined) return known;
  const fields = new Map<string, OwnedType>();
  let named: readonly NamedField[] | undefined;
  const struct: StructType = {
    form: 'struct',
    named: () => (named ??= namedFields(message, struct)),
    field: (name) => {
      const found = fields.get(name);
      if (found !== undefined) return found;
      const field = message.byName.get(name);
      const isTypeMeta = message.isKind && (name === 'kind' || name === 'apiVersion');
      const type = field === undefined ? (isTypeMeta ? PIECE : undefined) : fieldType(field);
      if (type !== undefined) fields.set(name, type);
      return type;
    },
  };
  structs.set(message, struct);
  return struct;
}

function namedFields(message: MessageSchema, struct: StructType): NamedField[] {
  const names = new Set([...(message.isKind ? ['apiVersion', 'kind'] : []), ...message.byName.keys()]);
  return [...names].toSorted().map((name) => {
    return { name, step: fieldStep(name), type: struct.field(name) ?? DEDUCED };
  });
}

function fieldType(field: Field): OwnedType {
  if (field.map === 'atomic') return PIECE;
  if (field.type.form === 'list') return listType(field, field.type.items);
  return plainType(field.type, field.map === 'granular');
}

function plainType(type: FieldType, isGranular: boolean): OwnedType {
  switch (type.form) {
    case 'scalar':
      return isRaw(type.scalar) ? DEDUCED : PIECE;
    case 'list':
      return PIECE;
    case 'map':
      return { form: 'map', values: plainType(type.values, false) };
    case 'message':
      if (type.message.wraps !== undefined || (type.message.atomic && !isGranular)) return PIECE;
      return ownedTypeOf(type.message);
  }
}

function isRaw(scalar: string): boolean {
  return (
    scalar === 'rawExtension' || scalar === 'json' || scalar === 'fieldsV1' || scalar.startsWith('schemaOr')
  );
}

function listType(field: Field, items: FieldType): OwnedType {
  if (field.list === undefined || field.list.kind === 'atomic') return PIECE;
  if (field.list.kind === 'set') return SET;
  const { keys } = field.list;
  const defaults: { [key: string]: JsonValue } = {};
  if (items.form === 'message') {
    for (const key of keys) {
      const fallback = items.message.byName.get(key)?.default;
      if (fallback !== undefined) defaults[key] = fallback;
    }
  }
  return { form: 'keyedList', keys, defaults, items: plainType(items, false) };
}

/** The step that names an item of a list, or why it has none. */
export function itemStep(
  type: KeyedListType | { readonly form: 'set' },
  item: JsonValue,
): string | { readonly error: string } {
  if (type.form === 'set') {
    if (item === null)
      return { error: "associative list without keys has an element that's an explicit null" };
    if (typeof item !== 'object') return valueStep(item);
    if (isList(item)) return { error: 'not supported: associative list with lists as elements' };
    return { error: "associative list without keys has an element that's a map type" };
  }
  if (item === null) return { error: 'associative list with keys may not have a null element' };
  if (!isObject(item)) return { error: 'associative list with keys may not have non-map elements' };
  const [first] = type.keys;
  if (first !== undefined && type.keys.length === 1) {
    const value = item[first] ?? type.defaults[first];
    if (value !== undefined) return oneKeyStep(first, value);
  }
  const keys: { [key: string]: JsonValue } = {};
  let isEmpty = true;
  for (const key of type.keys) {
    const value = item[key] ?? type.defaults[key];
    if (value === undefined) continue;
    keys[key] = value;
    isEmpty = false;
  }
  if (!isEmpty) return keyStep(keys);
  const names = type.keys.map((key) => JSON.stringify(key)).join(' ');
  return {
    error: `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
  };
}

/** The type of a value that has no schema. */
export function deduce(type: OwnedType, value: JsonValue | undefined): OwnedType {
  if (type.form !== 'deduced') return type;
  return isObject(value) ? DEDUCED_MAP : PIECE;
}

const DEDUCED_MAP: OwnedType = { form: 'map', values: DEDUCED };

/** The type behind a key of a struct or map, and whether the schema names the key. */
export function childType(
  type: StructType | { readonly form: 'map'; readonly values: OwnedType },
  key: string,
): {
  readonly type: OwnedType;
  readonly isNamed: boolean;
} {
  if (type.form === 'map') return { type: type.values, isNamed: false };
  const found = type.field(key);
  return found === undefined ? { type: DEDUCED, isNamed: false } : { type: found, isNamed: true };
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
