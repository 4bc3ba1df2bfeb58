/**
 * JSON seen through a type, in place: nothing is copied, a field or an item becomes a value when an
 * expression looks at it. Under a dyn type the JSON itself says what it is.
 *
 * Inputs: JSON that its schema has let through. What does not fit its type all the same is taken as dyn.
 */

import type { JsonObject, JsonValue } from '../../schema/schema.ts';
import {
  type CelType,
  DYN,
  type ListType,
  type MapType,
  mapOf,
  type ObjectType,
  STRING,
} from '../types/type.ts';
import { unescapeName } from './escape.ts';
import { parseDuration, parseTimestamp } from './time.ts';
import {
  CelError,
  type CelValue,
  Double,
  Duration,
  LazyList,
  MapValue,
  ObjectValue,
  OpaqueValue,
  OptionalValue,
  Timestamp,
  TypeValue,
  Uint,
} from './value.ts';

/** JSON, or a value that is one already. */
export type Binding = JsonValue | CelValue | undefined;

export function fromJson(json: Binding, type: CelType): CelValue {
  switch (typeof json) {
    case 'string':
      return fromText(json, type);
    case 'number':
      return fromNumber(json, type);
    case 'object':
      return json === null ? null : fromStructure(json, type);
    case 'undefined':
      return null;
    default:
      return json;
  }
}

/** The format `date` is a timestamp too. */
const DATE = /^\d{4}-\d{2}-\d{2}$/;

function fromText(text: string, type: CelType): CelValue {
  switch (type.kind) {
    case 'timestamp':
      return (
        parseTimestamp(DATE.test(text) ? `${text}T00:00:00Z` : text) ??
        refuse(`invalid timestamp ${JSON.stringify(text)}`)
      );
    case 'duration':
      return parseDuration(text) ?? refuse(`invalid duration ${JSON.stringify(text)}`);
    case 'bytes':
      return Uint8Array.from(atob(text.replace(/[^A-Za-z0-9+/]/g, '')), (char) => char.charCodeAt(0));
    default:
      return text;
  }
}

function refuse(message: string): never {
  throw new CelError(message);
}

function fromNumber(number: number, type: CelType): CelValue {
  if (type.kind === 'double') return new Double(number);
  if (type.kind === 'uint' && Number.isInteger(number) && number >= 0) return new Uint(BigInt(number));
  if (Number.isSafeInteger(number)) return number + 0;
  if (type.kind === 'int' && Number.isInteger(number)) return BigInt(number);
  return new Double(number);
}

const DYN_MAP: MapType = mapOf(STRING, DYN);
const DYN_LIST: ListType = { kind: 'list', items: DYN };

function fromStructure(json: object, type: CelType): CelValue {
  if (Array.isArray(json)) {
    const items: readonly JsonValue[] = json;
    const list = type.kind === 'list' ? type : DYN_LIST;
    return isReadAsIs(list) ? (items as readonly CelValue[]) : new JsonList(items, list);
  }
  if (isValue(json)) return json;
  const object = json as JsonObject;
  if (type.kind === 'object') return new JsonObjectValue(object, type);
  return new JsonMap(object, type.kind === 'map' ? type : DYN_MAP);
}

/** Strings and booleans need no view in between. */
function isReadAsIs({ items, semantics }: ListType): boolean {
  return semantics === undefined && (items.kind === 'string' || items.kind === 'bool');
}

function isValue(value: object): value is CelValue & object {
  return (
    value instanceof ObjectValue || value instanceof MapValue || value instanceof LazyList ||
    value instanceof OpaqueValue || value instanceof Timestamp || value instanceof Duration ||
    value instanceof OptionalValue || value instanceof Double || value instanceof Uint ||
    value instanceof TypeValue || value instanceof Uint8Array
  ); // prettier-ignore
}

export class JsonList extends LazyList {
  readonly json: readonly JsonValue[];
  readonly type: ListType;

  constructor(json: readonly JsonValue[], type: ListType) {
    super();
    this.json = json;
    this.type = type;
  }

  override get length(): number {
    return this.json.length;
  }

  override at(index: number): CelValue {
    return fromJson(this.json[index], this.type.items);
  }
}

/** What joining makes from two lists of one schema; it keeps their way of comparing. */
export class MergedList extends LazyList {
  readonly type: ListType;
  readonly #items: readonly CelValue[];

  constructor(items: readonly CelValue[], type: ListType) {
    super();
    this.#items = items;
    this.type = type;
  }

  override get length(): number {
    return this.#items.length;
  }

  override at(index: number): CelValue {
    return this.#items[index] ?? null;
  }
}

export class JsonMap extends MapValue {
  readonly json: JsonObject;
  readonly type: MapType;

  constructor(json: JsonObject, type: MapType) {
    super();
    this.json = json;
    this.type = type;
  }

  override get size(): number {
    return this.keys().length;
  }

  override get(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.json, key)) return undefined;
    const value = this.json[key];
    return value === undefined ? undefined : fromJson(value, this.type.values);
  }

  override has(key: CelValue): boolean {
    return typeof key === 'string' && Object.hasOwn(this.json, key) && this.json[key] !== undefined;
  }

  override keys(): readonly string[] {
    return Object.keys(this.json).filter((key) => this.json[key] !== undefined);
  }
}

export class JsonObjectValue extends ObjectValue {
  readonly json: JsonObject;
  override readonly type: ObjectType;

  constructor(json: JsonObject, type: ObjectType) {
    super();
    this.json = json;
    this.type = type;
  }

  override get(escapedName: string): CelValue | undefined {
    const field = this.type.field(escapedName);
    const name = field?.name ?? unescapeName(escapedName);
    if (name === undefined || !Object.hasOwn(this.json, name)) return undefined;
    const value = this.json[name];
    return value === undefined || field === undefined ? undefined : fromJson(value, field.type);
  }

  override has(escapedName: string): boolean {
    const name = this.type.field(escapedName)?.name;
    return name !== undefined && Object.hasOwn(this.json, name) && this.json[name] !== undefined;
  }

  override entries(): ReadonlyMap<string, CelValue> {
    const entries = new Map<string, CelValue>();
    for (const [name, json] of Object.entries(this.json)) {
      if (json === undefined) continue;
      const field = this.type.jsonField(name);
      entries.set(name, fromJson(json, field === undefined ? DYN : field.type));
    }
    return entries;
  }
}
