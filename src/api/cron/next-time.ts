/**
 * When a schedule is due next. The walk is that of upstream's library, so that changes of the clock have the
 * same effect: a time that is skipped in spring is skipped, one that comes twice in autumn is due twice.
 *
 * Example: `30 2 * * *` after Saturday 12:00, on the eve of summer time. Month and day fit; hours pass until
 * midnight, so the walk begins again with Sunday; on Sunday the hours go 0, 1, 3, … and none is 2; the next
 * midnight begins Monday, whose 2:30 is the answer.
 */

import type { CronFields, CronSchedule } from './cron.ts';
import type { TimeZone, WallTime } from './time-zone.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** A schedule that is never due in so long (30 February) never is. */
const YEARS_MAX = 5;

/** The first time after `afterMs`, in whole seconds; undefined when there is none. */
export function nextTime(schedule: CronSchedule, afterMs: number, zone: TimeZone): number | undefined {
  if (schedule.type === 'every') {
    return Math.floor(afterMs / SECOND) * SECOND + schedule.intervalMs;
  }
  const walk = new Walk(schedule, (Math.floor(afterMs / SECOND) + 1) * SECOND, zone);
  const lastYear = walk.wall.year + YEARS_MAX;
  while (walk.wall.year <= lastYear) {
    const fits = walk.month() && walk.day() && walk.hour() && walk.minute() && walk.second();
    if (fits) return walk.ms;
  }
  return undefined;
}

/**
 * Each step moves on until its field fits, and says whether it got there without passing into the next larger
 * unit, whose field then has to be looked at again. Before the first move everything smaller is set to its
 * beginning, once.
 */
class Walk {
  readonly #fields: CronFields;
  readonly #zone: TimeZone;
  #isAligned = false;
  ms: number;
  wall: WallTime;

  constructor(fields: CronFields, ms: number, zone: TimeZone) {
    this.#fields = fields;
    this.#zone = zone;
    this.ms = ms;
    this.wall = zone.wallTime(ms);
  }

  month(): boolean {
    while (!this.#fields.months.has(this.wall.month)) {
      const { year, month } = this.wall;
      this.#moveTo(this.#zone.instant(year, month + 1, 1));
      if (this.wall.month === 1) return false;
    }
    return true;
  }

  day(): boolean {
    while (!this.#fitsDay()) {
      const { year, month, day } = this.wall;
      this.#moveTo(this.#zone.instant(year, month, day + 1));
      // Where the clock changes at midnight there may be none.
      const { hour } = this.wall;
      if (hour !== 0) this.#moveTo(this.ms + (hour > 12 ? 24 - hour : -hour) * HOUR);
      if (this.wall.day === 1) return false;
    }
    return true;
  }

  hour(): boolean {
    while (!this.#fields.hours.has(this.wall.hour)) {
      const { year, month, day, hour } = this.wall;
      const start = this.#isAligned ? this.ms : this.#zone.instant(year, month, day, hour);
      this.#moveTo(start + HOUR);
      if (this.wall.hour === 0) return false;
    }
    return true;
  }

  minute(): boolean {
    while (!this.#fields.minutes.has(this.wall.minute)) {
      this.#moveTo((Math.floor(this.ms / MINUTE) + 1) * MINUTE);
      if (this.wall.minute === 0) return false;
    }
    return true;
  }

  second(): boolean {
    const { second } = this.wall;
    if (second === 0) return true;
    this.#moveTo(this.ms + (60 - second) * SECOND);
    return false;
  }

  #moveTo(ms: number): void {
    this.#isAligned = true;
    this.ms = ms;
    this.wall = this.#zone.wallTime(ms);
  }

  #fitsDay(): boolean {
    const { days, weekdays, needsBothDays } = this.#fields;
    const [day, weekday] = [days.has(this.wall.day), weekdays.has(this.wall.weekday)];
    return needsBothDays ? day && weekday : day || weekday;
  }
}
