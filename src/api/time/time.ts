/**
 * Times and durations as the API writes them: RFC 3339 in UTC with seconds (`metav1.Time`) or microseconds
 * (`metav1.MicroTime`), and Go's durations (`metav1.Duration`, `1h30m0s`).
 *
 * Inputs: texts as users write them, or numbers. Outputs: canonical texts; refusals carry Go's wording.
 */

import { assert } from '../../base/assert.ts';
import { flat } from '../../base/flat-text.ts';

/** The text as it is stored, or why it was refused. */
export type CanonicalText = { readonly text: string } | { readonly error: string };

const TIME_LAYOUT = '2006-01-02T15:04:05Z07:00';
const MICRO_LAYOUT = '2006-01-02T15:04:05.000000Z07:00';
const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/;
/** All but the 29th of February: that takes a calendar. */
const CANONICAL_TIME =
  /^\d{4}-((0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

/** What Go's zero time prints as; upstream reads and writes it as `null`. */
const ZERO_TIME = '0001-01-01T00:00:00Z';

export function canonicalTime(text: string): CanonicalText {
  if (CANONICAL_TIME.test(text)) return { text };
  const parsed = parse(text, TIME_LAYOUT);
  return 'error' in parsed ? parsed : { text: formatTime(parsed.ms) };
}

export function canonicalMicroTime(text: string): CanonicalText {
  const parsed = parse(text, MICRO_LAYOUT);
  if ('error' in parsed) return parsed;
  if (parsed.fraction.length !== 6) {
    const rest = text.slice(text.search(/[.,Z+]|-\d\d:\d\d$/));
    return { error: parseErrorText(text, MICRO_LAYOUT, rest, '.000000') };
  }
  return { text: `${formatTime(parsed.ms).slice(0, -1)}.${parsed.fraction}Z` };
}

/** True for the zero time, which stands for "not set". */
export function isZeroTime(text: string): boolean {
  return text.startsWith('0001-01-01T00:00:00') && (text === ZERO_TIME || /^[^.]*\.0+Z$/.test(text));
}

function parse(text: string, layout: string): { ms: number; fraction: string } | { error: string } {
  const match = RFC3339.exec(text);
  if (match === null) return { error: parseErrorText(text, layout, ...firstMismatch(text)) };
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const outOfRange = (what: string): { error: string } => ({
    error: `parsing time ${JSON.stringify(text)}: ${what} out of range`,
  });
  if (month < 1 || month > 12) return outOfRange('month');
  if (hour > 23) return outOfRange('hour');
  if (minute > 59) return outOfRange('minute');
  if (second > 59) return outOfRange('second');
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  if (day < 1 || date.getUTCDate() !== day) return outOfRange('day');
  const [, , , , , , , fraction = '', zone = 'Z'] = match;
  return { ms: date.getTime() - zoneMs(zone), fraction };
}

function zoneMs(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

const LAYOUT_STEPS: readonly (readonly [RegExp, string])[] = [
  [/^\d{4}/, '2006'], [/^-/, '-'], [/^\d\d/, '01'], [/^-/, '-'], [/^\d\d/, '02'], [/^T/, 'T'], [/^\d\d?/, '15'],
  [/^:/, ':'], [/^\d\d/, '04'], [/^:/, ':'], [/^\d\d(?:[.,]\d+)?/, '05'], [/^(?:Z|[+-]\d\d:\d\d)/, 'Z07:00'],
]; // prettier-ignore

function firstMismatch(text: string): [rest: string, wanted: string] {
  let rest = text;
  for (const [pattern, wanted] of LAYOUT_STEPS) {
    const found = pattern.exec(rest)?.[0];
    if (found === undefined) return [rest, wanted];
    rest = rest.slice(found.length);
  }
  return [rest, ''];
}

function parseErrorText(text: string, layout: string, rest: string, wanted: string): string {
  const head = `parsing time ${JSON.stringify(text)}`;
  if (wanted === '') return `${head}: extra text: ${JSON.stringify(rest)}`;
  return `${head} as "${layout}": cannot parse ${JSON.stringify(rest)} as "${wanted}"`;
}

/** A busy server writes some thousand times in the same second. */
let last = { second: 0, text: '1970-01-01T00:00:00Z' };

/** `2026-11-21T04:47:02Z` */
export function formatTime(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== last.second)
    last = { second, text: flat(`${new Date(second * 1000).toISOString().slice(0, -5)}Z`) };
  return last.text;
}

/** `2026-11-21T04:47:02.123000Z` */
export function formatMicroTime(ms: number): string {
  const whole = Math.floor(ms);
  const micros = Math.round((ms - whole) * 1000);
  const fraction = String(Math.min(micros, 999)).padStart(3, '0');
  return flat(`${new Date(whole).toISOString().slice(0, -1)}${fraction}Z`);
}

/** Milliseconds since 1970 of a time that the API has accepted. */
export function timeMs(text: string): number {
  const ms = Date.parse(text);
  assert(!Number.isNaN(ms), `not a time: ${text}`);
  return ms;
}

const UNIT_NANOS: Readonly<Record<string, bigint>> = {
  ns: 1n, us: 1_000n, 'µs': 1_000n, 'μs': 1_000n, ms: 1_000_000n, s: 1_000_000_000n, m: 60_000_000_000n, h: 3_600_000_000_000n,
}; // prettier-ignore
const INT64_MAX = 2n ** 63n - 1n;

/** Nanoseconds of a Go duration (`1h30m`, `-1.5s`, `0`), or Go's refusal. */
export function parseDuration(text: string): bigint | { readonly error: string } {
  const invalid = { error: `time: invalid duration ${JSON.stringify(text)}` };
  const body = text.replace(/^[+-]/, '');
  if (body === '0') return 0n;
  if (body === '') return invalid;
  let nanos = 0n;
  let rest = body;
  while (rest !== '') {
    const match = /^(\d*)(?:\.(\d*))?/.exec(rest);
    const [number = '', whole = '', fraction = ''] = match ?? [];
    if (whole === '' && fraction === '') return invalid;
    rest = rest.slice(number.length);
    const unit = /^[^.\d]+/.exec(rest)?.[0];
    if (unit === undefined) return { error: `time: missing unit in duration ${JSON.stringify(text)}` };
    const unitNanos = UNIT_NANOS[unit];
    if (unitNanos === undefined) {
      return { error: `time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}` };
    }
    nanos += (BigInt(whole + fraction) * unitNanos) / 10n ** BigInt(fraction.length);
    if (nanos > INT64_MAX) return invalid;
    rest = rest.slice(unit.length);
  }
  return text.startsWith('-') ? -nanos : nanos;
}

/** As Go prints it: `1h30m0s`, `1.5s`, `300ms`, `0s`. */
export function formatDuration(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  if (nanos < 0n) return `-${formatDuration(-nanos)}`;
  if (nanos < 1_000n) return `${nanos}ns`;
  if (nanos < 1_000_000n) return `${decimal(nanos, 3)}µs`;
  if (nanos < 1_000_000_000n) return `${decimal(nanos, 6)}ms`;
  const minutes = nanos / 60_000_000_000n;
  const seconds = `${decimal(nanos % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** `value` with its last `places` digits behind a point, trailing zeros dropped. */
function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return digits.slice(0, -places) + (fraction === '' ? '' : `.${fraction}`);
}

export function canonicalDuration(text: string): CanonicalText {
  const nanos = parseDuration(text);
  return typeof nanos === 'bigint' ? { text: formatDuration(nanos) } : nanos;
}
