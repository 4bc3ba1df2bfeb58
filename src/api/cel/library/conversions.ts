/** Conversions between types. */

import {
  BOOL, BYTES, type CelType, DOUBLE, DURATION, INT, STRING, TIMESTAMP, UINT,
} from '../types/type.ts'; // prettier-ignore
import {
  INT_MAX,
  INT_MIN,
  type Int,
  intFromDouble,
  intOf,
  UINT_MAX,
  uintFromDouble,
  uintOf,
} from '../values/int.ts';
import { guardOf } from '../values/kind.ts';
import { utf8Decode, utf8Encode } from '../values/text.ts';
import {
  formatDuration,
  formatTimestamp,
  parseDuration,
  parseTimestamp,
  timestampOf,
} from '../values/time.ts';
import { CelError, type CelValue, Double, type Duration, type Timestamp, Uint } from '../values/value.ts';
import { fn, type FunctionDeclaration, global, type Library } from './declare.ts';

function refused(from: string, to: string): CelError {
  return new CelError(`type conversion error from '${from}' to '${to}'`);
}

function intFromText(text: string): Int {
  const value = /^[+-]?\d+$/.test(text) ? BigInt(text.replace(/^\+/, '')) : undefined;
  if (value === undefined || value < INT_MIN || value > INT_MAX) throw refused('string', 'int');
  return intOf(value);
}

function uintFromText(text: string): Uint {
  const value = /^\d+$/.test(text) ? BigInt(text) : undefined;
  if (value === undefined || value > UINT_MAX) throw refused('string', 'uint');
  return new Uint(value);
}

const NAMED_DOUBLES: Readonly<Record<string, number>> = {
  nan: NaN, inf: Infinity, '+inf': Infinity, '-inf': -Infinity, infinity: Infinity, '+infinity': Infinity,
  '-infinity': -Infinity,
}; // prettier-ignore

function doubleFromText(text: string): Double {
  const named = NAMED_DOUBLES[text.toLowerCase()];
  if (named !== undefined) return new Double(named);
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) throw refused('string', 'double');
  return new Double(Number(text));
}

function boolFromText(text: string): boolean {
  if (['true', 'TRUE', 'True', 't', '1'].includes(text)) return true;
  if (['false', 'FALSE', 'False', 'f', '0'].includes(text)) return false;
  throw refused('string', 'bool');
}

/** As Go prints the shortest text that reads back the same. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 6) {
    const sign = exponent < 0 ? '-' : '+';
    return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  // In this range JavaScript writes no exponent either, except for some of the small ones.
  return String(value).includes('e') ? smallDouble(value, mantissa, exponent) : String(value);
}

function smallDouble(value: number, mantissa: string, exponent: number): string {
  return `${value < 0 ? '-' : ''}0.${'0'.repeat(-exponent - 1)}${mantissa.replace(/[-.]/g, '')}`;
}

function textFromBytes(bytes: Uint8Array): string {
  const text = utf8Decode(bytes);
  if (text === undefined) throw new CelError('invalid UTF-8 in bytes, cannot convert to string');
  return text;
}

function timestampFromText(text: string): Timestamp {
  const moment = parseTimestamp(text);
  if (moment === undefined) throw refused('string', 'google.protobuf.Timestamp');
  return moment;
}

function durationFromText(text: string): Duration {
  const duration = parseDuration(text);
  if (duration === undefined) throw refused('string', 'google.protobuf.Duration');
  return duration;
}

type Conversion = readonly [id: string, from: CelType, convert: (value: never) => CelValue];

function conversion(name: string, to: CelType, ...all: readonly Conversion[]): FunctionDeclaration {
  const overloads = all.map(([id, from, convert]) =>
    global(id, [from], to, convert as (value: CelValue) => CelValue),
  );
  return fn(name, ...overloads);
}

function same(value: CelValue): CelValue {
  return value;
}

const TO_STRING: readonly Conversion[] = [
  ['string_to_string', STRING, same],
  ['bool_to_string', BOOL, (value: boolean) => String(value)],
  ['bytes_to_string', BYTES, textFromBytes],
  ['double_to_string', DOUBLE, (value: Double) => formatDouble(value.value)],
  ['int64_to_string', INT, (value: Int) => String(value)],
  ['uint64_to_string', UINT, (value: Uint) => String(value.value)],
  ['duration_to_string', DURATION, formatDuration],
  ['timestamp_to_string', TIMESTAMP, formatTimestamp],
];

const TO_STRING_GUARDS = TO_STRING.map(([, from, convert]) => ({
  fits: guardOf(from),
  convert: convert as (value: CelValue) => CelValue,
}));

/** What `string(value)` gives; undefined for what has no text. */
export function toText(value: CelValue): string | undefined {
  const found = TO_STRING_GUARDS.find(({ fits }) => fits(value));
  return found === undefined ? undefined : String(found.convert(value));
}

const CONVERSION_TO_STRING = conversion('string', STRING, ...TO_STRING);

export const CONVERSIONS: Library = {
  functions: [
    CONVERSION_TO_STRING,
    conversion('int', INT,
      ['int64_to_int64', INT, same],
      ['double_to_int64', DOUBLE, (value: Double) => intFromDouble(value.value)],
      ['uint64_to_int64', UINT, (value: Uint) => intOf(value.value)],
      ['string_to_int64', STRING, intFromText],
      ['timestamp_to_int64', TIMESTAMP, (value: Timestamp) => value.seconds],
      ['duration_to_int64', DURATION, (value: Duration) => intOf(value.nanos)]),
    conversion('uint', UINT,
      ['uint64_to_uint64', UINT, same],
      ['double_to_uint64', DOUBLE, (value: Double) => uintFromDouble(value.value)],
      ['int64_to_uint64', INT, (value: Int) => uintOf(BigInt(value))],
      ['string_to_uint64', STRING, uintFromText]),
    conversion('double', DOUBLE,
      ['double_to_double', DOUBLE, same],
      ['int64_to_double', INT, (value: Int) => new Double(Number(value))],
      ['uint64_to_double', UINT, (value: Uint) => new Double(Number(value.value))],
      ['string_to_double', STRING, doubleFromText]),
    conversion('bool', BOOL, ['bool_to_bool', BOOL, same], ['string_to_bool', STRING, boolFromText]),
    conversion('bytes', BYTES,
      ['bytes_to_bytes', BYTES, same],
      ['string_to_bytes', STRING, (value: string) => utf8Encode(value)]),
    conversion('timestamp', TIMESTAMP,
      ['timestamp_to_timestamp', TIMESTAMP, same],
      ['int64_to_timestamp', INT, (value: Int) => timestampOf(Number(value), 0)],
      ['string_to_timestamp', STRING, timestampFromText]),
    conversion('duration', DURATION,
      ['duration_to_duration', DURATION, same],
      ['string_to_duration', STRING, durationFromText]),
  ],
  macros: [],
}; // prettier-ignore
