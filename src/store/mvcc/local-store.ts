/**
 * A store that is the only writer of its state: orders commits, groups them into flushes, makes them visible.
 *
 * Inputs: commits from any number of concurrent callers; a `Journal` that makes them durable (none: memory).
 * Outputs: a `Store`.
 *
 * A commit is ordered as soon as it is called: its preconditions are checked against what stands, durable or
 * on its way, and it takes the next revision. Readers see only the durable part.
 *
 * Example: `a` is durable at 5. Two callers commit `a` with precondition 5. The first is ordered at 6 and
 * waits for its flush; the second fails against it, but nobody may see 6 yet, so its answer (`current` is 6)
 * waits for that flush too. If the flush fails, 6 never was: the first is rejected, the second tried again.
 *
 * Invariants: one flush at a time; commits become durable and visible in the order of their revisions; when a
 * flush fails, all that was ordered on top of it fails with it.
 */

import { assert } from '../../base/assert.ts';
import { Deque } from '../../base/deque.ts';
import { errorText } from '../../base/log.ts';
import type { Clock } from '../../host/host.ts';
import { StoreFailure, ValueTooLarge } from '../store.ts';
import type {
  Change,
  CommitOutcome,
  Entry,
  KeyRange,
  ListOptions,
  Page,
  Precondition,
  ReadOutcome,
  Revision,
  Store,
  StoreWatch,
} from '../store.ts';
import { planChange, type Commit, type CommittedChange } from './change.ts';
import type { HotEncoder } from './hot-encoder.ts';
import type { MvccState } from './mvcc.ts';

/** Where commits become durable. */
export interface Journal<V> {
  /**
   * Makes the commits durable, all or none. After a rejection none of them may ever come back, and a later
   * call may succeed (space was freed).
   */
  write(commits: readonly Commit<V>[]): Promise<void>;
  close(): Promise<void>;
}

/** Bounds of one flush: a batch is encoded and applied in one go, which must stay well under 10 ms. */
const BATCH_COMMITS = 1024;
const BATCH_BYTES = 8 * 1024 * 1024;
/** Commits in flight; callers beyond are refused rather than queued without end. */
const QUEUE_MAX = 20_000;

interface Waiting<V> {
  readonly commit: Commit<V>;
  readonly outcome: CommitOutcome<V>;
  readonly done: PromiseWithResolvers<CommitOutcome<V>>;
}

interface Ordered<V> {
  readonly commit: Commit<V>;
  readonly outcome: CommitOutcome<V>;
}

