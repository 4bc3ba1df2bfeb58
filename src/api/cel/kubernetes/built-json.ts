/**
 * What an expression built (`Object{…}`, the values of a `JSONPatch{…}`) as JSON, and whether objects within it
 * bear the names of the fields that they stand in: `Object.spec.selector` under `spec` and `selector`.
 */

import { setKey } from '../../meta/own-key.ts';
import type { JsonObject, JsonValue } from '../../schema/schema.ts';
import { formatDuration, formatTimestamp } from '../values/time.ts';
import {
  CelError,
  type CelValue,
  Double,
  Duration,
  isInt,
  isList,
  itemsOf,
  MapValue,
  ObjectValue,
  OptionalValue,
  Timestamp,
  Uint,
} from '../values/value.ts';
import { typeOf } from '../values/kind.ts';
import { formatType } from '../types/type.ts';

/** Throws `CelError` for what JSON does not have. */
export function builtJson(value: CelValue): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (isInt(value)) return numberJson(Number(value));
  if (value instanceof Double) return numberJson(value.value);
  if (value instanceof Uint) return numberJson(Number(value.value));
  if (isList(value)) return itemsOf(value).map(builtJson);
  if (value instanceof ObjectValue) return objectJson(value.entries());
  if (value instanceof MapValue) {
    return objectJson(value.keys().map((key) => [key, value.get(key) ?? null]));
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  const what = value instanceof OptionalValue ? 'optional_type' : formatType(typeOf(value));
  throw new CelError(`no JSON can be made of a value of type ${what}`);
}

function numberJson(number: number): number {
  if (Number.isFinite(number)) return number;
  throw new CelError(`no JSON can be made of ${number}`);
}

function objectJson(entries: Iterable<readonly [CelValue, CelValue]>): JsonObject {
  const json: { [key: string]: JsonValue } = {};
  for (const [key, value] of entries) {
    if (typeof key !== 'string') {
      throw new CelError(`map key "${String(key)}" is of type ${formatType(typeOf(key))}, not string`);
    }
    setKey(json, key, builtJson(value));
  }
  return json;
}

/** Lists and maps in between have no names. Empty: all is right. */
export function typeNameProblems(value: CelValue, path?: string): readonly string[] {
  if (value instanceof ObjectValue) {
    const { name } = value.type;
    const expected = path ?? name;
    const own = `unexpected type name "${name}", expected "${expected}", which matches field name path from root Object type`;
    const within = [...value.entries()].flatMap(([field, inner]) =>
      typeNameProblems(inner, `${expected}.${field}`),
    );
    return name === expected ? within : [own, ...within];
  }
  if (value === null || typeof value !== 'object') return [];
  if (isList(value)) return itemsOf(value).flatMap((item) => typeNameProblems(item, path));
  if (!(value instanceof MapValue)) return [];
  return value.keys().flatMap((key) => typeNameProblems(value.get(key) ?? null, path));
}
