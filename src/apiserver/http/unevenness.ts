/**
 * Whether somebody asks little beside somebody who asks much: then, and only then, is it worth its price that
 * the little one waits for short turns.
 *
 * Requests are counted by connection, and a count fades: equals that come in bursts have counts alike.
 */

/** In which a count fades to a third. */
const FADING_MS = 200;
/** Who asked nothing for so long is not there. */
const PRESENT_MS = 100;
/** Who has asked so many times as often as another is a flood to it. */
const FLOOD_TIMES = 4;
/** Fewer than that are no flood to anybody. */
const FLOOD_MIN = 16;
const LOOK_EVERY_MS = 10;

interface Asker {
  count: number;
  atMs: number;
}

export class Unevenness {
  #isUneven = false;
  /** Whoever asked more is a flood to somebody. */
  #floodFrom = Number.POSITIVE_INFINITY;
  readonly #askers = new WeakMap<object, Asker>();
  /** Those present, without their connections, which are not to be kept. */
  #present = new Set<Asker>();
  #lookedMs = 0;

  get isUneven(): boolean {
    return this.#isUneven;
  }

  /** Whether it asks much beside one who asks little. */
  isFlood(connection: object): boolean {
    return (this.#askers.get(connection)?.count ?? 0) >= this.#floodFrom;
  }

  note(connection: object, nowMs: number): void {
    let asker = this.#askers.get(connection);
    if (asker === undefined) {
      asker = { count: 0, atMs: nowMs };
      this.#askers.set(connection, asker);
    }
    asker.count = faded(asker, nowMs) + 1;
    asker.atMs = nowMs;
    this.#present.add(asker);
  }

  /** Looks anew now and then. */
  look(nowMs: number): void {
    if (nowMs - this.#lookedMs < LOOK_EVERY_MS) return;
    this.#lookedMs = nowMs;
    let least = Number.POSITIVE_INFINITY;
    let most = FLOOD_MIN;
    for (const asker of this.#present) {
      if (nowMs - asker.atMs > PRESENT_MS) {
        this.#present.delete(asker);
        continue;
      }
      const count = faded(asker, nowMs);
      if (count < least) least = count;
      if (count > most) most = count;
    }
    this.#isUneven = least * FLOOD_TIMES <= most;
    this.#floodFrom = this.#isUneven ? Math.max(FLOOD_MIN, least * FLOOD_TIMES) : Number.POSITIVE_INFINITY;
  }
}

function faded({ count, atMs }: Asker, nowMs: number): number {
  return nowMs === atMs ? count : count * Math.exp((atMs - nowMs) / FADING_MS);
}
