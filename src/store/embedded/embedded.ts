/**
 * The embedded store: durable on the local disk, in one folder that belongs to one process.
 *
 * Inputs: a folder, a codec, a host. Outputs: a `Store`; the folder holds
 *   lock                          held while the store is open
 *   <revision>.log                segments of the log, named by their first revision
 *   <revision>.snapshot           the state at a revision
 *
 * Every commit goes to the log; now and then the state is written as a snapshot, after which older files are
 * history: kept for a while by age and size, then removed. Nothing has to be maintained from outside.
 *
 * Invariants: an acknowledged commit survives a crash of process and machine; a commit that was rejected is
 * never seen; damage is reported, never skipped.
 */

import { join } from 'node:path';
import { silentLogger, type Logger } from '../../base/log.ts';
import { HotEncoder } from '../mvcc/hot-encoder.ts';
import { LocalStore, type Journal } from '../mvcc/local-store.ts';
import { MVCC_LIMITS, type MvccLimits } from '../mvcc/mvcc.ts';
import type { Store, ValueCodec } from '../store.ts';
import type { RetentionLimits } from './files.ts';
import { SegmentLog, type DiskHost } from './log.ts';
import { mergeHere, type Merger } from './merge.ts';
import { recover } from './recover.ts';
import { Snapshotter } from './snapshotter.ts';

export interface EmbeddedLimits extends MvccLimits {
  /** A segment that has grown to this is followed by a new one. */
  readonly segmentBytes: number;
  /** A snapshot is due after this much log, or as much as the last snapshot was long if that is more. */
  readonly snapshotEveryBytes: number;
  readonly retention: RetentionLimits;
}

const MB = 1024 * 1024;
const DAY_MS = 86_400_000;

export const EMBEDDED_LIMITS: EmbeddedLimits = {
  ...MVCC_LIMITS,
  segmentBytes: 32 * MB,
  snapshotEveryBytes: 128 * MB,
  retention: { maxBytes: 1024 * MB, maxAgeMs: 7 * DAY_MS },
};

export interface EmbeddedStoreOptions<V> {
  readonly codec: ValueCodec<V>;
  readonly host: DiskHost;
  /** Made when it is not there. */
  readonly folder: string;
  readonly logger?: Logger;
  readonly limits?: Partial<EmbeddedLimits>;
  /** Makes the snapshots, in a thread for instance; on this one when it is absent. */
  readonly merge?: Merger;
}

/** Rejects when another process has the folder open, and when its files are damaged. */
export async function openEmbeddedStore<V>(options: EmbeddedStoreOptions<V>): Promise<Store<V>> {
  const { host, folder, logger = silentLogger, merge = mergeHere(options.host) } = options;
  const limits = { ...EMBEDDED_LIMITS, ...options.limits };
  await host.disk.makeFolder(folder, 0o700);
  const lock = await host.disk.lock(join(folder, 'lock'));
  if (lock === undefined) throw new Error(`the store in ${folder} is in use by another process`);
  try {
    const encoder = new HotEncoder(options.codec, limits.hotMaxBytes);
    const recovered = await recover({ host, folder, encoder, limits, logger });
    const { state } = recovered;
    const snapshotter = new Snapshotter(
      { host, folder, codec: options.codec, merge, state: () => state.version(), logger, limits },
      recovered.files,
    );
    const log = new SegmentLog<V>(
      {
        host,
        folder,
        segmentBytes: limits.segmentBytes,
        onFinished: (segment) => snapshotter.segmentFinished(segment),
      },
      recovered.segment,
    );
    const journal: Journal<V> = {
      write: (commits) => log.write(commits),
      close: async () => {
        await snapshotter.stop();
        await log.close();
        await lock.release();
      },
    };
    return new LocalStore(host.clock, state, encoder, journal);
  } catch (error) {
    await lock.release();
    throw error;
  }
}
