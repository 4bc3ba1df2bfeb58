/** Time zones by name (`Europe/Berlin`), from the runtime's own data: local time of an instant, and back. */

/** What a clock on the wall shows; months from 1, days of the week from Sunday, which is 0. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly weekday: number;
}

const DAY = 86_400_000;
/** Days whose offset is remembered: a walk through a schedule asks for the same ones again and again. */
const DAYS_MAX = 100;

export class TimeZone {
  readonly #format: Intl.DateTimeFormat | undefined;
  /** Offsets of days, in Universal Time, on which the clock does not change. */
  readonly #days = new Map<number, number>();

  /** Without a format, Universal Time. */
  constructor(format: Intl.DateTimeFormat | undefined) {
    this.#format = format;
  }

  wallTime(ms: number): WallTime {
    const date = new Date(ms + this.#offsetMs(ms));
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      weekday: date.getUTCDay(),
    };
  }

  /**
   * The instant of a time on the wall; fields beyond their range carry over. A time that a change of the
   * clock skips is read by the clock before or after the change, one that it repeats is the first or the
   * second of the two: the guess of Go's `time.Date`, which starts from the instant of these digits in UTC.
   */
  instant(year: number, month: number, day: number, hour = 0): number {
    const digits = Date.UTC(year, month - 1, day, hour);
    const guess = digits - this.#offsetMs(digits);
    return digits - this.#offsetMs(guess);
  }

  #offsetMs(ms: number): number {
    if (this.#format === undefined) return 0;
    const day = Math.floor(ms / DAY);
    const known = this.#days.get(day);
    if (known !== undefined) return known;
    const [first, last] = [
      this.#readOffset(this.#format, day * DAY),
      this.#readOffset(this.#format, (day + 1) * DAY),
    ];
    if (first !== last) return this.#readOffset(this.#format, ms);
    if (this.#days.size >= DAYS_MAX) this.#days.clear();
    this.#days.set(day, first);
    return first;
  }

  #readOffset(format: Intl.DateTimeFormat, ms: number): number {
    const fields: { [type: string]: number } = {};
    for (const { type, value } of format.formatToParts(ms)) fields[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
    const local = Date.UTC(year, month - 1, day, hour, minute, second);
    return local - Math.floor(ms / 1000) * 1000;
  }
}

export const UTC = new TimeZone(undefined);

/** Undefined when there is no zone of that name, spelled so. */
export function openTimeZone(name: string): TimeZone | undefined {
  if (name === '' || /^[+-]/.test(name)) return undefined;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    const { timeZone } = format.resolvedOptions();
    const isMisspelled = timeZone !== name && timeZone.toLowerCase() === name.toLowerCase();
    return isMisspelled ? undefined : new TimeZone(format);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
