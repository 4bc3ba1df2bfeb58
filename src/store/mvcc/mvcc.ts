/**
 * The state in memory that all backends share: the current entries, a window of history, the watchers.
 *
 * Inputs: commits that are durable, in order, through `apply`. Outputs: the reading half of `Store`.
 * Invariants: a commit is seen by readers and watchers at once and as a whole; what was handed out never
 * changes; nothing here waits.
 */

import { assert } from '../../base/assert.ts';
import { emptySortedMap, type SortedMap, type SortedMapDraft } from '../../base/sorted-map.ts';
import type { Entry, KeyRange, ListOptions, Page, ReadOutcome, Revision, StoreWatch } from '../store.ts';
import type { Commit, CommittedChange } from './change.ts';
import { History } from './history.ts';
import { goneWatch, WatchHub } from './watch-hub.ts';

export interface MvccLimits {
  /** Commits kept in memory: for watches that resume, reads of old revisions, pages of one list. */
  readonly historyRevisions: number;
  readonly historyAgeMs: number;
  readonly historyMaxBytes: number;
  /** Changes that wait for a slow watcher before it is dropped. */
  readonly watchBufferMax: number;
  /** Encoded bytes of recently written and read values that are kept to be shared. */
  readonly hotMaxBytes: number;
}

export const MVCC_LIMITS: MvccLimits = {
  historyRevisions: 10_000,
  /** As long as upstream keeps it at least: clients have learned to begin anew after that. */
  historyAgeMs: 300_000,
  historyMaxBytes: 256 * 1024 * 1024,
  watchBufferMax: 10_000,
  hotMaxBytes: 16 * 1024 * 1024,
};

/**
 * The last change of a key that is not durable yet, in the place of the entry that readers see until then: a
 * writer needs one look to know what stands.
 */
class Pending<V> {
  readonly change: CommittedChange<V>;
  readonly done: Promise<unknown>;
  durable: Entry<V> | undefined;

  constructor(change: CommittedChange<V>, done: Promise<unknown>, durable: Entry<V> | undefined) {
    this.change = change;
    this.done = done;
    this.durable = durable;
  }
}

export class MvccState<V> {
  readonly #entries: SortedMapDraft<Entry<V>>;
  /** The same by key: every write asks several times what stands under its key. */
  readonly #byKey: Map<string, Entry<V> | Pending<V>>;
  readonly #history: History<V>;
  readonly #hub: WatchHub<V>;
  #revision: Revision;

  /** `entries` is the state at `revision`, from where history begins. */
  constructor(limits: MvccLimits, revision: Revision = 0, entries: SortedMap<Entry<V>> = emptySortedMap()) {
    this.#entries = entries.draft();
    this.#byKey = new Map();
    for (const entry of entries.values()) this.#byKey.set(entry.key, entry);
    this.#revision = revision;
    const { historyRevisions, historyAgeMs, historyMaxBytes } = limits;
    this.#history = new History(
      { revisions: historyRevisions, ageMs: historyAgeMs, maxBytes: historyMaxBytes },
      revision,
    );
    this.#hub = new WatchHub(limits.watchBufferMax);
  }

  get revision(): Revision {
    return this.#revision;
  }

  /** One for all watchers. */
  readonly #newest = (): Revision => this.#revision;

  get oldestRevision(): Revision {
    return this.#history.oldest;
  }

  get watchers(): number {
    return this.#hub.size;
  }

  get(key: string): Entry<V> | undefined {
    const found = this.#byKey.get(key);
    return found instanceof Pending ? found.durable : found;
  }

  /** What will stand under a key when everything that was ordered has become durable. */
  standing(key: string): Entry<V> | undefined {
    const found = this.#byKey.get(key);
    return found instanceof Pending ? found.change.entry : found;
  }

  /** Notes a change that is on its way; `done` settles with it. */
  expect(change: CommittedChange<V>, done: Promise<unknown>): void {
    this.#byKey.set(change.key, new Pending(change, done, this.get(change.key)));
  }

  /** When the last change on its way to a key settles; undefined when there is none. */
  expected(key: string): Promise<unknown> | undefined {
    const found = this.#byKey.get(key);
    return found instanceof Pending ? found.done : undefined;
  }

  /** Nothing is on its way to the key any more: what was has failed. */
  giveUp(key: string): void {
    this.#set(key, this.get(key));
  }

  /** A value that may be much like a new one under `key`: what stands beside it. */
  near(key: string): V | undefined {
    return this.#entries.near(key)?.value;
  }

  getAt(key: string, at: Revision): ReadOutcome<Entry<V> | undefined> {
    const outside = this.#outside(at);
    if (outside !== undefined) return { ok: false, reason: outside };
    return { ok: true, result: this.#at(at).get(key) };
  }

  list({ start, end }: KeyRange, options: ListOptions = {}): ReadOutcome<Page<V>> {
    const at = options.at ?? this.#revision;
    const outside = this.#outside(at);
    if (outside !== undefined) return { ok: false, reason: outside };
    const map = this.#at(at);
    const limit = options.limit ?? Number.POSITIVE_INFINITY;
    const entries = map.slice(start, end, limit);
    const remaining = Number.isFinite(limit) ? map.count(start, end) - entries.length : 0;
    return { ok: true, result: { entries, revision: at, more: remaining > 0, remaining } };
  }

  count({ start, end }: KeyRange): number {
    return this.#entries.count(start, end);
  }

  watch(range: KeyRange, from: Revision): StoreWatch<V> {
    if (this.#outside(from) !== undefined) return goneWatch();
    const backlog: CommittedChange<V>[] = [];
    for (const change of this.#history.changesAfter(from)) {
      if (change.key >= range.start && change.key < range.end) backlog.push(change);
    }
    return this.#hub.open(range, backlog, this.#newest);
  }

  compact(at: Revision): void {
    this.#history.compact(Math.min(at, this.#revision));
  }

  /** The current state, as a version of its own. */
  version(): { readonly revision: Revision; readonly map: SortedMap<Entry<V>> } {
    return { revision: this.#revision, map: this.#entries.snapshot() };
  }

  /** Takes commits that became durable together. */
  apply(commits: readonly Commit<V>[], nowMs: number): void {
    for (const commit of commits) {
      assert(commit.revision > this.#revision, `revision ${commit.revision} after ${this.#revision}`);
      for (const change of commit.changes) {
        const { key, entry } = change;
        if (entry === undefined) this.#entries.delete(key);
        else this.#entries.set(key, entry);
        const found = this.#byKey.get(key);
        if (found instanceof Pending && found.change !== change) found.durable = entry;
        else this.#set(key, entry);
        change.applied();
      }
      this.#revision = commit.revision;
      this.#history.push(commit);
    }
    this.#history.expire(nowMs);
    this.#history.checkpoint(this.#revision, () => this.#entries.snapshot());
    const [only] = commits;
    if (only === undefined) return;
    this.#hub.publish(commits.length === 1 ? only.changes : commits.flatMap((commit) => commit.changes));
  }

  /** Ends all watches. */
  close(): void {
    this.#hub.close();
  }

  #set(key: string, entry: Entry<V> | undefined): void {
    if (entry === undefined) this.#byKey.delete(key);
    else this.#byKey.set(key, entry);
  }

  #outside(at: Revision): 'compacted' | 'future' | undefined {
    if (at > this.#revision) return 'future';
    return at < this.#history.oldest ? 'compacted' : undefined;
  }

  #at(at: Revision): SortedMap<Entry<V>> | SortedMapDraft<Entry<V>> {
    return at === this.#revision ? this.#entries : this.#history.stateAt(at, () => this.version());
  }
}
