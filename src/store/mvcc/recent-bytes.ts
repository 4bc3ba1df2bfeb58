/**
 * Bytes of values, the ones that were used last. Two generations bound what is kept: when the young one has
 * half of the budget it becomes the old one, and what was not used since is forgotten.
 */

/** What one value counts for at least: the object itself weighs something too. */
const VALUE_MIN_BYTES = 256;

export class RecentBytes<V> {
  readonly #maxBytes: number;
  #young = new Map<V, Uint8Array>();
  #old = new Map<V, Uint8Array>();
  #youngBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(value: V): Uint8Array | undefined {
    return this.#young.get(value) ?? this.#old.get(value);
  }

  /** As `get`, and makes them young again. */
  use(value: V): Uint8Array | undefined {
    const young = this.#young.get(value);
    if (young !== undefined) return young;
    const old = this.#old.get(value);
    return old === undefined ? undefined : this.keep(value, old);
  }

  keep(value: V, bytes: Uint8Array): Uint8Array {
    if (this.#youngBytes >= this.#maxBytes / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#young.set(value, bytes);
    this.#youngBytes += Math.max(bytes.length, VALUE_MIN_BYTES);
    return bytes;
  }
}
