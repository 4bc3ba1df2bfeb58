/**
 * Has snapshots made in the background and removes history that is too old or too large.
 *
 * A snapshot is considered whenever a segment is finished: it holds the state at the end of that segment, and
 * the files before it become history as a whole. One is made at a time; commits go on meanwhile.
 */

import { join } from 'node:path';
import { errorText, type Logger } from '../../base/log.ts';
import type { Revision } from '../store.ts';
import { fileName, removable, type RetentionLimits, type StoreFile } from './files.ts';
import type { DiskHost, FinishedSegment } from './log.ts';
import type { Merger, MergeOrder } from './merge.ts';

export interface SnapshotterOptions {
  readonly host: DiskHost;
  readonly folder: string;
  readonly merge: Merger;
  readonly logger: Logger;
  readonly limits: { readonly snapshotEveryBytes: number; readonly retention: RetentionLimits };
}

export class Snapshotter {
  readonly #options: SnapshotterOptions;
  readonly #abort = new AbortController();
  /** All files but the open segment. */
  #files: readonly StoreFile[];
  #running: Promise<void> | undefined;

  constructor(options: SnapshotterOptions, files: readonly StoreFile[]) {
    this.#options = options;
    this.#files = files;
  }

  segmentFinished({ firstRevision, lastRevision, bytes, timeMs }: FinishedSegment): void {
    this.#files = [...this.#files, { type: 'log', revision: firstRevision, bytes, timeMs }];
    if (this.#running !== undefined || !this.#due()) return;
    this.#running = this.#run(this.#orderUpTo(lastRevision)).finally(() => {
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
    const base = this.#base();
    const logBytes = this.#logsSince(base).reduce((sum, { bytes }) => sum + bytes, 0);
    return logBytes >= Math.max(this.#options.limits.snapshotEveryBytes, base?.bytes ?? 0);
  }

  #base(): StoreFile | undefined {
    return this.#files.findLast(({ type }) => type === 'snapshot');
  }

  #logsSince(base: StoreFile | undefined): readonly StoreFile[] {
    return this.#files.filter(({ type, revision }) => type === 'log' && revision > (base?.revision ?? 0));
  }

  #orderUpTo(revision: Revision): MergeOrder {
    const base = this.#base();
    const logs = this.#logsSince(base).map((log) => log.revision);
    return { folder: this.#options.folder, base: base?.revision, logs, revision };
  }

  async #run(order: MergeOrder): Promise<void> {
    const { host, folder, merge, logger } = this.#options;
    const { signal } = this.#abort;
    try {
      this.#files = [...this.#files, await merge(order, signal)];
    } catch (error) {
      // The log holds everything; the next finished segment tries again.
      if (!signal.aborted) logger.warn('no snapshot was taken', { folder, error: errorText(error) });
      await host.disk.remove(join(folder, fileName('snapshot', order.revision)));
      return;
    }
    try {
      await this.#removeHistory();
    } catch (error) {
      logger.warn('old files of the store cannot be removed', { folder, error: errorText(error) });
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
