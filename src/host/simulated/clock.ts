/**
 * Virtual time. Nothing happens until a test calls `advance`; then timers fire in the order of their due
 * times (ties: in the order they were set), and between two of them everything that became runnable runs.
 *
 * Example: with timers due at 10 and 30, `advance(40)` sets the time to 10, fires the first, settles, sets it
 * to 30 (or earlier, if the first one set a timer due before), fires, settles, and ends at 40.
 */

import { assert } from '../../base/assert.ts';
import { Heap } from '../../base/heap.ts';
import { turnsWaiting } from '../../base/turn.ts';
import type { Clock, Timer } from '../host.ts';

/** Event loop turns to wait after each timer: a chain of promises needs one, code that yields a few. */
const SETTLE_TURNS = 3;
/** More turns of immediate work than this without time moving is a livelock. */
const SETTLE_TURNS_MAX = 100_000;

interface Alarm {
  readonly dueMs: number;
  readonly order: number;
  run: (() => void) | undefined;
}

export class SimulatedClock implements Clock {
  readonly #alarms = new Heap<Alarm>(
    (a, b) => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order),
  );
  #elapsedMs = 0;
  #wallOffsetMs: number;
  #order = 0;
  #cancelled = 0;
  #immediates = 0;
  #advancing = false;

  constructor(startMs: number) {
    this.#wallOffsetMs = startMs;
  }

  now(): number {
    return this.#wallOffsetMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, run: () => void): Timer {
    if (delayMs <= 0) return this.#immediately(run);
    const alarm: Alarm = { dueMs: this.#elapsedMs + delayMs, order: this.#order++, run };
    this.#alarms.push(alarm);
    return { cancel: () => this.#cancel(alarm) };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const finish = (): void => {
        timer.cancel();
        signal?.removeEventListener('abort', finish);
        resolve();
      };
      const timer = this.after(delayMs, finish);
      signal?.addEventListener('abort', finish, { once: true });
    });
  }

  /** Moves time forward, by milliseconds or by a duration such as `1h30m` or `400d`. */
  async advance(by: number | string): Promise<void> {
    assert(!this.#advancing, 'advance called while time is already advancing');
    this.#advancing = true;
    try {
      const end = this.#elapsedMs + (typeof by === 'number' ? by : durationMs(by));
      await this.settle();
      for (let next = this.#nextAlarm(); next !== undefined && next.dueMs <= end; next = this.#nextAlarm()) {
        this.#alarms.pop();
        this.#elapsedMs = next.dueMs;
        const { run } = next;
        next.run = undefined;
        run?.();
        await this.settle();
      }
      this.#elapsedMs = end;
    } finally {
      this.#advancing = false;
    }
  }

  /** Lets promises and immediate work run to rest without moving time. */
  async settle(): Promise<void> {
    for (let turn = 0, quiet = 0; quiet < SETTLE_TURNS; turn++) {
      assert(turn < SETTLE_TURNS_MAX, `still busy after ${SETTLE_TURNS_MAX} turns at ${this.#elapsedMs} ms`);
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.#immediates > 0 || turnsWaiting() > 0 ? 0 : quiet + 1;
    }
  }

  /** Wall time at which the next timer is due; undefined when none is set. */
  nextTimerAt(): number | undefined {
    const next = this.#nextAlarm();
    return next === undefined ? undefined : this.#wallOffsetMs + next.dueMs;
  }

  /** Shifts wall time against monotonic time, as an administrator or NTP does. Timers are not affected. */
  jumpWallTime(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  #immediately(run: () => void): Timer {
    this.#immediates++;
    let pending = true;
    const finish = (): boolean => {
      if (!pending) return false;
      pending = false;
      this.#immediates--;
      return true;
    };
    setImmediate(() => {
      if (finish()) run();
    });
    return { cancel: () => void finish() };
  }

  #cancel(alarm: Alarm): void {
    if (alarm.run === undefined) return;
    alarm.run = undefined;
    this.#cancelled++;
    // Cancelled alarms leave when they come up, or here once they are the majority.
    if (this.#cancelled * 2 > this.#alarms.size + 16) {
      this.#alarms.retain((a) => a.run !== undefined);
      this.#cancelled = 0;
    }
  }

  #nextAlarm(): Alarm | undefined {
    for (let next = this.#alarms.peek(); next !== undefined; next = this.#alarms.peek()) {
      if (next.run !== undefined) return next;
      this.#alarms.pop();
      this.#cancelled--;
    }
    return undefined;
  }
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3 };

/** The milliseconds of `1h30m`, `400d`, `1.5s`, `20ms`. */
export function durationMs(text: string): number {
  assert(/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text), `not a duration: ${text}`);
  let total = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (UNIT_MS[unit] ?? 0);
  }
  return total;
}
