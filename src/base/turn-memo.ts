/**
 * Remembers until the turn of the event loop is over: for what several ask for within moments, such as the
 * watchers of one change.
 *
 * A `WeakMap` would seem to do as well, and does not: when the engine collects its young objects, what an old
 * table refers to stays, and a value that refers to its key keeps both until the next full collection. For
 * bytes that are made for each event that is tens of megabytes a second.
 */
export class TurnMemo<K, V> {
  #known = new Map<K, V>();

  get(key: K): V | undefined {
    return this.#known.get(key);
  }

  set(key: K, value: V): void {
    if (this.#known.size === 0) setImmediate(this.#forget);
    this.#known.set(key, value);
  }

  readonly #forget = (): void => {
    this.#known = new Map();
  };
}
