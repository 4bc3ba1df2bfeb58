/**
 * Lets requests in, a few in each turn of the event loop, one of every waiting connection after the other.
 *
 * Whatever is to be fair about requests comes after they were read; but reading, deciding who asks and
 * answering what is short takes the same thread. Without this a connection that brings two hundred requests
 * at once has all of them answered before the socket of another one is even read.
 *
 * Example, with two per turn: a brings 1 to 5, b brings 6. Turn one: 1, 2. Turn two: 3 of a, 6 of b.
 */

/** Each takes some ten to hundred microseconds: together they are what another connection waits for. */
const PER_TURN = 16;

export class Turnstile {
  /** The connection whose turn is next comes first. */
  readonly #waiting = new Map<object, (() => void)[]>();
  #started = 0;
  #isArmed = false;

  /** Runs `start`, at once if nobody waits and this turn has room. */
  enter(connection: object, start: () => void): void {
    this.#arm();
    if (this.#waiting.size === 0 && this.#started < PER_TURN) {
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
    this.#started = 0;
    while (this.#started < PER_TURN && this.#waiting.size > 0) {
      this.#arm();
      this.#started++;
      this.#next()?.();
    }
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
