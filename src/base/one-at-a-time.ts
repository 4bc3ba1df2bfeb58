/** One piece of work at a time for each key, in the order of their arrival. */

export class OneAtATime {
  readonly #last = new Map<string, Promise<unknown>>();

  take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    // Whoever was before may have failed; that is no business of who comes after.
    const own = before.then(work, work);
    this.#last.set(key, own);
    const forget = (): void => {
      if (this.#last.get(key) === own) this.#last.delete(key);
    };
    own.then(forget, forget);
    return own;
  }
}
