/**
 * Values while an expression runs. What JSON already has stays what it is (strings, booleans, null, whole
 * numbers as `int`), so that objects are read in place; the rarer kinds are small classes.
 *
 * An `int` is a JavaScript number while it is a safe integer, otherwise a bigint: one form for each value.
 */

import type { CelType, ObjectType } from '../types/type.ts';

/** An error of evaluation. `&&`, `||` and their macros may absorb it; anything else ends the evaluation. */
export class CelError extends Error {
  override readonly name = 'CelError';
}

export class Uint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

export class Double {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export class Timestamp {
  /** Seconds since 1970, negative before it. */
  readonly seconds: number;
  /** 0 to 999,999,999, always forward. */
  readonly nanos: number;
  constructor(seconds: number, nanos: number) {
    this.seconds = seconds;
    this.nanos = nanos;
  }
}

export class Duration {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class TypeValue {
  readonly type: CelType;
  constructor(type: CelType) {
    this.type = type;
  }
}

export class OptionalValue {
  /** Undefined: none. */
  readonly value: CelValue | undefined;
  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

/** A value that only functions look into: a quantity, an IP address, an authorizer. */
export abstract class OpaqueValue {
  abstract readonly type: CelType;
  abstract equals(other: OpaqueValue): boolean;
  /** What `size` is to costs; undefined for values of one size. */
  get costSize(): number {
    return 1;
  }
}

/** A list whose items are made from JSON when they are looked at. */
export abstract class LazyList {
  abstract readonly length: number;
  abstract at(index: number): CelValue;
}

export abstract class MapValue {
  abstract readonly size: number;
  abstract get(key: CelValue): CelValue | undefined;
  has(key: CelValue): boolean {
    return this.get(key) !== undefined;
  }
  abstract keys(): readonly CelValue[];
}

/** Has fields of declared types. Fields that are not set are undefined. */
export abstract class ObjectValue {
  abstract readonly type: ObjectType;
  abstract get(escapedName: string): CelValue | undefined;
  has(escapedName: string): boolean {
    return this.get(escapedName) !== undefined;
  }
  /** The fields that are set, by their names in JSON. */
  abstract entries(): ReadonlyMap<string, CelValue>;
}

export type ListValue = readonly CelValue[] | LazyList;

export type CelValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Uint
  | Double
  | Timestamp
  | Duration
  | TypeValue
  | OptionalValue
  | OpaqueValue
  | LazyList
  | MapValue
  | ObjectValue
  | readonly CelValue[];

export const NONE = new OptionalValue(undefined);

export function isInt(value: CelValue): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

export function isList(value: CelValue): value is ListValue {
  return Array.isArray(value) || value instanceof LazyList;
}

export function itemAt(list: ListValue, index: number): CelValue {
  return list instanceof LazyList ? list.at(index) : (list[index] ?? null);
}

export function itemsOf(list: ListValue): readonly CelValue[] {
  if (!(list instanceof LazyList)) return list;
  return Array.from({ length: list.length }, (_, i) => list.at(i));
}
