/**
 * A store on Node's own SQLite: the independent second engine that the embedded one is judged by.
 *
 * Inputs: a file, a codec, a clock. Outputs: a `Store`; the file holds the current entries and the revision.
 * Invariants: one flush is one transaction, synced before it is acknowledged (write-ahead log, synchronous
 * FULL). History begins anew with each opening. SQLite works synchronously: a flush holds the event loop.
 */

import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { emptySortedMap } from '../../base/sorted-map.ts';
import type { Clock } from '../../host/host.ts';
import type { Commit } from '../mvcc/change.ts';
import { HotEncoder } from '../mvcc/hot-encoder.ts';
import { LocalStore, type Journal } from '../mvcc/local-store.ts';
import { MVCC_LIMITS, MvccState, type MvccLimits } from '../mvcc/mvcc.ts';
import type { Entry, Store, ValueCodec } from '../store.ts';

export interface SqliteStoreOptions<V> {
  readonly codec: ValueCodec<V>;
  readonly clock: Clock;
  readonly path: string;
  readonly limits?: Partial<MvccLimits>;
}

const SCHEMA = `
  PRAGMA busy_timeout = 0;
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS entry (
    key TEXT PRIMARY KEY, value BLOB NOT NULL, create_revision INTEGER NOT NULL, mod_revision INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS revision (
    only INTEGER PRIMARY KEY CHECK (only = 1), value INTEGER NOT NULL
  ) STRICT;
  INSERT OR IGNORE INTO revision VALUES (1, 0);
`;

export function openSqliteStore<V>({ codec, clock, path, limits }: SqliteStoreOptions<V>): Store<V> {
  const all = { ...MVCC_LIMITS, ...limits };
  const database = new DatabaseSync(path);
  try {
    database.exec(SCHEMA);
    const entries = emptySortedMap<Entry<V>>().draft();
    for (const row of database
      .prepare('SELECT key, value, create_revision, mod_revision FROM entry')
      .iterate()) {
      const {
        key,
        value,
        create_revision: createRevision,
        mod_revision: modRevision,
      } = row as unknown as Row;
      entries.set(key, { key, value: codec.decode(value), createRevision, modRevision });
    }
    const row = database.prepare('SELECT value FROM revision').get() as unknown as { value: number };
    const state = new MvccState(all, row.value, entries.snapshot());
    return new LocalStore(clock, state, new HotEncoder(codec, all.hotMaxBytes), new SqliteJournal(database));
  } catch (error) {
    database.close();
    throw error;
  }
}

interface Row {
  readonly key: string;
  readonly value: Uint8Array;
  readonly create_revision: number;
  readonly mod_revision: number;
}

class SqliteJournal<V> implements Journal<V> {
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #advance: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#put = database.prepare('INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?)');
    this.#delete = database.prepare('DELETE FROM entry WHERE key = ?');
    this.#advance = database.prepare('UPDATE revision SET value = ?');
  }

  async write(commits: readonly Commit<V>[]): Promise<void> {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const { revision, changes } of commits) {
        for (const change of changes) {
          const { entry } = change;
          if (entry === undefined) this.#delete.run(change.key);
          else this.#put.run(entry.key, change.bytes(), entry.createRevision, entry.modRevision);
        }
        this.#advance.run(revision);
      }
      this.#database.exec('COMMIT');
    } catch (cause) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw new Error('the transaction failed', { cause });
    }
  }

  async close(): Promise<void> {
    this.#database.close();
  }
}
