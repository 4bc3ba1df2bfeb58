/** `'%s has %d'.format([name, count])`: the clauses `%s %d %f %e %b %x %X %o`. */

import { typeName } from '../types/type.ts';
import { typeOf } from '../values/kind.ts';
import { compareText, quoteGo, utf8Encode } from '../values/text.ts';
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
  Timestamp,
  TypeValue,
  Uint,
} from '../values/value.ts';
import { toText } from './conversions.ts';

const PRECISION_DEFAULT = 6;
/** What JavaScript can print; more would be zeros. */
const PRECISION_MAX = 100;

export function formatText(template: string, args: ListValue): string {
  let index = 0;
  return template.replace(/%%|%(\.\d*)?([^]?)/gu, (clause, precision: string | undefined, letter: string) => {
    if (clause === '%%') return '%';
    if (index >= args.length) throw new CelError(`index ${index} out of range`);
    if (letter === '') throw new CelError('unexpected end of string');
    return formatClause(letter, readPrecision(precision), itemAt(args, index++));
  });
}

function readPrecision(text: string | undefined): number {
  if (text === undefined) return PRECISION_DEFAULT;
  const precision = text === '.' ? NaN : Number(text.slice(1));
  if (!Number.isFinite(precision)) {
    throw unparsed('error while parsing precision: error while converting precision to integer');
  }
  if (precision > PRECISION_MAX) {
    throw unparsed(`precision ${precision} exceeds maximum allowed precision ${PRECISION_MAX}`);
  }
  return precision;
}

function unparsed(why: string): CelError {
  return new CelError(`could not parse formatting clause: ${why}`);
}

function formatClause(letter: string, precision: number, value: CelValue): string {
  switch (letter) {
    case 's':
      return formatString(value);
    case 'd':
      return formatDecimal(value);
    case 'f':
      return formatFixed(value, precision);
    case 'e':
      return formatScientific(value, precision);
    case 'b':
      return formatBinary(value);
    case 'x':
    case 'X':
      return formatHex(value, letter === 'X');
    case 'o':
      return formatOctal(value);
    default:
      throw unparsed(`unrecognized formatting clause "${letter}"`);
  }
}

function refuse(rule: string, value: CelValue): never {
  throw new CelError(`error during formatting: ${rule}, was given ${typeName(typeOf(value))}`);
}

const STRING_RULE =
  'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps';

function formatString(value: CelValue): string {
  if (value === null) return 'null';
  if (value instanceof Double) return formatSpecial(value.value) ?? toText(value) ?? '';
  if (value instanceof TypeValue) return typeName(value.type);
  if (isList(value)) return `[${itemsOf(value).map(formatInner).join(', ')}]`;
  if (value instanceof MapValue) return formatMap(value);
  return toText(value) ?? refuse(STRING_RULE, value);
}

function formatSpecial(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? undefined : value > 0 ? 'Infinity' : '-Infinity';
}

/** Within a list or a map. */
function formatInner(value: CelValue): string {
  if (typeof value === 'string') return quoteGo(value);
  if (value instanceof Uint8Array) return `b${quoteGo(toText(value) ?? '')}`;
  if (value instanceof Timestamp) return `timestamp(${quoteGo(toText(value) ?? '')})`;
  if (value instanceof Duration) return `duration(${quoteGo(toText(value) ?? '')})`;
  if (value instanceof Double) {
    const special = formatSpecial(value.value);
    return special === undefined ? value.value.toFixed(PRECISION_DEFAULT) : quoteGo(special);
  }
  return formatString(value);
}

function formatMap(map: MapValue): string {
  const entries = map.keys().map((key) => {
    if (key === null || (typeof key === 'object' && !(key instanceof Uint))) {
      return refuse('no formatting function for map key', key);
    }
    return [formatInner(key), formatInner(map.get(key) ?? null)] as const;
  });
  const sorted = entries.toSorted(([a], [b]) => compareText(a, b));
  return `{${sorted.map(([key, value]) => `${key}:${value}`).join(', ')}}`;
}

function formatDecimal(value: CelValue): string {
  if (isInt(value)) return String(value);
  return value instanceof Uint
    ? String(value.value)
    : refuse('decimal clause can only be used on integers', value);
}

const SPECIAL_TEXTS: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity };

function doubleOf(value: CelValue, clause: string): number {
  if (value instanceof Double) return value.value;
  const special = typeof value === 'string' ? SPECIAL_TEXTS[value] : undefined;
  return special ?? refuse(`${clause} clause can only be used on doubles`, value);
}

const SIGNS: Readonly<Record<string, string>> = { NaN: 'NaN', Infinity: '∞', '-Infinity': '-∞' };

function formatFixed(value: CelValue, precision: number): string {
  const double = doubleOf(value, 'fixed-point');
  const special = formatSpecial(double);
  if (special !== undefined) return SIGNS[special] ?? special;
  // In US English, upstream's locale, digits stand in groups of three.
  const [whole = '', fraction] = fixedText(double, precision).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** As `toFixed`, but what lies halfway becomes even, as Go has it. */
function fixedText(double: number, precision: number): string {
  const sign = double < 0 || Object.is(double, -0) ? '-' : '';
  const positive = Math.abs(double);
  const rounded = positive.toFixed(precision);
  // Beyond this JavaScript changes to another notation, and doubles have no fraction.
  if (positive >= 1e21)
    return sign + BigInt(positive).toString() + (precision > 0 ? `.${'0'.repeat(precision)}` : '');
  const exact = positive.toFixed(PRECISION_MAX);
  const cut = exact.length - PRECISION_MAX + precision;
  const isHalfway = precision < PRECISION_MAX && /^50*$/.test(exact.slice(cut));
  const truncated = exact.slice(0, cut).replace(/\.$/, '');
  return sign + (isHalfway && /[02468]$/.test(truncated) ? truncated : rounded);
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

function formatScientific(value: CelValue, precision: number): string {
  const double = doubleOf(value, 'scientific');
  const special = formatSpecial(double);
  if (special !== undefined) return SIGNS[special] ?? special;
  const [mantissa = '', exponent = '0'] = double.toExponential(precision).split('e');
  const digits = Math.abs(Number(exponent)).toString().padStart(2, '0');
  const raised = Array.from(digits, (digit) => SUPERSCRIPTS[Number(digit)] ?? '').join('');
  return `${mantissa}\u202f×\u202f10${exponent.startsWith('-') ? '⁻' : ''}${raised}`;
}

function formatBinary(value: CelValue): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return inBase(value, 2) ?? refuse('only integers and bools can be formatted as binary', value);
}

function formatOctal(value: CelValue): string {
  return inBase(value, 8) ?? refuse('octal clause can only be used on integers', value);
}

function inBase(value: CelValue, base: number): string | undefined {
  if (isInt(value)) return value.toString(base);
  return value instanceof Uint ? value.value.toString(base) : undefined;
}

function formatHex(value: CelValue, isUpper: boolean): string {
  const bytes = typeof value === 'string' ? utf8Encode(value) : value;
  const rule = 'only integers, byte buffers, and strings can be formatted as hex';
  const hex =
    bytes instanceof Uint8Array
      ? Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
      : (inBase(bytes, 16) ?? refuse(rule, value));
  return isUpper ? hex.toUpperCase() : hex;
}
