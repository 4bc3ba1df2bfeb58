/** Names by the minute in which their time comes: a list for each minute is all that is kept. */

const MINUTE_MS = 60_000;

export class Minutes {
  /** By the number of the minute since 1970 at whose beginning all of them are due. */
  readonly #names = new Map<number, string[]>();

  /** The name is due at `atMs` or up to a minute later; returns when, in milliseconds since 1970. */
  add(name: string, atMs: number): number {
    const minute = Math.ceil(atMs / MINUTE_MS);
    const names = this.#names.get(minute);
    if (names === undefined) this.#names.set(minute, [name]);
    else names.push(name);
    return minute * MINUTE_MS;
  }

  /** When the next name is due; undefined: there is none. */
  get nextMs(): number | undefined {
    return this.#names.size === 0 ? undefined : Math.min(...this.#names.keys()) * MINUTE_MS;
  }

  /** At most `max` of those that are due, which are forgotten here. */
  takeDue(nowMs: number, max: number): readonly string[] {
    const { nextMs } = this;
    if (nextMs === undefined || nextMs > nowMs) return [];
    const minute = nextMs / MINUTE_MS;
    const names = this.#names.get(minute) ?? [];
    const due = names.splice(-max);
    if (names.length === 0) this.#names.delete(minute);
    return due;
  }
}
