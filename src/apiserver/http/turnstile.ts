/**
 * Lets requests in, a few in each turn of the event loop, one of every waiting connection after the other.
 *
 * Whatever is to be fair about requests comes after they were read; but reading, deciding who asks and
 * answering what is short takes the same thread. Without this a connection that brings two hundred requests
 * at once has all of them answered before the socket of another one is even read.
 *
 * A turn is what another connection waits for: its request comes in with one, and its answer goes out with
 * the next. So while one connection floods beside another there are only as many requests in a turn as take
 * little time, by what the last ones took. Each turn has a price, though: among equals turns are long.
 *
 * Example, with two per turn: a brings 1 to 5, b brings 6. Turn one: 1, 2. Turn two: 3 of a, 6 of b.
 */

import { Unevenness } from './unevenness.ts';

const PER_TURN_MAX = 16;
const PER_TURN_MIN = 2;
/** What the requests of a short turn are to take together. */
const TURN_MS = 0.5;
/** How much the newest turn says about the next one. */
const NEWEST_PART = 0.1;

export class Turnstile {
  /** The connection whose turn is next comes first. */
  readonly #waiting = new Map<object, (() => void)[]>();
  readonly #monotonicMs: () => number;
  #started = 0;
  #isArmed = false;
  #perTurn = PER_TURN_MAX;
  readonly #unevenness = new Unevenness();
  /** What a request took of late, with everything else that its turn did. */
  #costMs = 0;
  #turnBeganMs = 0;

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /** Runs `start`, at once if nobody waits and this turn has room. */
  enter(connection: object, start: () => void): void {
    const now = this.#monotonicMs();
    this.#unevenness.note(connection, now);
    if (!this.#isArmed) this.#turnBeganMs = now;
    this.#arm();
    if (this.#waiting.size === 0 && this.#started < this.#perTurn) {
      this.#started++;
      return start();
    }
    const own = this.#waiting.get(connection);
    if (own === undefined) this.#waiting.set(connection, [start]);
    else own.push(start);
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isArmed = false;
    this.#learn();
    this.#started = 0;
    while (this.#started < this.#perTurn && this.#waiting.size > 0) {
      this.#arm();
      this.#started++;
      this.#next()?.();
    }
  }

  /** The event loop does not sleep while a turn is due, so what has passed since the last one was work. */
  #learn(): void {
    const now = this.#monotonicMs();
    if (this.#started > 0) {
      const costMs = (now - this.#turnBeganMs) / this.#started;
      this.#costMs += (costMs - this.#costMs) * NEWEST_PART;
    }
    this.#unevenness.look(now);
    const fitting = this.#unevenness.isUneven ? Math.floor(TURN_MS / this.#costMs) : PER_TURN_MAX;
    this.#perTurn = Math.max(PER_TURN_MIN, Math.min(PER_TURN_MAX, fitting));
    this.#turnBeganMs = now;
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
