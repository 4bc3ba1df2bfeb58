/**
 * Lets requests in, a few in each turn of the event loop, one of every waiting connection after the other.
 *
 * Whatever is to be fair about requests comes after they were read; but reading, deciding who asks and
 * answering what is short takes the same thread. Without this a connection that brings two hundred requests
 * at once has all of them answered before the socket of another one is even read.
 *
 * A turn is what another connection waits for: its request comes in with one, and its answer goes out with
 * the next. So while one connection floods beside another there are only as many of its requests in a turn as
 * take little time, by what the last ones took. Each turn has a price, though: among equals turns are long.
 * And where controllers and the scheduler make them long, fewer requests would hardly make them shorter, and
 * who is behind would never catch up: while they write so much that they wait for turns themselves, requests
 * have as much of each.
 *
 * Example, with two per turn: a brings 1 to 5, b brings 6. At once: 1 and 2 of a, 6 of b. Next turn: 3 and 4.
 */

import { Unevenness } from './unevenness.ts';

const PER_TURN_MAX = 16;
const PER_TURN_MIN = 2;
/** What a flood's requests may take in a turn: so much of what everything else in it takes, between these. */
const PART_OF_OTHERS = 0.5;
const TURN_MIN_MS = 0.3;
const TURN_MAX_MS = 3;
/** And of whoever waits, where what components in this process write waits as well. */
const SHARED_TURN_MAX_MS = 10;
const SHARED_TURN_MAX = 48;
/** How much the newest turn says about the next one. */
const NEWEST_PART = 0.1;

export class Turnstile {
  /** The connection whose turn is next comes first. */
  readonly #waiting = new Map<object, (() => void)[]>();
  readonly #monotonicMs: () => number;
  readonly #writesWait: () => boolean;
  #isArmed = false;
  readonly #unevenness = new Unevenness();
  /** In this turn, of connections of which nobody waits. */
  #startedAtOnce = 0;
  /** In this turn, of those who waited. */
  #started = 0;
  #startedAtMs = 0;
  #learnedAtMs = 0;
  /** Whether the event loop has not slept since then. */
  #goesOn = false;
  /** What a request took of late, up to where it first waited for something. */
  #costMs = 0;
  /** What everything else in a turn took of late. */
  #othersMs = 0;

  /** `writesWait`: whether what components in this process write waits for turns, too. */
  constructor(monotonicMs: () => number, writesWait: () => boolean) {
    this.#monotonicMs = monotonicMs;
    this.#writesWait = writesWait;
  }

  get isAnyoneWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Runs `start`: at once if this turn has room for one who is no flood, in a later turn otherwise. */
  enter(connection: object, start: () => void): void {
    this.#unevenness.note(connection, this.#monotonicMs());
    this.#arm();
    const own = this.#waiting.get(connection);
    if (own !== undefined) own.push(start);
    else if (this.#startedAtOnce < PER_TURN_MAX && !this.#unevenness.isFlood(connection)) {
      this.#startedAtOnce++;
      start();
    } else this.#waiting.set(connection, [start]);
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    setImmediate(() => this.#turn());
    // Comes right after it, when all that it started waits for something.
    setImmediate(() => this.#learn());
  }

  #turn(): void {
    this.#isArmed = false;
    this.#startedAtOnce = 0;
    this.#startedAtMs = this.#monotonicMs();
    if (this.#goesOn) this.#othersMs = fresher(this.#othersMs, this.#startedAtMs - this.#learnedAtMs);
    const room = this.#room();
    for (this.#started = 0; this.#started < room && this.#waiting.size > 0; this.#started++) this.#next()?.();
    this.#goesOn = this.#waiting.size > 0;
    if (this.#goesOn) this.#arm();
  }

  #room(): number {
    this.#unevenness.look(this.#startedAtMs);
    const usual = this.#usualRoom();
    if (!this.#writesWait()) return usual;
    const turnMs = Math.min(SHARED_TURN_MAX_MS, this.#othersMs);
    return Math.max(usual, Math.min(SHARED_TURN_MAX, Math.floor(turnMs / this.#costMs)));
  }

  #usualRoom(): number {
    if (!this.#unevenness.isUneven) return PER_TURN_MAX;
    const turnMs = Math.max(TURN_MIN_MS, Math.min(TURN_MAX_MS, this.#othersMs * PART_OF_OTHERS));
    return Math.max(PER_TURN_MIN, Math.min(PER_TURN_MAX, Math.floor(turnMs / this.#costMs)));
  }

  #learn(): void {
    this.#learnedAtMs = this.#monotonicMs();
    if (this.#started === 0) return;
    this.#costMs = fresher(this.#costMs, (this.#learnedAtMs - this.#startedAtMs) / this.#started);
  }

  #next(): (() => void) | undefined {
    for (const [connection, own] of this.#waiting) {
      const start = own.shift();
      this.#waiting.delete(connection);
      if (own.length > 0) this.#waiting.set(connection, own);
      return start;
    }
    return undefined;
  }
}

function fresher(average: number, newest: number): number {
  return average + (newest - average) * NEWEST_PART;
}
