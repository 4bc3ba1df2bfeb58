/**
 * Keys that are ready to be worked on, taken from one namespace after the other, and within a namespace in
 * the order in which they came: ten thousand objects of one user do not keep those of another waiting.
 *
 * Example: a/1, a/2, a/3 and b/1 come in this order; taken are a/1, b/1, a/2, a/3.
 */
export class ReadyKeys {
  /** The namespace whose turn it is comes first. */
  readonly #byNamespace = new Map<string, Set<string>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(key: string): boolean {
    return this.#byNamespace.get(namespaceOf(key))?.has(key) ?? false;
  }

  add(key: string): void {
    const namespace = namespaceOf(key);
    const keys = this.#byNamespace.get(namespace);
    if (keys?.has(key) === true) return;
    if (keys === undefined) this.#byNamespace.set(namespace, new Set([key]));
    else keys.add(key);
    this.#size++;
  }

  take(): string | undefined {
    for (const [namespace, keys] of this.#byNamespace) {
      for (const key of keys) {
        keys.delete(key);
        this.#byNamespace.delete(namespace);
        if (keys.size > 0) this.#byNamespace.set(namespace, keys);
        this.#size--;
        return key;
      }
    }
    return undefined;
  }

  clear(): void {
    this.#byNamespace.clear();
    this.#size = 0;
  }
}

/** What stands before the name; keys without a namespace are one group. */
function namespaceOf(key: string): string {
  const slash = key.indexOf('/');
  return slash < 0 ? '' : key.slice(0, slash);
}
