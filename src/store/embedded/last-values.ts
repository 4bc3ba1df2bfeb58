/**
 * The last changes of the log with their values, in the order of the keys.
 *
 * The values lie all over the log. They are read for a stretch of keys at a time, each file from front to
 * back, and neighbours together.
 */

import { assert } from '../../base/assert.ts';
import { DamagedStore } from './inventory.ts';
import type { ReadingDisk } from './frame-reader.ts';
import { checksumOf, isDeletion, pieces, type LastChange } from './log-index.ts';

/** Values that are held at a time. */
const STRETCH_BYTES = 16 * 1024 * 1024;

export interface LastValue {
  readonly change: LastChange;
  /** Undefined: the key was deleted. */
  readonly value: Buffer | undefined;
}

export async function* lastValues(
  disk: ReadingDisk,
  paths: readonly string[],
  changes: Iterable<LastChange>,
): AsyncGenerator<LastValue, void> {
  for (const stretch of stretches(changes)) {
    const values = await readValues(disk, paths, stretch);
    for (const change of stretch) yield { change, value: values.get(change) };
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

async function readValues(
  disk: ReadingDisk,
  paths: readonly string[],
  stretch: readonly LastChange[],
): Promise<ReadonlyMap<LastChange, Buffer>> {
  const puts = stretch.filter((change) => !isDeletion(change));
  const values = new Map<LastChange, Buffer>();
  // Copied together: a piece has much between the values that must not be held.
  const room = Buffer.allocUnsafe(puts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const { log, offset, length, changes } of pieces(puts)) {
    const path = paths[log];
    assert(path !== undefined, `no file ${log}`);
    const bytes = await disk.read(path, offset, length);
    for (const change of changes) {
      const from = change.offset - offset;
      const value = room.subarray(at, (at += change.length));
      value.set(bytes.subarray(from, from + change.length));
      if (bytes.length < from + change.length || checksumOf(value) !== change.checksum)
        throw new DamagedStore(`${path} is damaged at offset ${change.offset}`);
      values.set(change, value);
    }
  }
  return values;
}
