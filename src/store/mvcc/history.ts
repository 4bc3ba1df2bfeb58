/**
 * The window of history: the last commits, and the state at any revision inside it.
 *
 * Whole versions of the state are kept only every `CHECKPOINT_REVISIONS` or so; a revision in between is made
 * from the next version after it by undoing the commits that lie between.
 *
 * Example: versions are kept at 64 and 128, the current one is 150. State at 100: the version at 128 with
 * 128, 127, ... 101 undone. State at 140: the current one with 150 ... 141 undone.
 *
 * Invariants: every commit after `oldest` is there, in order, so every revision from `oldest` on can be made;
 * the window is bounded by count, age and bytes.
 */

import { Deque, firstIndex } from '../../base/deque.ts';
import type { SortedMap } from '../../base/sorted-map.ts';
import type { Entry, Revision } from '../store.ts';
import type { Commit, CommittedChange } from './change.ts';

export interface HistoryLimits {
  readonly revisions: number;
  readonly ageMs: number;
  /** Of the encoded values, as far as they were encoded. */
  readonly maxBytes: number;
}

/** More versions cost memory, fewer cost work when old revisions are read: undoing 64 takes some 0.1 ms. */
const CHECKPOINT_REVISIONS = 64;
/** A commit that so many followed has reached everybody who follows: what is seldom read becomes bytes. */
const NEWEST_COMMITS = 256;
/** Versions made for readers of old revisions; pages of one list ask for the same one again and again. */
const REBUILT_MAX = 8;

interface Version<V> {
  readonly revision: Revision;
  readonly map: SortedMap<Entry<V>>;
}

export class History<V> {
  readonly #limits: HistoryLimits;
  readonly #commits = new Deque<Commit<V>>();
  readonly #versions = new Deque<Version<V>>();
  readonly #rebuilt = new Map<Revision, SortedMap<Entry<V>>>();
  #oldest: Revision;
  #bytes = 0;

  constructor(limits: HistoryLimits, oldest: Revision) {
    this.#limits = limits;
    this.#oldest = oldest;
  }

  get oldest(): Revision {
    return this.#oldest;
  }

  push(commit: Commit<V>): void {
    this.#commits.push(commit);
    this.#bytes += commit.bytes;
    settle(this.#commits.at(this.#commits.length - 1 - NEWEST_COMMITS));
    while (this.#commits.length > this.#limits.revisions || this.#bytes > this.#limits.maxBytes)
      this.#dropFirst();
  }

  /** Forgets what is too old; called now and then. */
  expire(nowMs: number): void {
    for (let first = this.#commits.at(0); first !== undefined; first = this.#commits.at(0)) {
      if (nowMs - first.timeMs <= this.#limits.ageMs) return;
      this.#dropFirst();
    }
  }

  /** Keeps the state at `revision` as a version when the last kept one lies far enough back. */
  checkpoint(revision: Revision, version: () => SortedMap<Entry<V>>): void {
    const last = this.#versions.at(this.#versions.length - 1)?.revision ?? this.#oldest;
    if (revision - last >= CHECKPOINT_REVISIONS) this.#versions.push({ revision, map: version() });
  }

  /** Forgets the commits up to `at`. */
  compact(at: Revision): void {
    while ((this.#commits.at(0)?.revision ?? Number.POSITIVE_INFINITY) <= at) this.#dropFirst();
    this.#oldest = Math.max(this.#oldest, at);
    this.#dropVersions();
  }

  *changesAfter(from: Revision): Generator<CommittedChange<V>, void> {
    for (let i = firstIndex(this.#commits, (c) => c.revision > from); i < this.#commits.length; i++) {
      yield* this.#commits.at(i)?.changes ?? [];
    }
  }

  /** The state at a revision inside the window, given how to get the current one. */
  stateAt(at: Revision, current: () => Version<V>): SortedMap<Entry<V>> {
    const known = this.#rebuilt.get(at);
    if (known !== undefined) return known;
    const base = this.#versions.at(firstIndex(this.#versions, (v) => v.revision >= at)) ?? current();
    if (base.revision === at) return base.map;
    const map = this.#undo(base, at);
    if (this.#rebuilt.size >= REBUILT_MAX) {
      for (const oldest of this.#rebuilt.keys()) {
        this.#rebuilt.delete(oldest);
        break;
      }
    }
    this.#rebuilt.set(at, map);
    return map;
  }

  #undo(base: Version<V>, at: Revision): SortedMap<Entry<V>> {
    const draft = base.map.draft();
    for (let i = firstIndex(this.#commits, (c) => c.revision > base.revision) - 1; i >= 0; i--) {
      const commit = this.#commits.at(i);
      if (commit === undefined || commit.revision <= at) break;
      for (const { key, previousEntry } of commit.changes) {
        if (previousEntry === undefined) draft.delete(key);
        else draft.set(key, previousEntry);
      }
    }
    return draft.snapshot();
  }

  #dropFirst(): void {
    const first = this.#commits.shift();
    if (first === undefined) return;
    this.#oldest = first.revision;
    this.#bytes -= first.bytes;
    settle(first);
    this.#dropVersions();
  }

  #dropVersions(): void {
    while ((this.#versions.at(0)?.revision ?? Number.POSITIVE_INFINITY) < this.#oldest)
      this.#versions.shift();
    for (const at of this.#rebuilt.keys()) if (at < this.#oldest) this.#rebuilt.delete(at);
  }
}

function settle<V>(commit: Commit<V> | undefined): void {
  for (const change of commit?.changes ?? []) change.settle();
}
