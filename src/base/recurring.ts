/**
 * Remembers results for keys that come again, and hardly anything of those that come once.
 *
 * A new key is on trial: among the last few. Only when it is asked for there it becomes one of the known. So
 * a stream of keys that nobody asks for again drives nothing out, and what they refer to is gone before the
 * engine takes it for long-lived.
 *
 * Example: `a`, `b`, `a`, then thousands of others once each: `a` is known, `b` and the others are not.
 */

const ON_TRIAL_MAX = 256;

export class Recurring<K, V> {
  readonly #max: number;
  readonly #known = new Map<K, V>();
  #onTrial = new Map<K, V>();

  /** `max`: when so many are known it forgets them all, which costs little and needs no order. */
  constructor(max: number) {
    this.#max = max;
  }

  get(key: K): V | undefined {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const value = this.#onTrial.get(key);
    if (value === undefined) return undefined;
    if (this.#known.size >= this.#max) this.#known.clear();
    this.#known.set(key, value);
    return value;
  }

  set(key: K, value: V): void {
    if (this.#onTrial.size >= ON_TRIAL_MAX) this.#onTrial = new Map();
    this.#onTrial.set(key, value);
  }
}
