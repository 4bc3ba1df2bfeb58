/**
 * The revisioned key-value store: the one source of truth of a cluster.
 *
 * One counter of revisions serves the whole store; every committed change takes the next one (it is the
 * API's `resourceVersion`). Current state and a window of history live in memory, so reads are synchronous
 * and consistent: a read at revision R sees exactly the changes up to R. What differs between backends is
 * where commits become durable, and whether others may write too (etcd); `sync()` bridges that.
 *
 * Values are opaque to the store. A `ValueCodec` stamps the revision into a value and turns it into bytes
 * once, at commit; the same bytes serve the log and, through the event, every watcher.
 *
 * Invariants
 * - A commit is acknowledged only when durable; readers and watchers see it only then.
 * - Commits are atomic: all changes of one commit take effect at one revision, or none.
 * - Every watcher sees every event of its range from its start revision, in order, without gaps, or gets
 *   `gone` and nothing more.
 * - Values, entries and events are immutable and shared: equal reads return the same object, or for what is
 *   seldom read an equal one.
 */

/** Positive, strictly increasing; 0 is the empty store. Below 2^53. */
export type Revision = number;

export interface ValueCodec<V> {
  /** The value as it reads once committed at `revision` (API objects: with `metadata.resourceVersion`). */
  stamp(value: V, revision: Revision): V;
  /** An equal value, made of parts of `model` where these are equal: so that replicas share memory. */
  share?(value: V, model: V): V;
  /** As text; its bytes are UTF-8. */
  encode(value: V): string;
  /** The longest encoding that is taken; undefined: any. */
  readonly maxBytes?: number;
  /** Whether it has to be encoded to know that it is short enough: for stores that have no other need to. */
  mayExceed?(value: V): boolean;
  decode(bytes: Uint8Array): V;
  /** Of values that hardly anybody reads: when they are old, the store keeps their bytes alone. */
  isSeldomRead?(value: V): boolean;
  /** Decodes many values that are much like the one before, and may share parts with it. */
  decoder?(): (bytes: Uint8Array) => V;
}

export interface Entry<V> {
  readonly key: string;
  readonly value: V;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
}

/** `start` inclusive, `end` exclusive, by UTF-16 code units (keys are ASCII). */
export interface KeyRange {
  readonly start: string;
  readonly end: string;
}

/** The one key. */
export function keyRange(key: string): KeyRange {
  return { start: key, end: `${key}\0` };
}

/** Every key that begins with `prefix`. */
export function prefixRange(prefix: string): KeyRange {
  return {
    start: prefix,
    end: prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1),
  };
}

export interface ListOptions {
  /** Read as of this revision instead of the current one. */
  readonly at?: Revision;
  /** Return at most so many entries; all when absent. */
  readonly limit?: number;
}

export interface Page<V> {
  readonly entries: readonly Entry<V>[];
  /** The revision that the page is consistent with. */
  readonly revision: Revision;
  /** Whether keys of the range follow after the last entry. */
  readonly more: boolean;
  /** Number of keys of the range after the last entry; exact. */
  readonly remaining: number;
}

/** `at` lies before the window of history (410 Gone to clients) or after the current revision. */
export type ReadOutcome<T> =
  | { readonly ok: true; readonly result: T }
  | { readonly ok: false; readonly reason: 'compacted' | 'future' };

export type Change<V> =
  | { readonly type: 'put'; readonly key: string; readonly value: V }
  | { readonly type: 'delete'; readonly key: string };

/** What must hold for a key when the commit is ordered: its `modRevision`; 0 means that it does not exist. */
export interface Precondition {
  readonly key: string;
  readonly modRevision: Revision;
}

/**
 * `entries` stand in the order of the changes: of a put the new entry, of a delete the entry that went, as it
 * was but for its revision and stamp, which are the deletion's (undefined: there was none).
 */
export type CommitOutcome<V> =
  | { readonly ok: true; readonly revision: Revision; readonly entries: readonly (Entry<V> | undefined)[] }
  /** A precondition did not hold; `current` is the durable entry that stood in the way (undefined: none). */
  | { readonly ok: false; readonly key: string; readonly current: Entry<V> | undefined };

export interface StoreEvent<V> {
  readonly type: 'put' | 'delete';
  readonly key: string;
  readonly revision: Revision;
  /** The new value; for a delete, the last value stamped with the revision of the deletion. */
  readonly value: V;
  /** The value before; undefined for a creation. */
  readonly previous: V | undefined;
  /** The bytes of `encode(value)`, kept while it is hot and shared by all watchers. */
  bytes(): Uint8Array;
}

export type WatchItem<V> =
  | { readonly type: 'events'; readonly events: readonly StoreEvent<V>[] }
  /** Everything up to `revision` was delivered; sent when asked for through `progress`. */
  | { readonly type: 'progress'; readonly revision: Revision }
  /** The watcher fell out of the window or read too slowly; the stream ends. */
  | { readonly type: 'gone' };

/** The store cannot take the commit: full or failing disk, too much in flight, closed. Nothing changed. */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure';
}

/** A value's encoding is longer than the codec allows. Nothing changed. */
export class ValueTooLarge extends Error {
  override readonly name = 'ValueTooLarge';
}

export interface StoreWatch<V> {
  /** Hands over what is there, in batches; ends after `gone` and after `stop`. One consumer only. */
  next(): Promise<WatchItem<V> | undefined>;
  /** Puts a `progress` item behind everything delivered so far. */
  progress(): void;
  stop(): void;
}

export interface Store<V> {
  /** The newest durable revision. */
  readonly revision: Revision;
  /** The oldest revision that reads and watches can start from. */
  readonly oldestRevision: Revision;
  /** Why what was committed last could not be made durable; undefined when it could, and while it is closed. */
  readonly problem: string | undefined;
  get(key: string): Entry<V> | undefined;
  getAt(key: string, at: Revision): ReadOutcome<Entry<V> | undefined>;
  list(range: KeyRange, options?: ListOptions): ReadOutcome<Page<V>>;
  /** The bytes of `encode(value)` of a value of this store, kept while it is hot and shared by all who ask. */
  bytesOf(value: V): Uint8Array;
  /** As `bytesOf`, if they are there: what walks over everything should drive nothing out. */
  hotBytesOf(value: V): Uint8Array | undefined;
  /** Number of keys in the range now, in O(log n). */
  count(range: KeyRange): number;
  /**
   * Orders the changes at once, resolves when durable. Keys are distinct; deleting what is not there changes
   * nothing. Rejects with `StoreFailure` when it could not be made durable and with `ValueTooLarge`: then
   * nothing was changed.
   */
  commit(changes: readonly Change<V>[], preconditions: readonly Precondition[]): Promise<CommitOutcome<V>>;
  /** Events after revision `from`; a `from` outside the window yields `gone` at once. */
  watch(range: KeyRange, from: Revision): StoreWatch<V>;
  /** Resolves when reads reflect every commit that was acknowledged anywhere before the call. */
  sync(): Promise<Revision>;
  /** Forgets history before `at`. The store also does so by itself, by count and age. */
  compact(at: Revision): void;
  /** Streams a consistent copy of the current state, for backup and for a second engine. */
  snapshot(): Iterable<Entry<V>>;
  close(): Promise<void>;
}
