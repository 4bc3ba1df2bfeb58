/**
 * Takes snapshots in the background and removes history that is too old or too large.
 *
 * A snapshot is considered whenever a segment is finished: the state is then exactly that at its end, and the
 * files before it become history as a whole. One snapshot is written at a time; commits go on meanwhile.
 */

import { join } from 'node:path';
import { errorText, type Logger } from '../../base/log.ts';
import type { ValueCodec } from '../store.ts';
import { fileName, removable, type RetentionLimits, type StoreFile } from './files.ts';
import type { DiskHost, FinishedSegment } from './log.ts';
import { writeSnapshot, type SnapshotSource } from './snapshot.ts';

export interface SnapshotterOptions<V> {
  readonly host: DiskHost;
  readonly folder: string;
  readonly codec: ValueCodec<V>;
  readonly logger: Logger;
  readonly limits: { readonly snapshotEveryBytes: number; readonly retention: RetentionLimits };
  readonly source: () => SnapshotSource<V>;
}

export class Snapshotter<V> {
  readonly #options: SnapshotterOptions<V>;
  readonly #abort = new AbortController();
  /** All files but the open segment. */
  #files: readonly StoreFile[];
  #running: Promise<void> | undefined;

  constructor(options: SnapshotterOptions<V>, files: readonly StoreFile[]) {
    this.#options = options;
    this.#files = files;
  }

  segmentFinished({ firstRevision, bytes, timeMs }: FinishedSegment): void {
    this.#files = [...this.#files, { type: 'log', revision: firstRevision, bytes, timeMs }];
    if (this.#running !== undefined || !this.#due()) return;
    this.#running = this.#run(this.#options.source()).finally(() => {
      this.#running = undefined;
    });
  }

  /** Ends a snapshot that is under way. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  /** A snapshot costs as much as it is long, so it must save at least as much log. */
  #due(): boolean {
    const last = this.#files.findLast((file) => file.type === 'snapshot');
    const logBytes = this.#files
      .filter((file) => file.type === 'log' && file.revision > (last?.revision ?? 0))
      .reduce((sum, file) => sum + file.bytes, 0);
    return logBytes >= Math.max(this.#options.limits.snapshotEveryBytes, last?.bytes ?? 0);
  }

  async #run(source: SnapshotSource<V>): Promise<void> {
    const { host, folder, codec, logger } = this.#options;
    try {
      const file = await writeSnapshot(host, folder, codec, source, this.#abort.signal);
      if (file === undefined) return;
      this.#files = [...this.#files, file];
      await this.#removeHistory();
    } catch (error) {
      // The log holds everything; the next finished segment tries again.
      logger.warn('no snapshot was taken', { folder, error: errorText(error) });
    }
  }

  /** One by one, durably: after a crash the rest must still be without holes. */
  async #removeHistory(): Promise<void> {
    const { host, folder, limits } = this.#options;
    for (const file of removable(this.#files, limits.retention, host.clock.now())) {
      await host.disk.remove(join(folder, fileName(file.type, file.revision)));
      await host.disk.syncFolder(folder);
      this.#files = this.#files.filter((other) => other !== file);
    }
  }
}