export class LocalStore<V> implements Store<V> {
  readonly #clock: Clock;
  readonly #state: MvccState<V>;
  readonly #encoder: HotEncoder<V>;
  readonly #journal: Journal<V> | undefined;
  readonly #queue = new Deque<Waiting<V>>();
  #ordered: Revision;
  #problem: string | undefined;
  #flushing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(clock: Clock, state: MvccState<V>, encoder: HotEncoder<V>, journal?: Journal<V>) {
    this.#clock = clock;
    this.#state = state;
    this.#encoder = encoder;
    this.#journal = journal;
    this.#ordered = state.revision;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  get revision(): Revision {
    return this.#state.revision;
  }

  get oldestRevision(): Revision {
    return this.#state.oldestRevision;
  }

  get(key: string): Entry<V> | undefined {
    return this.#state.get(key);
  }

  getAt(key: string, at: Revision): ReadOutcome<Entry<V> | undefined> {
    return this.#state.getAt(key, at);
  }

  list(range: KeyRange, options?: ListOptions): ReadOutcome<Page<V>> {
    return this.#state.list(range, options);
  }

  count(range: KeyRange): number {
    return this.#state.count(range);
  }

  bytesOf(value: V): Uint8Array {
    return this.#encoder.bytes(value);
  }

  hotBytesOf(value: V): Uint8Array | undefined {
    return this.#encoder.peek(value);
  }

  watch(range: KeyRange, from: Revision): StoreWatch<V> {
    return this.#state.watch(range, from);
  }

  /** There is no other writer, so reads are always up to date. */
  async sync(): Promise<Revision> {
    return this.#state.revision;
  }

  compact(at: Revision): void {
    this.#state.compact(at);
  }

  snapshot(): Iterable<Entry<V>> {
    return this.#state.version().map.values();
  }

  commit(changes: readonly Change<V>[], preconditions: readonly Precondition[]): Promise<CommitOutcome<V>> {
    if (this.#closing !== undefined) return Promise.reject(new StoreFailure('the store is closed'));
    const failed = preconditions.find(
      (p) => (this.#state.standing(p.key)?.modRevision ?? 0) !== p.modRevision,
    );
    if (failed !== undefined) return this.#answerConflict(failed, changes, preconditions);
    if (this.#queue.length >= QUEUE_MAX) {
      return Promise.reject(new StoreFailure(`more than ${QUEUE_MAX} commits wait to become durable`));
    }
    try {
      return this.#accept(this.#order(changes));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Finishes what was ordered, then ends all watches. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#flushing;
    this.#state.close();
    await this.#journal?.close();
  }

  async #answerConflict(
    failed: Precondition,
    changes: readonly Change<V>[],
    preconditions: readonly Precondition[],
  ): Promise<CommitOutcome<V>> {
    await this.#state.expected(failed.key)?.catch(() => undefined);
    const current = this.#state.get(failed.key);
    if ((current?.modRevision ?? 0) !== failed.modRevision) return { ok: false, key: failed.key, current };
    // What stood in the way never became durable.
    return this.commit(changes, preconditions);
  }

  /** Gives the changes the next revision. Throws, and orders nothing, when a value cannot be stored. */
  #order(changes: readonly Change<V>[]): Ordered<V> {
    const revision = this.#ordered + 1;
    const planned = changes.map((change) => {
      const previous = this.#state.standing(change.key);
      return planChange(this.#encoder, change, previous, () => this.#state.near(change.key), revision);
    });
    const effective = withoutGaps(planned);
    assert(
      changes.length < 2 || new Set(changes.map((change) => change.key)).size === changes.length,
      'a commit changes one key twice',
    );
    let bytes = 0;
    for (const change of effective) if (change.type === 'put') bytes += this.#measure(change);
    if (effective.length > 0) this.#ordered = revision;
    return {
      commit: { revision: this.#ordered, timeMs: this.#clock.now(), bytes, changes: effective },
      outcome: { ok: true, revision: this.#ordered, entries: planned.map((change) => change?.outcome) },
    };
  }

  /** The length of the encoded value; 0 where it need not be encoded. */
  #measure(change: CommittedChange<V>): number {
    const { maxBytes, mayExceed } = this.#encoder.codec;
    if (this.#journal === undefined && mayExceed?.(change.value) !== true) return 0;
    const length = change.encode();
    if (length <= (maxBytes ?? length)) return length;
    throw new ValueTooLarge(`${change.key} takes ${length} bytes of at most ${maxBytes}`);
  }

  #accept({ commit, outcome }: Ordered<V>): Promise<CommitOutcome<V>> {
    // Without changes it still has to wait for those that it was ordered behind.
    const nothing = commit.changes.length === 0;
    if (this.#journal === undefined || (nothing && this.#ordered === this.#state.revision)) {
      if (!nothing) this.#state.apply([commit], commit.timeMs);
      return Promise.resolve(outcome);
    }
    const done = Promise.withResolvers<CommitOutcome<V>>();
    this.#queue.push({ commit, outcome, done });
    for (const change of commit.changes) this.#state.expect(change, done.promise);
    this.#flushing ??= this.#flush(this.#journal);
    return done.promise;
  }

  async #flush(journal: Journal<V>): Promise<void> {
    // Callers that run in this turn of the event loop join the first flush.
    await this.#clock.sleep(0);
    while (this.#queue.length > 0) {
      const batch = this.#takeBatch();
      const commits = batch.map((waiting) => waiting.commit).filter((commit) => commit.changes.length > 0);
      try {
        if (commits.length > 0) await journal.write(commits);
      } catch (cause) {
        this.#problem = errorText(cause);
        this.#failAll(batch, cause);
        break;
      }
      this.#problem = undefined;
      this.#finish(batch, commits);
      // The callers just answered often have the next commit ready: it should not miss this flush.
      await this.#clock.sleep(0);
    }
    this.#flushing = undefined;
  }

  #takeBatch(): Waiting<V>[] {
    const batch: Waiting<V>[] = [];
    let bytes = 0;
    for (let next = this.#queue.at(0); next !== undefined; next = this.#queue.at(0)) {
      if (batch.length > 0 && (batch.length >= BATCH_COMMITS || bytes + next.commit.bytes > BATCH_BYTES))
        break;
      bytes += next.commit.bytes;
      batch.push(next);
      this.#queue.shift();
    }
    return batch;
  }

  #finish(batch: readonly Waiting<V>[], commits: readonly Commit<V>[]): void {
    if (commits.length > 0) this.#state.apply(commits, this.#clock.now());
    for (const { done, outcome } of batch) done.resolve(outcome);
  }

  #failAll(batch: readonly Waiting<V>[], cause: unknown): void {
    const failed = [...batch, ...this.#queue];
    this.#queue.clear();
    for (const { commit } of failed) for (const { key } of commit.changes) this.#state.giveUp(key);
    this.#ordered = this.#state.revision;
    const failure = new StoreFailure('the store cannot make commits durable', { cause });
    for (const { done } of failed) done.reject(failure);
  }
}

/** Mostly there is none, and then the list is as short as it can be: history keeps thousands. */
function withoutGaps<T>(list: readonly (T | undefined)[]): readonly T[] {
  const isFull = (all: readonly (T | undefined)[]): all is readonly T[] => !all.includes(undefined);
  return isFull(list) ? list : list.filter((item) => item !== undefined);
}
