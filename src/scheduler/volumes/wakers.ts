/** Who wants to look again when an object changes, by a key of the object. */

export class Wakers {
  readonly #byKey = new Map<string, Set<() => void>>();

  /** Returns what ends it. */
  add(keys: readonly string[], look: () => void): () => void {
    for (const key of keys) {
      const present = this.#byKey.get(key);
      if (present === undefined) this.#byKey.set(key, new Set([look]));
      else present.add(look);
    }
    return () => {
      for (const key of keys) {
        const present = this.#byKey.get(key);
        present?.delete(look);
        if (present?.size === 0) this.#byKey.delete(key);
      }
    };
  }

  wake(key: string): void {
    for (const look of [...(this.#byKey.get(key) ?? [])]) look();
  }
}
