/**
 * Items that come and go by the thousand, few of them there at a time: requests under way, for instance.
 *
 * Not a `Set`: one that lives long makes itself anew again and again while items come and go, and a table that
 * it gives up refers to the one that came after. Once the engine has taken the first of them for long-lived,
 * whatever stood in any later one, and all that it refers to, stays until the next full collection: half of
 * all requests, with their bodies and objects. A slot that is emptied keeps nothing.
 */
export class Slots<T extends object> {
  readonly #items: (T | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#items.length - this.#free.length;
  }

  /** Returns the slot, by which the item is removed. */
  add(item: T): number {
    const slot = this.#free.pop() ?? this.#items.length;
    this.#items[slot] = item;
    return slot;
  }

  /** The slot may be given to another item from now on. */
  remove(slot: number): void {
    if (this.#items[slot] === undefined) return;
    this.#items[slot] = undefined;
    this.#free.push(slot);
  }

  *[Symbol.iterator](): Generator<T, void> {
    for (const item of this.#items) if (item !== undefined) yield item;
  }
}
