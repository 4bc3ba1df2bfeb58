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
import type { Revision } from '../store.ts';
import { fileName, type StoreFile } from './files.ts';
import { FRAME_HEADER_BYTES } from './frame.ts';
import { openFrames, type FrameReader, type ReadingDisk } from './frame-reader.ts';
import { DamagedStore } from './inventory.ts';
import { lastValues, type LastValue } from './last-values.ts';
import { LogIndex } from './log-index.ts';
import type { DiskHost } from './log.ts';
import { readCommits, type StoredEntry } from './record.ts';
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
  /** The last revision in them, and of the new snapshot. */
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

export async function mergeSnapshot(
  host: DiskHost,
  order: MergeOrder,
  signal: AbortSignal,
): Promise<MergeOutcome> {
  try {
    return { ok: true, file: await merged(host, order, signal) };
  } catch (error) {
    if (error instanceof DamagedStore) return { ok: false, damage: error.message };
    throw error;
  }
}

async function merged(host: DiskHost, order: MergeOrder, signal: AbortSignal): Promise<StoreFile> {
  const { folder, base, revision } = order;
  const slices = new Slices(host.clock, signal);
  const paths = order.logs.map((log) => join(folder, fileName('log', log)));
  const index = await indexLogs(host.disk, order, paths, slices);
  const changes = lastValues(host.disk, paths, index.sorted());
  const writer = await SnapshotWriter.begin(host, folder, revision);
  /** A change, or what no change touched. */
  const put = async (entry: StoredEntry | undefined): Promise<void> => {
    if (entry !== undefined) writer.add(entry);
    if (writer.isFull) await writer.flush();
    await slices.turn();
  };
  const following = async (): Promise<LastValue | undefined> => (await changes.next()).value ?? undefined;
  try {
    let next = await following();
    for await (const entries of oldEntries(host.disk, folder, base)) {
      for (const entry of entries) {
        for (; next !== undefined && next.change.key < entry.key; next = await following()) {
          await put(changed(next, undefined));
        }
        if (next?.change.key !== entry.key) await put(entry);
        else {
          await put(changed(next, entry));
          next = await following();
        }
      }
    }
    for (; next !== undefined; next = await following()) await put(changed(next, undefined));
    return await writer.finish();
  } finally {
    // Closes the files that it still has open.
    await changes.return();
    await writer.close();
  }
}

/** What a change makes of the entry that the old snapshot has under its key. */
function changed({ change, value }: LastValue, before: StoredEntry | undefined): StoredEntry | undefined {
  if (value === undefined) return undefined;
  const { key, anew, firstRevision, modRevision } = change;
  const createRevision = anew || before === undefined ? firstRevision : before.createRevision;
  return { key, value, createRevision, modRevision };
}

async function indexLogs(
  disk: ReadingDisk,
  { base = 0, revision: last }: MergeOrder,
  paths: readonly string[],
  slices: Slices,
): Promise<LogIndex> {
  const index = new LogIndex();
  let revision = base;
  for (const [log, path] of paths.entries()) {
    const frames = await openFrames(disk, path, 'log');
    try {
      revision = await indexLog(index, frames, { path, log, after: revision }, slices);
    } finally {
      await frames.close();
    }
  }
  if (revision !== last) throw new DamagedStore(`the log ends at revision ${revision} instead of ${last}`);
  return index;
}

/** The last revision in it. */
async function indexLog(
  index: LogIndex,
  frames: FrameReader,
  { path, log, after }: { readonly path: string; readonly log: number; readonly after: Revision },
  slices: Slices,
): Promise<Revision> {
  let revision = after;
  for (let offset = frames.offset; ; offset = frames.offset) {
    const frame = await frames.next();
    if (frame === undefined) return revision;
    if (frame.revision !== revision + 1) {
      throw new DamagedStore(`${path} has revision ${frame.revision} after ${revision} at offset ${offset}`);
    }
    const payloadAt = offset + FRAME_HEADER_BYTES;
    for (const changes of readCommits(frame.payload).commits) {
      revision++;
      for (const { key, value } of changes) {
        if (value === undefined) index.delete(key, revision);
        else {
          const at = payloadAt + value.byteOffset - frame.payload.byteOffset;
          index.put(key, revision, value, { log, offset: at });
        }
      }
    }
    await slices.turn();
  }
}

async function* oldEntries(
  disk: ReadingDisk,
  folder: string,
  base: Revision | undefined,
): AsyncGenerator<readonly StoredEntry[], void> {
  if (base === undefined) return;
  yield* readSnapshotEntries(disk, join(folder, fileName('snapshot', base)));
}
