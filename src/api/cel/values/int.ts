/** 64-bit arithmetic on `int` and `uint`, with overflow as an error. Pure. */

import { CelError, Uint } from './value.ts';

export type Int = number | bigint;

export const INT_MIN = -(2n ** 63n);
export const INT_MAX = 2n ** 63n - 1n;
export const UINT_MAX = 2n ** 64n - 1n;

/** The one form of an int; out of 64 bits is an overflow. */
export function intOf(value: bigint): Int {
  if (value >= -9007199254740991n && value <= 9007199254740991n) return Number(value);
  if (value < INT_MIN || value > INT_MAX) throw new CelError('integer overflow');
  return value;
}

export function uintOf(value: bigint): Uint {
  if (value < 0n || value > UINT_MAX) throw new CelError('unsigned integer overflow');
  return new Uint(value);
}

export function addInt(a: Int, b: Int): Int {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return intOf(BigInt(a) + BigInt(b));
}

export function subtractInt(a: Int, b: Int): Int {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return intOf(BigInt(a) - BigInt(b));
}

export function multiplyInt(a: Int, b: Int): Int {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    // The sum turns -0 into 0, which is no int.
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return intOf(BigInt(a) * BigInt(b));
}

export function divideInt(a: Int, b: Int): Int {
  if (b === 0) throw new CelError('division by zero');
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b) + 0;
  return intOf(BigInt(a) / BigInt(b));
}

export function moduloInt(a: Int, b: Int): Int {
  if (b === 0) throw new CelError('modulus by zero');
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0;
  if (BigInt(a) === INT_MIN && b === -1) throw new CelError('integer overflow');
  return intOf(BigInt(a) % BigInt(b));
}

export function negateInt(a: Int): Int {
  return typeof a === 'number' ? 0 - a : intOf(-a);
}

/** Of a double, toward zero; what does not fit is a range error. */
export function intFromDouble(value: number): Int {
  const truncated = Math.trunc(value);
  // The ends of the range themselves have no exact double within it.
  if (!Number.isFinite(value) || truncated <= -(2 ** 63) || truncated >= 2 ** 63) {
    throw new CelError('integer overflow');
  }
  return intOf(BigInt(truncated));
}

export function uintFromDouble(value: number): Uint {
  if (!Number.isFinite(value) || value < 0 || value >= 2 ** 64) {
    throw new CelError('unsigned integer overflow');
  }
  return new Uint(BigInt(Math.trunc(value)));
}
