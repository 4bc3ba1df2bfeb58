/**
 * Decoding of single values: type checks with Go's wording, canonical forms of quantities, times, durations.
 * A decoder returns `undefined` when it has reported an error (`report` keeps the first), and for the zero
 * time, which upstream prints as null.
 */

import { canonicalQuantity } from '../quantity/quantity.ts';
import {
  canonicalDuration,
  canonicalMicroTime,
  canonicalTime,
  isZeroTime,
  type CanonicalText,
} from '../time/time.ts';
import type { JsonObject, JsonValue, ScalarType } from './schema.ts';

export interface Reporter {
  /** `json: cannot unmarshal <what> into Go struct field <where> of type <type>` */
  mismatch(input: JsonValue, goType: string): undefined;
  /** As `mismatch`, in the words for the value. */
  mismatchOf(what: string, goType: string): undefined;
  /** How a number that stands here was written, where that is not as JavaScript writes it. */
  literal(): string | undefined;
  /** Whether maps are converted rather than texts decoded: numbers become what fits. */
  readonly isConversion: boolean;
  fail(text: string): undefined;
}

export type ScalarDecoder = (input: JsonValue, report: Reporter) => JsonValue | undefined;

/** The scalars that are values of their own; the `schemaOr…` ones hold messages. */
export type PlainScalar = Exclude<ScalarType, 'schemaOrBool' | 'schemaOrArray' | 'schemaOrStringArray'>;

function decodeString(input: JsonValue, report: Reporter): JsonValue | undefined {
  return typeof input === 'string' ? input : report.mismatch(input, 'string');
}

function decodeBool(input: JsonValue, report: Reporter): JsonValue | undefined {
  return typeof input === 'boolean' ? input : report.mismatch(input, 'bool');
}

function decodeInt32(input: JsonValue, report: Reporter): JsonValue | undefined {
  // `| 0` is the identity on exactly the 32-bit integers; -0 becomes 0 by it.
  if (report.isConversion && typeof input === 'number' && Number.isInteger(input)) return wrapped(input);
  if (typeof input !== 'number' || (input | 0) !== input) return report.mismatch(input, 'int32');
  const literal = report.literal();
  return literal === undefined ? input | 0 : report.mismatchOf(`number ${literal}`, 'int32');
}

/** As Go converts a 64-bit integer to one of 32: what is too much is cut off. */
function wrapped(input: number): number {
  if (Math.abs(input) >= 2 ** 63) return 0;
  return Number(BigInt.asIntN(32, BigInt(input)));
}

function decodeInt64(input: JsonValue, report: Reporter): JsonValue | undefined {
  if (typeof input !== 'number' || !Number.isSafeInteger(input)) return report.mismatch(input, 'int64');
  const literal = report.literal();
  return literal === undefined ? input + 0 : report.mismatchOf(`number ${literal}`, 'int64');
}

