/**
 * Recovery: from the files of the folder to the state in memory.
 *
 * Inputs: the folder. Outputs: the state, and the newest segment open for appending.
 *
 * It starts from a snapshot and goes on with the log after it. It prefers the newest snapshot that leaves a
 * full window of history to replay, so that watches can resume across a restart; where that snapshot or the
 * log after it is damaged, a newer snapshot may still do. What the log did before the window is merged with
 * the snapshot as for the next one (`merge.ts`).
 *
 * Invariants: nothing that was acknowledged is ever left out in silence. Only the end of the last segment may
 * be invalid (the flush that a crash interrupted); it is cut off. Damage anywhere else, and revisions that no
 * file holds, stop the start with an error that names the file and the offset.
 */

import { emptySortedMap } from '../../base/sorted-map.ts';
import { errorText, type Logger } from '../../base/log.ts';
import { committedDelete, CommittedChange } from '../mvcc/change.ts';
import type { HotEncoder } from '../mvcc/hot-encoder.ts';
import { MvccState, type MvccLimits } from '../mvcc/mvcc.ts';
import type { Entry, Revision } from '../store.ts';
import type { StoreFile } from './files.ts';
import { anyFrameAfter, decodeFrame, FILE_HEADER_BYTES } from './frame.ts';
import { DamagedStore, takeInventory, type FoundFile, type Inventory } from './inventory.ts';
import type { DiskHost, OpenSegment } from './log.ts';
import { missingBefore } from './log-reader.ts';
import { mergedEntries } from './merge.ts';
import { readCommits, type StoredChange } from './record.ts';
import { UndecodedEntries } from './undecoded.ts';

export interface RecoveryOptions<V> {
  readonly host: DiskHost;
  readonly folder: string;
  readonly encoder: HotEncoder<V>;
  readonly limits: MvccLimits;
  readonly logger: Logger;
}

export interface Recovered<V> {
  readonly state: MvccState<V>;
  /** Undefined: there is no log yet. */
  readonly segment: OpenSegment | undefined;
  /** The files besides the open segment. */
  readonly files: readonly StoreFile[];
}

export async function recover<V>(options: RecoveryOptions<V>): Promise<Recovered<V>> {
  const { host, folder, logger } = options;
  const inventory = await takeInventory(host.disk, folder);
  const failures: unknown[] = [];
  for (const base of startingPoints(inventory, options.limits.historyRevisions)) {
    try {
      const { state, validBytes } = await restore(options, inventory, base);
      const segment = await openLast(options, inventory.logs.at(-1), validBytes);
      for (const path of inventory.leftovers) await host.disk.remove(path);
      const files = [...inventory.snapshots, ...inventory.logs.slice(0, -1)];
      return { state, segment, files };
    } catch (error) {
      if (!(error instanceof DamagedStore)) throw error;
      logger.error('part of the store is damaged', { folder, error: errorText(error) });
      failures.push(error);
    }
  }
  const [only] = failures;
  if (failures.length === 1) throw only;
  if (failures.length > 1) {
    throw new AggregateError(
      failures,
      `the store in ${folder} is damaged: ${failures.map(errorText).join('; ')}`,
    );
  }
  const first = inventory.logs[0];
  throw new DamagedStore(
    `${first?.path ?? folder}: the log begins here, but there is no snapshot to go with it`,
  );
}

/** Undefined stands for the empty store before the first commit. */
type Base = FoundFile | undefined;

/** The snapshots that the log goes on from, in the order of preference. */
function startingPoints({ logs, snapshots }: Inventory, window: number): Base[] {
  const from = logs[0]?.revision;
  const revisionOf = (base: Base): Revision => base?.revision ?? 0;
  const all: Base[] =
    from === undefined && snapshots.length > 0 ? snapshots.slice() : [undefined, ...snapshots];
  const usable = all.filter((base) => from === undefined || from <= revisionOf(base) + 1);
  const end = logs.at(-1)?.revision ?? 0;
  const early = usable.filter((base) => revisionOf(base) + window <= end);
  return [...early.reverse(), ...usable.filter((base) => !early.includes(base))];
}

interface Restored<V> {
  readonly state: MvccState<V>;
  /** Size of the last segment up to its last valid frame. */
  readonly validBytes: number;
}

