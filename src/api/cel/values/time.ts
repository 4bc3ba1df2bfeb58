/** Timestamps and durations: texts, arithmetic within the ranges of the language, calendar fields. Pure. */

import { CelError, Duration, Timestamp } from './value.ts';

const SECONDS_MIN = -62_135_596_800;
const SECONDS_MAX = 253_402_300_799;
const NANOS_PER_SECOND = 1_000_000_000n;
const DURATION_MAX = 2n ** 63n;

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?([Zz]|[+-]\d\d:\d\d)$/;

/** Of RFC 3339; undefined when the text is none or the moment lies outside of the years 1 to 9999. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  if (month < 1 || month > 12 || date.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) {
    return undefined;
  }
  const offset = zoneSeconds(match[8] ?? 'Z');
  const nanos = Number((match[7] ?? '').padEnd(9, '0').slice(0, 9));
  const seconds = date.getTime() / 1000 - offset;
  return isInRange(seconds) ? new Timestamp(seconds, nanos) : undefined;
}

function zoneSeconds(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const seconds = Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(4)) * 60;
  return zone.startsWith('-') ? -seconds : seconds;
}

function isInRange(seconds: number): boolean {
  return seconds >= SECONDS_MIN && seconds <= SECONDS_MAX;
}

export function timestampOf(seconds: number, nanos: number): Timestamp {
  if (!isInRange(seconds)) throw new CelError('timestamp overflow');
  return new Timestamp(seconds, nanos);
}

/** RFC 3339 in UTC, with as many digits of a second as it takes. */
export function formatTimestamp({ seconds, nanos }: Timestamp): string {
  const head = new Date(seconds * 1000).toISOString().slice(0, 19);
  if (nanos === 0) return `${head}Z`;
  return `${head}.${String(nanos).padStart(9, '0').replace(/0+$/, '')}Z`;
}

const DURATION_UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n, us: 1_000n, 'µs': 1_000n, 'μs': 1_000n, ms: 1_000_000n, s: NANOS_PER_SECOND,
  m: 60n * NANOS_PER_SECOND, h: 3600n * NANOS_PER_SECOND,
}; // prettier-ignore

/** Of Go's notation, `1h30m` or `-1.5s`; undefined when it is none or does not fit. */
export function parseDuration(text: string): Duration | undefined {
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  const rest = text.slice(sign.length);
  if (rest === '0') return new Duration(0n);
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined;
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(
    /(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g,
  )) {
    const scale = DURATION_UNITS[unit] ?? 0n;
    // More digits than this cannot change a nanosecond.
    const digits = fraction.slice(0, 18);
    nanos += BigInt(whole === '' ? '0' : whole) * scale;
    if (digits !== '') nanos += (BigInt(digits) * scale) / 10n ** BigInt(digits.length);
  }
  if (sign === '-') nanos = -nanos;
  return nanos >= -DURATION_MAX && nanos < DURATION_MAX ? new Duration(nanos) : undefined;
}

/** In seconds: `5400s`, `0.25s`. Long ones lose what a double cannot hold, as upstream's do. */
export function formatDuration({ nanos }: Duration): string {
  const seconds = Number(nanos / NANOS_PER_SECOND) + Number(nanos % NANOS_PER_SECOND) / 1e9;
  const shortest = String(seconds);
  if (!shortest.includes('e')) return `${shortest}s`;
  const positive = nanos < 0n ? -nanos : nanos;
  const fraction = (positive % NANOS_PER_SECOND).toString().padStart(9, '0').replace(/0+$/, '');
  const whole = (positive / NANOS_PER_SECOND).toString();
  return `${nanos < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}s`;
}

export function durationOf(nanos: bigint): Duration {
  if (nanos < -DURATION_MAX || nanos >= DURATION_MAX) throw new CelError('duration overflow');
  return new Duration(nanos);
}

function nanosOf({ seconds, nanos }: Timestamp): bigint {
  return BigInt(seconds) * NANOS_PER_SECOND + BigInt(nanos);
}

export function shiftTimestamp(moment: Timestamp, by: bigint): Timestamp {
  const nanos = nanosOf(moment) + by;
  const fraction = ((nanos % NANOS_PER_SECOND) + NANOS_PER_SECOND) % NANOS_PER_SECOND;
  return timestampOf(Number((nanos - fraction) / NANOS_PER_SECOND), Number(fraction));
}

export function between(later: Timestamp, earlier: Timestamp): Duration {
  return durationOf(nanosOf(later) - nanosOf(earlier));
}

export function compareTimestamps(a: Timestamp, b: Timestamp): number {
  return a.seconds - b.seconds || a.nanos - b.nanos;
}

/** The moment as the wall clock of a zone shows it, in the UTC fields of a date. */
export function wallClock({ seconds }: Timestamp, zone: string): Date {
  if (zone === '' || zone === 'UTC') return new Date(seconds * 1000);
  const offset = /^([+-]?)(\d\d?):(\d\d)$/.exec(zone);
  if (offset !== null) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3]);
    if (Number(offset[3]) > 59) {
      throw new CelError(`timezone offset minutes out of range [0, 59]: ${zone}`);
    }
    return new Date((seconds + (offset[1] === '-' ? -60 : 60) * minutes) * 1000);
  }
  return new Date(namedWallClockMs(seconds * 1000, zone));
}

function namedWallClockMs(ms: number, zone: string): number {
  const fields: Record<string, number> = {};
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone, hourCycle: 'h23', era: 'short', year: 'numeric', month: 'numeric', day: 'numeric',
      hour: 'numeric', minute: 'numeric', second: 'numeric',
    }); // prettier-ignore
    for (const { type, value } of format.formatToParts(new Date(ms))) fields[type] = Number(value);
  } catch (error) {
    if (error instanceof RangeError) throw new CelError(`unknown time zone ${zone}`, { cause: error });
    throw error;
  }
  const date = new Date(0);
  date.setUTCFullYear(fields['year'] ?? 0, (fields['month'] ?? 1) - 1, fields['day'] ?? 1);
  date.setUTCHours(fields['hour'] ?? 0, fields['minute'] ?? 0, fields['second'] ?? 0);
  return date.getTime();
}