function decodeDouble(input: JsonValue, report: Reporter): JsonValue | undefined {
  return typeof input === 'number' ? input : report.mismatch(input, 'float64');
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

function decodeBytes(input: JsonValue, report: Reporter): JsonValue | undefined {
  if (typeof input !== 'string') return report.mismatch(input, '[]uint8');
  const text = input.includes('\n') || input.includes('\r') ? input.replace(/[\r\n]/g, '') : input;
  if (text.length % 4 === 0 && BASE64.test(text)) return withCleanTail(text);
  const bad = /[^A-Za-z0-9+/]/.exec(input);
  return report.fail(`illegal base64 data at input byte ${bad?.index ?? input.length - (input.length % 4)}`);
}

/** Bits behind the last byte are dropped, as decoding and encoding again would. */
function withCleanTail(text: string): string {
  if (!text.endsWith('=')) return text;
  const tail = Buffer.from(text.slice(-4), 'base64').toString('base64');
  return text.endsWith(tail) ? text : text.slice(0, -4) + tail;
}

function decodeText(canonical: (text: string) => CanonicalText): ScalarDecoder {
  return (input, report) => {
    if (typeof input !== 'string') return report.fail(goValueMismatch(input, 'string'));
    const result = canonical(input);
    return 'error' in result ? report.fail(result.error) : result.text;
  };
}

function withoutZeroTime(decode: ScalarDecoder): ScalarDecoder {
  return (input, report) => {
    const decoded = decode(input, report);
    return typeof decoded === 'string' && isZeroTime(decoded) ? undefined : decoded;
  };
}

function decodeQuantity(input: JsonValue, report: Reporter): JsonValue | undefined {
  if (typeof input !== 'string' && typeof input !== 'number') return report.fail(QUANTITY_OF_OTHER_TYPE);
  const written = typeof input === 'number' ? (report.literal() ?? String(input)) : input;
  const result = canonicalQuantity(written.trim());
  return typeof result === 'string' ? report.fail(result) : result.text;
}

const QUANTITY_OF_OTHER_TYPE =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

function decodeIntOrString(input: JsonValue, report: Reporter): JsonValue | undefined {
  if (typeof input === 'string') return input;
  if (typeof input !== 'number' || (input | 0) !== input) {
    return report.fail(goValueMismatch(input, 'int32', report.literal()));
  }
  const literal = report.literal();
  if (literal === undefined) return input;
  return report.fail(`json: cannot unmarshal number ${literal} into Go value of type int32`);
}

function decodeObjectValue(input: JsonValue, report: Reporter): JsonValue | undefined {
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input;
  return report.mismatch(input, 'map[string]interface {}');
}

function decodeAny(input: JsonValue): JsonValue {
  return input;
}

export const SCALAR_DECODERS: Readonly<Record<PlainScalar, ScalarDecoder>> = {
  string: decodeString,
  bool: decodeBool,
  int32: decodeInt32,
  int64: decodeInt64,
  double: decodeDouble,
  bytes: decodeBytes,
  time: withoutZeroTime(decodeText(canonicalTime)),
  microTime: withoutZeroTime(decodeText(canonicalMicroTime)),
  duration: decodeText(canonicalDuration),
  quantity: decodeQuantity,
  intOrString: decodeIntOrString,
  rawExtension: decodeAny,
  fieldsV1: decodeObjectValue,
  json: decodeAny,
};

/** What an absent or null value reads as where something has to stand. */
export function zeroOfScalar(scalar: ScalarType): JsonValue {
  switch (scalar) {
    case 'string':
    case 'bytes':
      return '';
    case 'bool':
      return false;
    case 'int32':
    case 'int64':
    case 'double':
    case 'intOrString':
      return 0;
    case 'quantity':
      return '0';
    case 'duration':
      return '0s';
    case 'time':
    case 'microTime':
    case 'rawExtension':
    case 'json':
    case 'schemaOrArray':
    case 'schemaOrBool':
    case 'schemaOrStringArray':
      return null;
    case 'fieldsV1':
      return EMPTY_OBJECT;
  }
}

export const EMPTY_OBJECT: JsonObject = {};

/** How Go names the kind of a JSON value in its errors. */
export function goKindOf(input: JsonValue): string {
  if (Array.isArray(input)) return 'array';
  switch (typeof input) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
      return 'number';
    default:
      return 'object';
  }
}

/** `literal`: how a number was written. */
export function goValueMismatch(input: JsonValue, goType: string, literal?: string): string {
  return `json: cannot unmarshal ${goValue(input, goType, literal)} into Go value of type ${goType}`;
}

/** Numbers are shown where the type is a number that they do not fit. */
export function goValue(input: JsonValue, goType: string, literal?: string): string {
  const isNumeric = /^(?:int|float)(?:32|64)$/.test(goType);
  return typeof input === 'number' && isNumeric ? `number ${literal ?? input}` : goKindOf(input);
}

/** How upstream's conversion of maps to structs refuses a value; it names no field. */
export function conversionMismatch(input: JsonValue, goType: string): string {
  const kind = conversionKind(input);
  if (goType.startsWith('[]')) return `cannot restore slice from ${kind}`;
  if (goType.startsWith('map[')) return `cannot restore map from ${kind}`;
  if (goType.includes('.')) return `cannot restore struct from: ${kind}`;
  const isNumber = goType.startsWith('int');
  const isConvertible = isNumber ? typeof input === 'number' : goType === 'string' && kind === 'int64';
  return isConvertible ? `cannot convert ${kind} to ${goType}` : `unrecognized type: ${goType}`;
}

function conversionKind(input: JsonValue): string {
  if (Array.isArray(input)) return 'slice';
  if (typeof input === 'number') return Number.isInteger(input) ? 'int64' : 'float64';
  return typeof input === 'object' ? 'map' : goKindOf(input);
}
