/**
 * Resource quantities (`100m`, `1.5Gi`, `12e6`): parsing, the canonical form, exact arithmetic.
 *
 * Inputs: texts as users write them. Outputs: canonical texts (what is stored and compared), `Quantity`
 * values for arithmetic, plain numbers for schedulers and quotas. Invariants: a quantity is a whole number
 * of nanos, so nothing is ever rounded after parsing; the suffix family a quantity was written in is kept
 * when it is written back. Behaviour of `apimachinery/pkg/api/resource`.
 */

import { assert } from '../../base/assert.ts';
import { remembered } from '../../base/remembered.ts';

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

export interface Quantity {
  readonly nanos: bigint;
  readonly format: QuantityFormat;
}

/** Why a text is no quantity; worded as upstream words it. */
export type QuantityError =
  | "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
  | 'unable to parse numeric part of quantity'
  | "unable to parse quantity's suffix";

const FORMAT_WRONG: QuantityError =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX_WRONG: QuantityError = "unable to parse quantity's suffix";

/** `exponent` is of ten, or of two for BinarySI. */
interface Suffix {
  readonly exponent: number;
  readonly format: QuantityFormat;
}

const DECIMAL_SUFFIXES: readonly string[] = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY_SUFFIXES: readonly string[] = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const SUFFIXES: ReadonlyMap<string, Suffix> = new Map([
  ...BINARY_SUFFIXES.map((s, i): [string, Suffix] => [s, { exponent: i * 10, format: 'BinarySI' }]),
  ...DECIMAL_SUFFIXES.map((s, i): [string, Suffix] => [s, { exponent: (i - 3) * 3, format: 'DecimalSI' }]),
]);

/** Larger powers of ten would only serve to fill the memory. */
const EXPONENT_MAX = 1000;
const BINARY_MAX = 2n ** 63n - 1n;
const NANO = 1_000_000_000n;
const SHAPE = /^([+-]?)0*(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[+-]?\d*)$/;

interface Parts {
  readonly negative: boolean;
  /** Without leading zeros, `0` when none is left. */
  readonly digits: string;
  readonly fraction: string;
  readonly suffix: Suffix;
}

function split(text: string): Parts | QuantityError {
  const match = text === '' ? null : SHAPE.exec(text);
  if (match === null) return FORMAT_WRONG;
  const [, sign, digits = '', fraction = '', suffixText = ''] = match;
  const suffix = SUFFIXES.get(suffixText) ?? readExponent(suffixText);
  if (suffix === undefined) return SUFFIX_WRONG;
  return { negative: sign === '-', digits: digits === '' ? '0' : digits, fraction, suffix };
}

function readExponent(text: string): Suffix | undefined {
  if (!/^[eE][+-]?\d+$/.test(text)) return undefined;
  const exponent = Number(text.slice(1));
  return Math.abs(exponent) > EXPONENT_MAX ? undefined : { exponent, format: 'DecimalExponent' };
}

/** A cluster speaks of few different quantities, and of each very often. */
const REMEMBERED_MAX = 4096;

/** The quantity, or why the text is none (a string: `typeof` tells them apart). */
export const parseQuantity = remembered(REMEMBERED_MAX, (text: string): Quantity | QuantityError => {
  const parts = split(text);
  return typeof parts === 'string' ? parts : fromParts(parts);
});

/** For texts that validation has let through; anything else is a bug. */
export function quantityOf(text: string): Quantity {
  const quantity = parseQuantity(text);
  assert(typeof quantity !== 'string', `not a quantity: ${text}`);
  return quantity;
}

function fromParts({ negative, digits, fraction, suffix }: Parts): Quantity {
  const unscaled = BigInt(digits + fraction);
  let { format } = suffix;
  let nanos: bigint;
  if (format === 'BinarySI') {
    nanos = divideUp(unscaled * NANO * 2n ** BigInt(suffix.exponent), 10n ** BigInt(fraction.length));
    if (nanos > BINARY_MAX * NANO) nanos = BINARY_MAX * NANO;
    if (nanos > 0n && nanos < NANO) format = 'DecimalSI';
  } else {
    const shift = suffix.exponent - fraction.length + 9;
    nanos = shift >= 0 ? unscaled * 10n ** BigInt(shift) : divideUp(unscaled, 10n ** BigInt(-shift));
  }
  return { nanos: negative ? -nanos : nanos, format };
}

