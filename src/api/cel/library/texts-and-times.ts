/** The standard functions of strings, and the calendar fields of timestamps and durations. */

import { RE2JS, RE2JSException } from 're2js';
import { BOOL, DURATION, INT, STRING, TIMESTAMP } from '../types/type.ts';
import { intOf } from '../values/int.ts';
import { wallClock } from '../values/time.ts';
import { CelError, type Duration, type Timestamp } from '../values/value.ts';
import { fn, type FunctionDeclaration, type Library, onValue, withPattern } from './declare.ts';

/** A pattern in RE2's syntax, whose matching takes linear time. */
export function compilePattern(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new CelError(error.message, { cause: error });
  }
}

function matches(text: string, pattern: RE2JS): boolean {
  return pattern.matcher(text).find();
}

const MATCHES = fn(
  'matches',
  withPattern(
    { id: 'matches', isMember: false, args: [STRING, STRING], result: BOOL },
    compilePattern,
    matches,
  ),
  withPattern(
    { id: 'matches_string', isMember: true, args: [STRING, STRING], result: BOOL },
    compilePattern,
    matches,
  ),
);

const TEXTS: readonly FunctionDeclaration[] = [
  fn('contains', onValue('contains_string', [STRING, STRING], BOOL, (text: string, part: string) => text.includes(part))),
  fn('startsWith', onValue('starts_with_string', [STRING, STRING], BOOL, (text: string, part: string) => text.startsWith(part))),
  fn('endsWith', onValue('ends_with_string', [STRING, STRING], BOOL, (text: string, part: string) => text.endsWith(part))),
  MATCHES,
]; // prettier-ignore

function field(
  name: string,
  id: string,
  ofTimestamp: (wall: Date, moment: Timestamp) => number,
  ofDuration?: (nanos: bigint) => bigint,
): FunctionDeclaration {
  const inZone = (moment: Timestamp, zone: string): number => ofTimestamp(wallClock(moment, zone), moment);
  const overloads = [
    onValue(`timestamp_to_${id}`, [TIMESTAMP], INT, (moment: Timestamp) => inZone(moment, 'UTC')),
    onValue(`timestamp_to_${id}_with_tz`, [TIMESTAMP, STRING], INT, inZone),
  ];
  if (ofDuration !== undefined) {
    const evaluate = ({ nanos }: Duration): number | bigint => intOf(ofDuration(nanos));
    overloads.push(onValue(`duration_to_${id}`, [DURATION], INT, evaluate));
  }
  return fn(name, ...overloads);
}

const DAY_MS = 86_400_000;
const SECOND = 1_000_000_000n;

function dayOfYear(date: Date): number {
  const start = new Date(date);
  start.setUTCMonth(0, 1);
  return Math.floor((date.getTime() - start.getTime()) / DAY_MS);
}

const TIMES: readonly FunctionDeclaration[] = [
  field('getFullYear', 'year', (date) => date.getUTCFullYear()),
  field('getMonth', 'month', (date) => date.getUTCMonth()),
  field('getDayOfYear', 'day_of_year', dayOfYear),
  field('getDayOfMonth', 'day_of_month', (date) => date.getUTCDate() - 1),
  field('getDate', 'day_of_month_1_based', (date) => date.getUTCDate()),
  field('getDayOfWeek', 'day_of_week', (date) => date.getUTCDay()),
  field('getHours', 'hours', (date) => date.getUTCHours(), (nanos) => nanos / (3600n * SECOND)),
  field('getMinutes', 'minutes', (date) => date.getUTCMinutes(), (nanos) => nanos / (60n * SECOND)),
  field('getSeconds', 'seconds', (date) => date.getUTCSeconds(), (nanos) => nanos / SECOND),
  field('getMilliseconds', 'milliseconds', (_, { nanos }) => Math.floor(nanos / 1_000_000), (nanos) => nanos / 1_000_000n),
]; // prettier-ignore

export const TEXTS_AND_TIMES: Library = { functions: [...TEXTS, ...TIMES], macros: [] };
