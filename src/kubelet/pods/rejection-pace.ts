/**
 * How fast a node refuses pods: a controller that replaces each refused pod at once would otherwise keep
 * node and server busy with nothing else, until what is in the way has gone.
 *
 * A leaky bucket. Example: the first ten are refused at once, the eleventh 100 ms later, and ten a second
 * from then on.
 */

const EVERY_MS = 100;
const BURST = 10;

export class RejectionPace {
  #lastMs = Number.NEGATIVE_INFINITY;

  /** For how long the next refusal is kept back. */
  delayMs(nowMs: number): number {
    this.#lastMs = Math.max(this.#lastMs, nowMs - BURST * EVERY_MS) + EVERY_MS;
    return Math.max(0, this.#lastMs - nowMs);
  }
}
