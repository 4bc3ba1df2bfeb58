/** A queue with two ends in a ring buffer: push, shift and access by index in O(1). Callers bound it. */

export class Deque<T> {
  /** A power of two long; item `i` lies at `(head + i) & mask`. */
  #ring: (T | undefined)[] = Array.from({ length: 16 }, () => undefined);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The item at `index` from the front; undefined beyond the ends. */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.#length) return undefined;
    return this.#ring[(this.#head + index) & (this.#ring.length - 1)];
  }

  push(item: T): void {
    if (this.#length === this.#ring.length) this.#resize(this.#ring.length * 2);
    this.#ring[(this.#head + this.#length) & (this.#ring.length - 1)] = item;
    this.#length++;
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#length--;
    // A burst must not hold its memory for ever.
    if (this.#ring.length > 1024 && this.#length < this.#ring.length / 4) this.#resize(this.#ring.length / 2);
    return item;
  }

  clear(): void {
    this.#ring = Array.from({ length: 16 }, () => undefined);
    this.#head = 0;
    this.#length = 0;
  }

  *[Symbol.iterator](): Generator<T, void> {
    for (let i = 0; i < this.#length; i++) yield this.at(i) as T;
  }

  #resize(length: number): void {
    this.#ring = Array.from({ length }, (_, i) => this.at(i));
    this.#head = 0;
  }
}

/** The first index for which `reached` holds, given that it holds for all later ones; the length if none. */
export function firstIndex<T>(items: Deque<T>, reached: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reached(items.at(middle) as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}