async function restore<V>(
  options: RecoveryOptions<V>,
  { logs }: Inventory,
  base: Base,
): Promise<Restored<V>> {
  const { codec, packer } = options.encoder;
  const decode = codec.decoder?.() ?? ((bytes: Uint8Array): V => codec.decode(bytes));
  const undecoded = new UndecodedEntries<V>({
    decode,
    isSeldomRead: (value) => codec.isSeldomRead?.(value) === true,
    packer,
  });
  const state = await loadState(options, logs, base, undecoded);
  const start = logs.findLastIndex((log) => log.revision <= state.revision + 1);
  let validBytes = 0;
  for (const log of start < 0 ? [] : logs.slice(start)) {
    if (log.revision > state.revision + 1) throw missingBefore(log.path, log.revision, state.revision);
    validBytes = await replay(options, state, log, { isLast: log === logs.at(-1), undecoded });
  }
  undecoded.close();
  return { state, validBytes };
}

/**
 * The state where the window of history begins, which every later commit is replayed on. Of what the log did
 * before, only the last change of each key is decoded.
 */
async function loadState<V>(
  { host, folder, limits }: RecoveryOptions<V>,
  logs: readonly FoundFile[],
  base: Base,
  undecoded: UndecodedEntries<V>,
): Promise<MvccState<V>> {
  const from = base?.revision ?? 0;
  const newest = logs.at(-1)?.revision ?? 0;
  const revision = Math.max(from, newest - 1 - limits.historyRevisions);
  const first = logs.findLastIndex((log) => log.revision <= from + 1);
  const merged = logs.slice(Math.max(first, 0)).map((log) => log.revision);
  const order = {
    folder,
    base: base?.revision,
    logs: revision === from ? [] : merged.filter((log) => log <= revision),
    revision,
  };
  const draft = emptySortedMap<Entry<V>>().draft();
  for await (const stored of mergedEntries(host.disk, order, () => Promise.resolve())) {
    const { key, value, createRevision, modRevision } = stored;
    draft.set(key, undecoded.entry(key, value, createRevision, modRevision));
  }
  return new MvccState<V>(limits, revision, draft.snapshot());
}

/** Applies what the segment adds to the state; returns up to where it is valid. */
async function replay<V>(
  { host, encoder }: RecoveryOptions<V>,
  state: MvccState<V>,
  log: FoundFile,
  { isLast, undecoded }: { readonly isLast: boolean; readonly undecoded: UndecodedEntries<V> },
): Promise<number> {
  const contents = (await host.disk.readFile(log.path)) ?? new Uint8Array(0);
  const bytes = Buffer.from(contents.buffer, contents.byteOffset, contents.byteLength);
  let offset = FILE_HEADER_BYTES;
  let revision = log.revision;
  while (offset < bytes.length) {
    const frame = decodeFrame(bytes, offset, log.salt);
    if (frame === undefined) {
      if (!isLast || anyFrameAfter(bytes, offset, log.salt)) {
        throw new DamagedStore(`${log.path} is damaged at offset ${offset}, at revision ${revision}`);
      }
      return offset;
    }
    if (frame.revision !== revision) {
      throw new DamagedStore(
        `${log.path} has revision ${frame.revision} instead of ${revision} at offset ${offset}`,
      );
    }
    const { timeMs, commits } = readCommits(frame.payload);
    for (const changes of commits) {
      if (revision > state.revision) {
        const recalled = changes.flatMap((change) => recall(encoder, state, undecoded, change, revision));
        const bytes = changes.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
        state.apply([{ revision, timeMs, bytes, changes: recalled }], timeMs);
      }
      revision++;
    }
    offset = frame.end;
  }
  return offset;
}

/** A change as it was when it was made; none where what was deleted was not there. */
function recall<V>(
  encoder: HotEncoder<V>,
  state: MvccState<V>,
  undecoded: UndecodedEntries<V>,
  { key, value }: StoredChange,
  revision: Revision,
): readonly CommittedChange<V>[] {
  const previous = state.get(key);
  if (value === undefined) {
    const change = committedDelete(encoder, previous, revision);
    return change === undefined ? [] : [change];
  }
  const entry = undecoded.entry(key, value, previous?.createRevision ?? revision, revision);
  return [new CommittedChange(encoder, 'put', entry, previous)];
}

async function openLast<V>(
  { host, logger }: RecoveryOptions<V>,
  last: FoundFile | undefined,
  validBytes: number,
): Promise<OpenSegment | undefined> {
  if (last === undefined) return undefined;
  const file = await host.disk.openAppend(last.path, 'durably');
  if (file.size > validBytes) {
    logger.warn('cutting off a flush that a crash interrupted; nothing in it was acknowledged', {
      file: last.path,
      offset: validBytes,
      bytes: file.size - validBytes,
    });
    await file.truncate(validBytes);
  }
  // What a process wrote that was killed then may not be durable yet, and nobody else would see to it.
  await file.sync();
  return { file, firstRevision: last.revision, salt: last.salt, timeMs: last.timeMs };
}
