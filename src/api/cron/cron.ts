/**
 * Schedules of CronJobs: the five fields of cron (`0,30 9-17/2 * jan-jun mon-fri`), `@hourly` and its
 * kin, and `@every 90m`. Grammar, wording of errors and meaning are those of the library that upstream uses
 * (`robfig/cron`, `ParseStandard`), because stored schedules must mean the same here.
 *
 * Inputs: texts; times as milliseconds. Outputs: a parsed schedule, or why the text is none. Pure.
 * `next-time.ts` tells when a schedule is due.
 */

import { parseDuration } from '../time/time.ts';

export type CronSchedule =
  /** The given time after each start. */
  { readonly type: 'every'; readonly intervalMs: number } | ({ readonly type: 'fields' } & CronFields);

export interface CronFields {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  /** Of the month, from 1. */
  readonly days: ReadonlySet<number>;
  /** From 1. */
  readonly months: ReadonlySet<number>;
  /** From Sunday, which is 0. */
  readonly weekdays: ReadonlySet<number>;
  /** Day of the month and day of the week must both fit when one of them is `*`, else one of the two. */
  readonly needsBothDays: boolean;
}

export type CronOutcome =
  | { readonly ok: true; readonly schedule: CronSchedule }
  | { readonly ok: false; readonly error: string };

interface Bounds {
  readonly min: number;
  readonly max: number;
  /** Names of the values, the first for `min`. */
  readonly names: readonly string[];
}

const MINUTES: Bounds = { min: 0, max: 59, names: [] };
const HOURS: Bounds = { min: 0, max: 23, names: [] };
const DAYS: Bounds = { min: 1, max: 31, names: [] };
const MONTHS: Bounds = {
  min: 1,
  max: 12,
  names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
};
const WEEKDAYS: Bounds = { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] };

const DESCRIPTORS: { readonly [name: string]: string } = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const EVERY = '@every ';
const SECOND_NANOS = 1_000_000_000n;

class CronSyntaxError extends Error {
  override readonly name = 'CronSyntaxError';
}

const ZONE = /^(?:CRON_)?TZ=(\S*)\s+(.*)$/;

/** `TZ=Asia/Tokyo 0 9 * * *`, as schedules could be written before they had a field for their zone. */
export function zoneInSchedule(text: string): { readonly zone: string | undefined; readonly rest: string } {
  const [, zone, rest = text] = ZONE.exec(text) ?? [];
  return { zone, rest };
}

export function parseCron(text: string): CronOutcome {
  try {
    return { ok: true, schedule: parse(text) };
  } catch (error) {
    if (error instanceof CronSyntaxError) return { ok: false, error: error.message };
    throw error;
  }
}

function parse(text: string): CronSchedule {
  if (text === '') throw new CronSyntaxError('empty spec string');
  if (/^(CRON_)?TZ=/.test(text)) throw new CronSyntaxError('a time zone cannot be part of the schedule');
  if (text.startsWith(EVERY)) return parseInterval(text.slice(EVERY.length));
  if (!text.startsWith('@')) return parseFields(text);
  const fields = DESCRIPTORS[text];
  if (fields === undefined) throw new CronSyntaxError(`unrecognized descriptor: ${text}`);
  return parseFields(fields);
}

/** Whole seconds, and at least one. */
function parseInterval(text: string): CronSchedule {
  const nanos = parseDuration(text);
  if (typeof nanos !== 'bigint') {
    throw new CronSyntaxError(`failed to parse duration ${EVERY}${text}: ${nanos.error}`);
  }
  const seconds = nanos < SECOND_NANOS ? 1n : nanos / SECOND_NANOS;
  return { type: 'every', intervalMs: Number(seconds) * 1000 };
}

function parseFields(text: string): CronSchedule {
  const fields = text.split(/\s+/).filter((field) => field !== '');
  const [minutes, hours, days, months, weekdays] = fields;
  const isComplete = minutes !== undefined && hours !== undefined && days !== undefined;
  if (!isComplete || months === undefined || weekdays === undefined || fields.length > 5) {
    const found = `found ${fields.length}: [${fields.join(' ')}]`;
    throw new CronSyntaxError(`expected exactly 5 fields, ${found}`);
  }
  const [day, weekday] = [parseField(days, DAYS), parseField(weekdays, WEEKDAYS)];
  return {
    type: 'fields',
    minutes: parseField(minutes, MINUTES).values,
    hours: parseField(hours, HOURS).values,
    days: day.values,
    months: parseField(months, MONTHS).values,
    weekdays: weekday.values,
    needsBothDays: day.isAny || weekday.isAny,
  };
}

interface Field {
  readonly values: ReadonlySet<number>;
  /** Whether one of its parts is `*` (or `?`) of every value. */
  readonly isAny: boolean;
}

function parseField(text: string, bounds: Bounds): Field {
  const values = new Set<number>();
  let isAny = false;
  for (const part of text.split(',')) {
    if (part === '') continue;
    const range = parseRange(part, bounds);
    for (let value = range.start; value <= range.end; value += range.step) values.add(value);
    isAny ||= range.isAny;
  }
  return { values, isAny };
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly isAny: boolean;
}

/** `*`, `*` with a step, `5`, `5/10` (from 5 on), `5-15`, `5-15/5`; names stand for numbers. */
function parseRange(text: string, bounds: Bounds): Range {
  const fail = (why: string): never => {
    throw new CronSyntaxError(`${why}: ${text}`);
  };
  const [ends = '', stepText, ...moreSteps] = text.split('/');
  const [low = '', high, ...moreEnds] = ends.split('-');
  const isStar = low === '*' || low === '?';
  if (!isStar && moreEnds.length > 0) fail('too many hyphens');
  const start = isStar ? bounds.min : parseValue(low, bounds);
  let end = isStar ? bounds.max : high === undefined ? start : parseValue(high, bounds);
  if (moreSteps.length > 0) fail('too many slashes');
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  if (stepText !== undefined && high === undefined) end = bounds.max;
  if (start < bounds.min) fail(`beginning of range (${start}) below minimum (${bounds.min})`);
  if (end > bounds.max) fail(`end of range (${end}) above maximum (${bounds.max})`);
  if (start > end) fail(`beginning of range (${start}) beyond end of range (${end})`);
  if (step === 0) fail('step of range should be a positive number');
  return { start, end, step, isAny: isStar && step === 1 };
}

function parseValue(text: string, { min, names }: Bounds): number {
  const index = names.indexOf(text.toLowerCase());
  return index < 0 ? parseNumber(text) : index + min;
}

function parseNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    const why = `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
    throw new CronSyntaxError(`failed to parse int from ${text}: ${why}`);
  }
  const value = Number(text);
  if (value < 0) throw new CronSyntaxError(`negative number (${value}) not allowed: ${text}`);
  return value;
}