/** Rounds away from zero: who asks for a little gets a little. */
function divideUp(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  if (quotient * divisor === value) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

/** The text as upstream would store it, or why it is no quantity. */
export const canonicalQuantity = remembered(
  REMEMBERED_MAX,
  (text: string): { readonly text: string } | QuantityError => {
    if (text === '0') return { text };
    const parts = split(text);
    if (typeof parts === 'string') return parts;
    return { text: isKeptAsWritten(parts) ? text : formatQuantity(fromParts(parts)) };
  },
);

/** Upstream keeps a text that passes a cheap test of being canonical already, `1.500` among them. */
function isKeptAsWritten({ digits, fraction, suffix }: Parts): boolean {
  const shifted = digits + fraction;
  if (suffix.format === 'BinarySI') {
    if (fraction !== '' || 14 - digits.length - Math.trunc((suffix.exponent * 3) / 10) < 0) return false;
    return (Number(digits) & 7) !== 0;
  }
  const scale = suffix.exponent - fraction.length;
  if (shifted.length > 18 || scale < -9) return false;
  return scale % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0');
}

/** The canonical text: no fraction, the largest suffix of its family that loses nothing. */
export function formatQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return '0';
  const whole = nanos % NANO === 0n;
  const isSmall = nanos > -1024n * NANO && nanos < 1024n * NANO;
  if (format === 'BinarySI' && whole && !isSmall) return formatBinary(nanos / NANO);
  return formatDecimal(nanos, format === 'DecimalExponent');
}

function formatBinary(value: bigint): string {
  let mantissa = value;
  let power = 0;
  while (power < BINARY_SUFFIXES.length - 1 && mantissa % 1024n === 0n) {
    mantissa /= 1024n;
    power++;
  }
  return `${mantissa}${BINARY_SUFFIXES[power] ?? ''}`;
}

function formatDecimal(nanos: bigint, asExponent: boolean): string {
  const text = nanos.toString();
  let zeros = text.length - text.replace(/0+$/, '').length;
  zeros -= zeros % 3;
  if (!asExponent) zeros = Math.min(zeros, 27);
  const mantissa = text.slice(0, text.length - zeros);
  const exponent = zeros - 9;
  if (exponent === 0) return mantissa;
  return mantissa + (asExponent ? `e${exponent}` : (DECIMAL_SUFFIXES[exponent / 3 + 3] ?? ''));
}

export const ZERO_QUANTITY: Quantity = { nanos: 0n, format: 'DecimalSI' };

/** The sum keeps the format of `a`, unless `a` is zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos + b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos - b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

/** Negative, zero or positive, as `a` is less than, equal to or greater than `b`. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
}

export function negateQuantity(a: Quantity): Quantity {
  return { nanos: -a.nanos, format: a.format };
}

/** Rounds up to a power of ten: -3 to whole millis, 0 to whole units. */
export function roundUpQuantity(a: Quantity, scale: number): Quantity {
  const unit = 10n ** BigInt(scale + 9);
  return { nanos: divideUp(a.nanos, unit) * unit, format: a.format };
}

export function quantityFromMilli(milli: number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { nanos: BigInt(milli) * 1_000_000n, format };
}

export function quantityFromValue(value: number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { nanos: BigInt(value) * NANO, format };
}

/** Whole units, rounded up. Exact to 2^53. */
export function valueOf(a: Quantity): number {
  return Number(divideUp(a.nanos, NANO));
}

/** Thousandths, rounded up. */
export function milliValueOf(a: Quantity): number {
  return Number(divideUp(a.nanos, 1_000_000n));
}

const PLAIN = /^(\d{1,9})(m|k|M|G|Ki|Mi|Gi)?$/;
const PLAIN_UNITS: Readonly<Record<string, number>> = {
  k: 1e3, M: 1e6, G: 1e9, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30,
}; // prettier-ignore

/** `valueOf` of a text, quick for the usual ones: schedulers sum a great many. */
export function quantityValue(text: string): number {
  const plain = PLAIN.exec(text);
  if (plain === null) return valueOf(quantityOf(text));
  const [, digits, unit] = plain;
  if (unit === 'm') return Math.ceil(Number(digits) / 1000);
  return Number(digits) * (unit === undefined ? 1 : (PLAIN_UNITS[unit] ?? 1));
}

/** `milliValueOf` of a text: `250m` is 250, `2` is 2000. */
export function quantityMilliValue(text: string): number {
  const plain = PLAIN.exec(text);
  if (plain === null) return milliValueOf(quantityOf(text));
  const [, digits, unit] = plain;
  if (unit === 'm') return Number(digits);
  return Number(digits) * 1000 * (unit === undefined ? 1 : (PLAIN_UNITS[unit] ?? 1));
}
