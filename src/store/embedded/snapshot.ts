/**
 * Snapshots: the whole state at one revision in a file, so that the log before it is no longer needed.
 *
 * A snapshot is written while commits go on, in short slices; its last frame says that it is complete, so a
 * file without it was cut short by a crash and counts for nothing.
 */

import { join } from 'node:path';
import { emptySortedMap, type SortedMap } from '../../base/sorted-map.ts';
import type { AppendFile } from '../../host/host.ts';
import type { Entry, Revision, ValueCodec } from '../store.ts';
import { shared } from '../mvcc/change.ts';
import { fileName, type StoreFile } from './files.ts';
import {
  decodeFileHeader,
  decodeFrame,
  encodeFileHeader,
  FILE_HEADER_BYTES,
  FRAME_HEADER_BYTES,
  frameLength,
  sealFrame,
  type Frame,
} from './frame.ts';
import type { DiskHost } from './log.ts';
import { FrameBuffer, putEntry, readEntries } from './record.ts';

/** The event loop is held no longer than this at a time. */
const SLICE_MS = 4;
const FRAME_BYTES = 256 * 1024;
/** Written back piece by piece: one sync of everything at the end would stall the log's syncs behind it. */
const SYNC_BYTES = 4 * 1024 * 1024;
const READ_BYTES = 4 * 1024 * 1024;

export interface SnapshotSource<V> {
  readonly revision: Revision;
  readonly map: SortedMap<Entry<V>>;
}

/** Undefined when `signal` aborted it; then nothing is left behind, as after an error. */
export async function writeSnapshot<V>(
  host: DiskHost,
  folder: string,
  codec: ValueCodec<V>,
  source: SnapshotSource<V>,
  signal: AbortSignal,
): Promise<StoreFile | undefined> {
  const path = join(folder, fileName('snapshot', source.revision));
  const timeMs = host.clock.now();
  await host.disk.remove(path);
  const file = await host.disk.openAppend(path);
  try {
    const salt = Buffer.from(host.random.bytes(4)).readUInt32LE();
    await file.append([encodeFileHeader({ type: 'snapshot', salt, revision: source.revision, timeMs })]);
    if (!(await writeEntries(host, file, salt, codec, source, signal))) {
      await discard(host, file, path);
      return undefined;
    }
    await file.sync();
    await host.disk.syncFolder(folder);
  } catch (cause) {
    await discard(host, file, path);
    throw new Error(`cannot write the snapshot ${path}`, { cause });
  }
  await file.close();
  return { type: 'snapshot', revision: source.revision, bytes: file.size, timeMs };
}

async function discard({ disk }: DiskHost, file: AppendFile, path: string): Promise<void> {
  await file.close();
  await disk.remove(path);
}

/** Whether it came to the end before `signal` aborted. */
async function writeEntries<V>(
  { clock }: DiskHost,
  file: AppendFile,
  salt: number,
  codec: ValueCodec<V>,
  { map, revision }: SnapshotSource<V>,
  signal: AbortSignal,
): Promise<boolean> {
  const buffer = new FrameBuffer();
  let synced = 0;
  const flush = async (kind: 'entries' | 'end'): Promise<void> => {
    const frame = buffer.frame();
    sealFrame(frame, salt, kind, revision);
    await file.append([frame]);
    buffer.reset();
    if (file.size - synced < SYNC_BYTES) return;
    await file.sync();
    synced = file.size;
  };
  let sliceEnds = clock.monotonicMs() + SLICE_MS;
  for (const entry of map.values()) {
    putEntry(buffer, entry, codec);
    if (buffer.length >= FRAME_BYTES) await flush('entries');
    if (clock.monotonicMs() < sliceEnds) continue;
    await clock.sleep(0);
    if (signal.aborted) return false;
    sliceEnds = clock.monotonicMs() + SLICE_MS;
  }
  if (buffer.length > FRAME_HEADER_BYTES) await flush('entries');
  buffer.double(map.size);
  await flush('end');
  return true;
}

export type SnapshotReading<V> =
  | { readonly ok: true; readonly entries: SortedMap<Entry<V>>; readonly bytes: number }
  | { readonly ok: false; readonly reason: string };

export async function readSnapshot<V>(
  { disk }: DiskHost,
  path: string,
  codec: ValueCodec<V>,
): Promise<SnapshotReading<V>> {
  const header = decodeFileHeader('snapshot', Buffer.from(await disk.read(path, 0, FILE_HEADER_BYTES)));
  if (header === 'damaged') return { ok: false, reason: 'its header is damaged' };
  if (header === 'newer') throw new Error(`${path} was written by a newer version of this program`);
  const draft = emptySortedMap<Entry<V>>().draft();
  const frames = new FrameReader(disk, path, header.salt, FILE_HEADER_BYTES);
  let model: V | undefined;
  for (;;) {
    const { offset } = frames;
    const frame = await frames.next();
    if (frame === undefined) return { ok: false, reason: `it is damaged or cut short at offset ${offset}` };
    if (frame.kind === 'end') {
      const expected = frame.payload.readDoubleLE(0);
      if (expected !== draft.size)
        return { ok: false, reason: `it has ${draft.size} entries of ${expected}` };
      return { ok: true, entries: draft.snapshot(), bytes: frames.offset };
    }
    for (const { key, value: bytes, createRevision, modRevision } of readEntries(frame.payload)) {
      const value = shared(codec, codec.decode(bytes), model);
      draft.set(key, { key, value, createRevision, modRevision });
      model = value;
    }
  }
}

/** Reads a long file frame by frame without holding all of it. */
class FrameReader {
  /** Where the next frame begins. */
  offset: number;
  readonly #disk: DiskHost['disk'];
  readonly #path: string;
  readonly #salt: number;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(disk: DiskHost['disk'], path: string, salt: number, offset: number) {
    this.#disk = disk;
    this.#path = path;
    this.#salt = salt;
    this.offset = offset;
  }

  async next(): Promise<Frame | undefined> {
    await this.#fill(FRAME_HEADER_BYTES);
    const length = frameLength(this.#bytes, this.#at);
    if (length === undefined) return undefined;
    await this.#fill(length);
    const frame = decodeFrame(this.#bytes, this.#at, this.#salt);
    if (frame === undefined) return undefined;
    this.#at = frame.end;
    this.offset += length;
    return frame;
  }

  /** Makes at least `count` bytes from the current frame on available, if the file has them. */
  async #fill(count: number): Promise<void> {
    if (this.#bytes.length - this.#at >= count) return;
    const rest = this.#bytes.subarray(this.#at);
    const more = await this.#disk.read(this.#path, this.offset + rest.length, Math.max(READ_BYTES, count));
    this.#bytes = Buffer.concat([rest, more]);
    this.#at = 0;
  }
}
