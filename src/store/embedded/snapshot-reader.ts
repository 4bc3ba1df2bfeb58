/** Reads a snapshot: its entries in the order of their keys, a frame of them at a time. */

import { openFrames, type ReadingDisk } from './frame-reader.ts';
import { DamagedStore } from './inventory.ts';
import { readEntries, type StoredEntry } from './record.ts';

/**
 * Ends after the last entry of a complete snapshot; rejects when it is damaged or cut short. Values are valid
 * until the next are asked for.
 */
export async function* readSnapshotEntries(
  disk: ReadingDisk,
  path: string,
): AsyncGenerator<readonly StoredEntry[], void> {
  const frames = await openFrames(disk, path, 'snapshot');
  let count = 0;
  try {
    for (;;) {
      const frame = await frames.next();
      if (frame === undefined) throw frames.damaged();
      if (frame.kind === 'end') {
        const expected = frame.payload.readDoubleLE(0);
        if (expected !== count) throw new DamagedStore(`${path} has ${count} entries of ${expected}`);
        return;
      }
      const entries = readEntries(frame.payload);
      count += entries.length;
      yield entries;
    }
  } finally {
    await frames.close();
  }
}
