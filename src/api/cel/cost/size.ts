/**
 * Ranges of sizes and costs, and sizes of values. Numbers saturate at 2^64 - 1, upstream's way to say "no bound
 * is known". Pure.
 */

import { lengthOf } from '../values/text.ts';
import { type CelValue, isList, MapValue, ObjectValue, OpaqueValue, OptionalValue } from '../values/value.ts';

export interface Range {
  readonly min: number;
  readonly max: number;
}

export const UNBOUNDED = 2 ** 64 - 1;
export const UNKNOWN: Range = { min: 0, max: UNBOUNDED };

/** Cost of looking at one character. */
export const PER_CHARACTER = 0.1;
/** Of matching, for each character of the pattern. */
export const PER_PATTERN_CHARACTER = 0.25;

export function fixed(size: number): Range {
  return { min: size, max: size };
}

export function add(a: Range, b: Range): Range {
  return { min: bounded(a.min + b.min), max: bounded(a.max + b.max) };
}

export function multiply(a: Range, b: Range): Range {
  return { min: bounded(a.min * b.min), max: bounded(a.max * b.max) };
}

/** Rounded up. */
export function scale({ min, max }: Range, factor: number): Range {
  return { min: bounded(Math.ceil(min * factor)), max: bounded(Math.ceil(max * factor)) };
}

export function union(a: Range, b: Range): Range {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

export function bounded(value: number): number {
  return Math.min(value, UNBOUNDED);
}

/** What `size()` would be; 1 for scalars. */
export function sizeOf(value: CelValue): number {
  if (typeof value === 'string') return lengthOf(value);
  if (typeof value !== 'object' || value === null) return 1;
  if (isList(value) || value instanceof Uint8Array) return value.length;
  if (value instanceof MapValue) return value.size;
  if (value instanceof ObjectValue) return value.entries().size;
  if (value instanceof OpaqueValue) return value.costSize;
  return value instanceof OptionalValue && value.value !== undefined ? sizeOf(value.value) : 1;
}
