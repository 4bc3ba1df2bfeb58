/**
 * Fan-out of changes to watchers.
 *
 * Watchers are found by the prefix that their range stands for, so that a change costs as many look-ups as
 * its key has segments, plus its matching watchers, however many others there are. Ranges that are no prefix
 * ending in `/` and no single key are compared one by one.
 *
 * Invariants: a watcher gets each change of its range once, in order; one that does not keep up holds at most
 * `bufferMax` changes and then ends with `gone`, without slowing the others.
 */

import { prefixRange } from '../store.ts';
import type { KeyRange, Revision, StoreEvent, StoreWatch, WatchItem } from '../store.ts';

export class WatchHub<V> {
  /** By prefix (`/registry/core/pods/`) or by whole key. */
  readonly #byPrefix = new Map<string, Set<Watcher<V>>>();
  readonly #others = new Set<Watcher<V>>();
  readonly #bufferMax: number;
  #size = 0;
  /** While changes are published: the one that watchers are told, and who has to be woken. */
  #change: StoreEvent<V> | undefined;
  #touched: Watcher<V>[] = [];
  readonly #tell = (watcher: Watcher<V>): void => {
    if (this.#change !== undefined && watcher.add(this.#change)) this.#touched.push(watcher);
  };

  constructor(bufferMax: number) {
    this.#bufferMax = bufferMax;
  }

  /** Number of open watches. */
  get size(): number {
    return this.#size;
  }

  /** A watch that starts with `backlog`; `revision` is where it stands after it. */
  open(range: KeyRange, backlog: StoreEvent<V>[], revision: () => Revision): StoreWatch<V> {
    const watcher: Watcher<V> = new Watcher<V>(range, this.#bufferMax, revision, this.#remove);
    if (backlog.length > 0) watcher.begin(backlog);
    this.#bucket(range, true)?.add(watcher);
    this.#size++;
    return watcher;
  }

  publish(changes: readonly StoreEvent<V>[]): void {
    if (this.#size === 0) return;
    for (const change of changes) {
      const { key } = change;
      this.#change = change;
      for (let slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
        this.#byPrefix.get(key.slice(0, slash + 1))?.forEach(this.#tell);
      }
      this.#byPrefix.get(key)?.forEach(this.#tell);
      for (const watcher of this.#others) if (watcher.covers(key)) this.#tell(watcher);
    }
    this.#change = undefined;
    const touched = this.#touched;
    this.#touched = [];
    for (const watcher of touched) watcher.wake();
  }

  /** Ends every watch without `gone`: the store closes. */
  close(): void {
    for (const watchers of [...this.#byPrefix.values(), this.#others])
      for (const w of [...watchers]) w.stop();
  }

  #bucket({ start, end }: KeyRange, create: boolean): Set<Watcher<V>> | undefined {
    const prefix = start.endsWith('/') && prefixRange(start).end === end;
    if (!prefix && (end !== `${start}\0` || start.endsWith('/'))) return this.#others;
    const known = this.#byPrefix.get(start);
    if (known !== undefined || !create) return known;
    const fresh = new Set<Watcher<V>>();
    this.#byPrefix.set(start, fresh);
    return fresh;
  }

  /** One for all watchers. */
  readonly #remove = (watcher: Watcher<V>): void => {
    const bucket = this.#bucket(watcher.range, false);
    if (bucket === undefined || !bucket.delete(watcher)) return;
    this.#size--;
    if (bucket.size === 0 && bucket !== this.#others) this.#byPrefix.delete(watcher.range.start);
  };
}

/** A watch of a range that lies outside the window. */
export function goneWatch<V>(): StoreWatch<V> {
  let told = false;
  return {
    next: async () => {
      if (told) return undefined;
      told = true;
      return { type: 'gone' };
    },
    progress: () => {},
    stop: () => {
      told = true;
    },
  };
}

class Watcher<V> implements StoreWatch<V> {
  readonly range: KeyRange;
  readonly #bufferMax: number;
  readonly #revision: () => Revision;
  readonly #remove: (watcher: Watcher<V>) => void;
  #items: WatchItem<V>[] = [];
  /** The changes of the last item while it may still grow. */
  #open: StoreEvent<V>[] | undefined;
  /** The changes that were there when the watch began; they do not count, the window bounds them already. */
  #backlog: StoreEvent<V>[] | undefined;
  #buffered = 0;
  #ended = false;
  #waiting: ((item: WatchItem<V> | undefined) => void) | undefined;

  constructor(
    range: KeyRange,
    bufferMax: number,
    revision: () => Revision,
    remove: (watcher: Watcher<V>) => void,
  ) {
    this.range = range;
    this.#bufferMax = bufferMax;
    this.#revision = revision;
    this.#remove = remove;
  }

  covers(key: string): boolean {
    return key >= this.range.start && key < this.range.end;
  }

  begin(backlog: StoreEvent<V>[]): void {
    this.#backlog = backlog;
    this.#items.push({ type: 'events', events: backlog });
  }

  /** Whether it has something to hand out that it had not before. */
  add(change: StoreEvent<V>): boolean {
    if (this.#ended) return false;
    if (this.#buffered >= this.#bufferMax) {
      this.#overflow();
      return false;
    }
    this.#buffered++;
    if (this.#open !== undefined) {
      this.#open.push(change);
      return false;
    }
    this.#open = [change];
    this.#items.push({ type: 'events', events: this.#open });
    return true;
  }

  /** Hands the first item to a waiting consumer. */
  wake(): void {
    const waiting = this.#waiting;
    if (waiting === undefined || (this.#items.length === 0 && !this.#ended)) return;
    this.#waiting = undefined;
    waiting(this.#take());
  }

  next(): Promise<WatchItem<V> | undefined> {
    if (this.#items.length > 0 || this.#ended) return Promise.resolve(this.#take());
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  progress(): void {
    if (this.#ended) return;
    const item: WatchItem<V> = { type: 'progress', revision: this.#revision() };
    // One of two in a row is enough, so that a consumer that never reads holds one.
    if (this.#items.at(-1)?.type === 'progress') this.#items.pop();
    this.#items.push(item);
    this.#open = undefined;
    this.wake();
  }

  stop(): void {
    this.#end([]);
  }

  #overflow(): void {
    this.#end([{ type: 'gone' }]);
  }

  #end(last: WatchItem<V>[]): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#items = last;
    this.#open = undefined;
    this.#remove(this);
    this.wake();
  }

  #take(): WatchItem<V> | undefined {
    const item = this.#items.shift();
    // An array that had an item keeps room for seventeen, and most watchers wait.
    if (this.#items.length === 0) this.#items = [];
    if (item?.type === 'events') {
      if (item.events === this.#open) this.#open = undefined;
      if (item.events === this.#backlog) this.#backlog = undefined;
      else this.#buffered -= item.events.length;
    }
    return item;
  }
}
