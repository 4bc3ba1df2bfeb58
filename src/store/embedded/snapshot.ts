/** From a snapshot to the state in memory. */

import { emptySortedMap, type SortedMap } from '../../base/sorted-map.ts';
import type { Entry, ValueCodec } from '../store.ts';
import { shared } from '../mvcc/change.ts';
import type { ReadingDisk } from './frame-reader.ts';
import { readSnapshotEntries } from './snapshot-reader.ts';

/** Rejects when the snapshot is damaged or cut short. */
export async function loadSnapshot<V>(
  disk: ReadingDisk,
  path: string,
  codec: ValueCodec<V>,
): Promise<SortedMap<Entry<V>>> {
  const draft = emptySortedMap<Entry<V>>().draft();
  let model: V | undefined;
  for await (const entries of readSnapshotEntries(disk, path)) {
    for (const { key, value: bytes, createRevision, modRevision } of entries) {
      const value = shared(codec, codec.decode(bytes), model);
      draft.set(key, { key, value, createRevision, modRevision });
      model = value;
    }
  }
  return draft.snapshot();
}
