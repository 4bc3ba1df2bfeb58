/**
 * Makes a snapshot out of the files before it: the snapshot before, and the finished segments of the log
 * since then. Nothing is decoded, and the state in memory is not needed, so that a thread can do it.
 *
 * The log is read once to find where the last change of each key lies. Then the old snapshot is read from
 * front to back; an entry that the log changed is replaced by the bytes that the log has.
 *
 * Invariants: every byte that goes into the snapshot has passed its checksum; damage and gaps in what is read
 * end it with an error; memory grows with the number of changed keys, not with the size of the files.
 */

import { join } from 'node:path';
import { present } from '../../base/assert.ts';
import type { Revision } from '../store.ts';
import { fileName, type StoreFile } from './files.ts';
import { openFrames, type ReadingDisk } from './frame-reader.ts';
import { DamagedStore } from './inventory.ts';
import { lastValues, type LastValue } from './last-values.ts';
import { LogIndex, type LastChange } from './log-index.ts';
import { commitsOf, missingBefore, type ReadCommit } from './log-reader.ts';
import type { DiskHost } from './log.ts';
import type { StoredEntry } from './record.ts';
import { Slices } from './slices.ts';
import { readSnapshotEntries } from './snapshot-reader.ts';
import { SnapshotWriter } from './snapshot-writer.ts';

/** What is to be merged; plain data, which can be sent to a thread. */
export interface MergeOrder {
  readonly folder: string;
  /** Revision of the snapshot to start from; undefined: from nothing. */
  readonly base: Revision | undefined;
  /** The first revisions of the segments after it, in order. */
  readonly logs: readonly Revision[];
  /** Of the new snapshot: somewhere in the last of the segments, mostly its end. */
  readonly revision: Revision;
}

export type MergeOutcome =
  | { readonly ok: true; readonly file: StoreFile }
  /** What was to be merged cannot be read, or has gaps. */
  | { readonly ok: false; readonly damage: string };

/**
 * Carries an order out. Rejects when the snapshot cannot be written, and when the signal aborts. Unless it
 * comes to its end, whoever gave the order removes what is left of the file.
 */
export type Merger = (order: MergeOrder, signal: AbortSignal) => Promise<MergeOutcome>;

/** Where there are no threads: on this one, in short slices. */
export function mergeHere(host: DiskHost): Merger {
  return (order, signal) => mergeSnapshot(host, order, signal);
}

/** `rest`: of the work between its slices (`slices.ts`). */
export async function mergeSnapshot(
  host: DiskHost,
  order: MergeOrder,
  signal: AbortSignal,
  rest = 0,
): Promise<MergeOutcome> {
  try {
    return { ok: true, file: await merged(host, order, new Slices(host.clock, signal, rest)) };
  } catch (error) {
    if (error instanceof DamagedStore) return { ok: false, damage: error.message };
    throw error;
  }
}

async function merged(host: DiskHost, order: MergeOrder, slices: Slices): Promise<StoreFile> {
  const turn = (): Promise<void> => slices.turn();
  const entries = mergedEntries(host.disk, order, turn);
  // What is read first is read before there is a file.
  let next = await entries.next();
  const writer = await SnapshotWriter.begin(host, order.folder, order.revision);
  try {
    for (; next.done !== true; next = await entries.next()) {
      writer.add(next.value);
      if (writer.isFull) await writer.flush();
      await turn();
    }
    return await writer.finish();
  } finally {
    // Closes the files that it has open.
    await entries.return();
    await writer.close();
  }
}

/**
 * The state at the revision of the order, by key. A value is valid until the next is asked for. Rejects with
 * `DamagedStore`. `turn` is awaited often.
 */
export async function* mergedEntries(
  disk: ReadingDisk,
  order: MergeOrder,
  turn: () => Promise<void>,
): AsyncGenerator<StoredEntry, void> {
  const paths = order.logs.map((log) => join(order.folder, fileName('log', log)));
  const index = await indexLogs(disk, order, paths, turn);
  const changes = lastValues(disk, paths, index.sorted());
  const following = async (): Promise<LastValue | undefined> => (await changes.next()).value ?? undefined;
  try {
    let next = await following();
    for await (const entries of oldEntries(disk, order)) {
      for (const entry of entries) {
        for (; next !== undefined && next.change.key < entry.key; next = await following()) {
          if (next.value !== undefined) yield changed(next.change, next.value, undefined);
        }
        if (next?.change.key !== entry.key) yield entry;
        else {
          if (next.value !== undefined) yield changed(next.change, next.value, entry);
          next = await following();
        }
      }
    }
    for (; next !== undefined; next = await following()) {
      if (next.value !== undefined) yield changed(next.change, next.value, undefined);
    }
  } finally {
    await changes.return();
  }
}

/** What a put makes of the entry that the old snapshot has under its key. */
function changed(change: LastChange, value: Buffer, before: StoredEntry | undefined): StoredEntry {
  const { key, anew, firstRevision, modRevision } = change;
  const createRevision = anew || before === undefined ? firstRevision : before.createRevision;
  return { key, value, createRevision, modRevision };
}

async function indexLogs(
  disk: ReadingDisk,
  { base = 0, logs, revision: last }: MergeOrder,
  paths: readonly string[],
  turn: () => Promise<void>,
): Promise<LogIndex> {
  const index = new LogIndex();
  let revision = base;
  for (const [log, path] of paths.entries()) {
    const first = present(logs[log], 'a revision for each path');
    if (first > revision + 1) throw missingBefore(path, first, revision);
    const frames = await openFrames(disk, path, 'log');
    try {
      for await (const commit of commitsOf(frames, path, first)) {
        if (commit.revision > last) break;
        if (commit.revision > revision) note(index, log, commit);
        revision = Math.max(revision, commit.revision);
        await turn();
      }
    } finally {
      await frames.close();
    }
  }
  if (revision !== last) throw new DamagedStore(`the log ends at revision ${revision} instead of ${last}`);
  return index;
}

function note(index: LogIndex, log: number, { revision, changes, offsetOf }: ReadCommit): void {
  for (const { key, value } of changes) {
    if (value === undefined) index.delete(key, revision);
    else index.put(key, revision, value, { log, offset: offsetOf(value) });
  }
}

async function* oldEntries(
  disk: ReadingDisk,
  { folder, base }: MergeOrder,
): AsyncGenerator<readonly StoredEntry[], void> {
  if (base === undefined) return;
  yield* readSnapshotEntries(disk, join(folder, fileName('snapshot', base)));
}
