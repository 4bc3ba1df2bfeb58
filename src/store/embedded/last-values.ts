/**
 * The last changes of the log with their values, in the order of the keys.
 *
 * The values lie all over the log. They are read for a stretch of keys at a time, each file from front to
 * back, and neighbours together.
 */

import type { ReadFile } from '../../host/host.ts';
import { present } from '../../base/assert.ts';
import type { ReadingDisk } from './frame-reader.ts';
import { DamagedStore } from './inventory.ts';
import { checksumOf, isDeletion, pieces, type LastChange } from './log-index.ts';

/** Values that are held at a time. */
const STRETCH_BYTES = 64 * 1024 * 1024;

const ROOM_STEP = 4 * 1024 * 1024;

export interface LastValue {
  readonly change: LastChange;
  /** Undefined: the key was deleted. */
  readonly value: Buffer | undefined;
}

/** A value is valid until the next is asked for. */
export async function* lastValues(
  disk: ReadingDisk,
  paths: readonly string[],
  changes: Iterable<LastChange>,
): AsyncGenerator<LastValue, void> {
  const reader = new ValueReader();
  try {
    for (const path of paths) await reader.open(disk, path);
    for (const stretch of stretches(changes)) {
      const values = await reader.read(stretch);
      for (const change of stretch) yield { change, value: values.get(change) };
    }
  } finally {
    await reader.close();
  }
}

function* stretches(changes: Iterable<LastChange>): Generator<readonly LastChange[], void> {
  let stretch: LastChange[] = [];
  let bytes = 0;
  for (const change of changes) {
    stretch.push(change);
    bytes += Math.max(0, change.length);
    if (bytes < STRETCH_BYTES) continue;
    yield stretch;
    stretch = [];
    bytes = 0;
  }
  if (stretch.length > 0) yield stretch;
}

/** Its room is used again and again: garbage of this size would stay for long. */
class ValueReader {
  readonly #files: { readonly path: string; readonly file: ReadFile }[] = [];
  #piece = Buffer.alloc(0);
  #values = Buffer.alloc(0);

  async open(disk: ReadingDisk, path: string): Promise<void> {
    const file = await disk.openRead(path);
    if (file === undefined) throw new DamagedStore(`${path} is missing`);
    this.#files.push({ path, file });
  }

  /** The values of those that are no deletions. */
  async read(stretch: readonly LastChange[]): Promise<ReadonlyMap<LastChange, Buffer>> {
    const puts = stretch.filter((change) => !isDeletion(change));
    const total = puts.reduce((sum, { length }) => sum + length, 0);
    const found = new Map<LastChange, Buffer>();
    this.#values = grown(this.#values, total);
    let at = 0;
    for (const { log, offset, length, changes } of pieces(puts)) {
      const { path, file } = present(this.#files[log], `file ${log}`);
      this.#piece = grown(this.#piece, length);
      const bytes = this.#piece.subarray(0, await file.read(this.#piece.subarray(0, length), offset));
      for (const change of changes) {
        const from = change.offset - offset;
        // Copied, since a piece also has much between the values that must not be held.
        bytes.copy(this.#values, at, from, from + change.length);
        const value = this.#values.subarray(at, (at += change.length));
        if (bytes.length < from + change.length || checksumOf(value) !== change.checksum)
          throw new DamagedStore(`${path} is damaged at offset ${change.offset}`);
        found.set(change, value);
      }
    }
    return found;
  }

  async close(): Promise<void> {
    for (const { file } of this.#files) await file.close();
  }
}

/** In steps, so that stretches of about one size find room that has been touched before. */
function grown(room: Buffer<ArrayBuffer>, bytes: number): Buffer<ArrayBuffer> {
  if (room.length >= bytes) return room;
  return Buffer.allocUnsafe(Math.ceil(bytes / ROOM_STEP) * ROOM_STEP);
}
