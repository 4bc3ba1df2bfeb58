/** Equality and order of values, across numeric types as well. Pure. */

import { compareText } from './text.ts';
import { compareTimestamps } from './time.ts';
import { JsonList, MergedList } from './json.ts';
import { type ListSemantics, typeName } from '../types/type.ts';
import {
  CelError,
  type CelValue,
  Double,
  Duration,
  isInt,
  isList,
  itemAt,
  itemsOf,
  type ListValue,
  MapValue,
  ObjectValue,
  OpaqueValue,
  OptionalValue,
  Timestamp,
  TypeValue,
  Uint,
} from './value.ts';

/** What JavaScript compares exactly, whichever of the two forms; undefined for what is no number. */
export function numberOf(value: CelValue): number | bigint | undefined {
  if (isInt(value)) return value;
  if (value instanceof Double || value instanceof Uint) return value.value;
  return undefined;
}

export function isEqual(a: CelValue, b: CelValue): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  if (typeof a === 'string' || typeof a === 'boolean') return false;
  const number = numberOf(a);
  if (number !== undefined) {
    const other = numberOf(b);
    return other !== undefined && compareNumeric(a, number, b, other) === 0;
  }
  if (typeof b !== 'object') return false;
  if (isList(a)) return isList(b) && isEqualList(a, b);
  return isEqualObject(a, b);
}

function isEqualObject(a: CelValue, b: CelValue): boolean {
  if (a instanceof MapValue) return b instanceof MapValue && isEqualMap(a, b);
  if (a instanceof ObjectValue) return b instanceof ObjectValue && isEqualFields(a, b);
  if (a instanceof Timestamp) return b instanceof Timestamp && compareTimestamps(a, b) === 0;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && compareBytes(a, b) === 0;
  if (a instanceof TypeValue) return b instanceof TypeValue && typeName(a.type) === typeName(b.type);
  if (a instanceof OptionalValue) return b instanceof OptionalValue && isEqualOptional(a, b);
  return a instanceof OpaqueValue && b instanceof OpaqueValue && a.equals(b);
}

function isEqualOptional(a: OptionalValue, b: OptionalValue): boolean {
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return isEqual(a.value, b.value);
}

function isEqualList(a: ListValue, b: ListValue): boolean {
  if (a.length !== b.length) return false;
  const semantics = semanticsOf(a) ?? semanticsOf(b);
  if (semantics !== undefined) {
    const keys = typeof semantics === 'object' ? semantics.keys : undefined;
    const right = itemsOf(b);
    return itemsOf(a).every((item) =>
      right.some((other) => isSameItem(item, other, keys) && isEqual(item, other)),
    );
  }
  for (let i = 0; i < a.length; i++) if (!isEqual(itemAt(a, i), itemAt(b, i))) return false;
  return true;
}

export function semanticsOf(list: ListValue): ListSemantics | undefined {
  return list instanceof JsonList || list instanceof MergedList ? list.type.semantics : undefined;
}

/** Whether both stand for one item of the list: under its keys, or by value in a set. */
export function isSameItem(a: CelValue, b: CelValue, keys: readonly string[] | undefined): boolean {
  if (keys === undefined || !(a instanceof ObjectValue) || !(b instanceof ObjectValue)) return isEqual(a, b);
  return keys.every((key) => isEqual(a.get(key) ?? null, b.get(key) ?? null));
}

function isEqualMap(a: MapValue, b: MapValue): boolean {
  if (a.size !== b.size) return false;
  return a.keys().every((key) => {
    const left = a.get(key);
    const right = b.get(key);
    return left !== undefined && right !== undefined && isEqual(left, right);
  });
}

function isEqualFields(a: ObjectValue, b: ObjectValue): boolean {
  if (a.type.name !== b.type.name) return false;
  const left = a.entries();
  const right = b.entries();
  if (left.size !== right.size) return false;
  for (const [name, value] of left) {
    const other = right.get(name);
    if (other === undefined || !isEqual(value, other)) return false;
  }
  return true;
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Beside a double everything is one, as upstream; `int` and `uint` compare exactly. */
function compareNumeric(
  a: CelValue,
  number: number | bigint,
  b: CelValue,
  other: number | bigint,
): number | undefined {
  const isDouble = a instanceof Double || b instanceof Double;
  return isDouble ? compareNumbers(Number(number), Number(other)) : compareNumbers(number, other);
}

/** NaN is in no order: undefined. */
export function compareNumbers(a: number | bigint, b: number | bigint): number | undefined {
  return a < b ? -1 : a > b ? 1 : a <= b ? 0 : undefined;
}

/** Negative, zero or positive; undefined for values that have no order among each other. */
export function compareValues(a: CelValue, b: CelValue): number | undefined {
  if (typeof a === 'string') return typeof b === 'string' ? compareText(a, b) : undefined;
  if (typeof a === 'boolean') return typeof b === 'boolean' ? Number(a) - Number(b) : undefined;
  const number = numberOf(a);
  if (number !== undefined) {
    const other = numberOf(b);
    if (other === undefined) return undefined;
    const order = compareNumeric(a, number, b, other);
    if (order === undefined) throw new CelError('NaN values cannot be ordered');
    return order;
  }
  if (a instanceof Timestamp) return b instanceof Timestamp ? compareTimestamps(a, b) : undefined;
  if (a instanceof Duration) {
    return b instanceof Duration ? compareNumbers(a.nanos, b.nanos) : undefined;
  }
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? compareBytes(a, b) : undefined;
  return undefined;
}
