/**
 * A snapshot of the state in memory, for when the files that it would be merged from are damaged: what they
 * have lost is here still, and after this nobody needs them any more.
 */

import type { SortedMap } from '../../base/sorted-map.ts';
import type { Entry, Revision, ValueCodec } from '../store.ts';
import type { StoreFile } from './files.ts';
import type { DiskHost } from './log.ts';
import { Slices } from './slices.ts';
import { SnapshotWriter } from './snapshot-writer.ts';

/** The state at a revision. */
export interface State<V> {
  readonly revision: Revision;
  readonly map: SortedMap<Entry<V>>;
}

/** As with a merge, whoever ordered it removes what is left when it rejects. */
export async function snapshotState<V>(
  host: DiskHost,
  folder: string,
  { encode }: Pick<ValueCodec<V>, 'encode'>,
  { revision, map }: State<V>,
  signal: AbortSignal,
): Promise<StoreFile> {
  const slices = new Slices(host.clock, signal);
  const writer = await SnapshotWriter.begin(host, folder, revision);
  try {
    for (const entry of map.values()) {
      writer.add({ ...entry, value: Buffer.from(encode(entry.value)) });
      if (writer.isFull) await writer.flush();
      await slices.turn();
    }
    return await writer.finish();
  } finally {
    await writer.close();
  }
}
