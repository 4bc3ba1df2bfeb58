/**
 * Has snapshots made in the background and removes history that is too old or too large.
 *
 * A snapshot is considered whenever a segment is finished: it holds the state at the end of that segment, and
 * the files before it become history as a whole. One is made at a time; commits go on meanwhile.
 *
 * It is merged from the files. Where one of them turns out to be damaged, the next snapshot is written from
 * the state in memory instead: it leaves the damage behind.
 */

import { join } from 'node:path';
import { errorText, type Logger } from '../../base/log.ts';
import type { Revision, ValueCodec } from '../store.ts';
import { fileName, removable, type RetentionLimits, type StoreFile } from './files.ts';
import type { DiskHost, FinishedSegment } from './log.ts';
import type { MergeOrder, MergeOutcome, Merger } from './merge.ts';
import { snapshotState, type State } from './state-snapshot.ts';

export interface SnapshotterOptions<V> {
  readonly host: DiskHost;
  readonly folder: string;
  readonly codec: ValueCodec<V>;
  readonly merge: Merger;
  /** The state now. */
  readonly state: () => State<V>;
  readonly logger: Logger;
  readonly limits: { readonly snapshotEveryBytes: number; readonly retention: RetentionLimits };
}

export class Snapshotter<V> {
  readonly #options: SnapshotterOptions<V>;
  readonly #abort = new AbortController();
  /** All files but the open segment. */
  #files: readonly StoreFile[];
  /** The newest snapshot or the log after it cannot be read. */
  #damaged = false;
  #running: Promise<void> | undefined;

  constructor(options: SnapshotterOptions<V>, files: readonly StoreFile[]) {
    this.#options = options;
    this.#files = files;
  }

  segmentFinished({ firstRevision, lastRevision, bytes, timeMs }: FinishedSegment): void {
    this.#files = [...this.#files, { type: 'log', revision: firstRevision, bytes, timeMs }];
    if (this.#running !== undefined || !this.#due()) return;
    const made = this.#damaged ? this.#fromMemory() : this.#fromFiles(lastRevision);
    this.#running = this.#run(made, lastRevision).finally(() => {
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

  async #fromFiles(revision: Revision): Promise<MergeOutcome> {
    const { folder, merge } = this.#options;
    const base = this.#base();
    const logs = this.#logsSince(base).map((log) => log.revision);
    const order: MergeOrder = { folder, base: base?.revision, logs, revision };
    return await merge(order, this.#abort.signal);
  }

  async #fromMemory(): Promise<MergeOutcome> {
    const { host, folder, codec, state } = this.#options;
    return { ok: true, file: await snapshotState(host, folder, codec, state(), this.#abort.signal) };
  }

  async #run(making: Promise<MergeOutcome>, revision: Revision): Promise<void> {
    const { folder, logger } = this.#options;
    try {
      const outcome = await making;
      this.#damaged = !outcome.ok;
      if (outcome.ok) {
        this.#files = [...this.#files, outcome.file];
        return await this.#removeHistory();
      }
      const { damage } = outcome;
      logger.error('part of the store is damaged; the next snapshot is taken from memory', {
        folder,
        damage,
      });
    } catch (error) {
      // The log holds everything; the next finished segment tries again.
      if (!this.#abort.signal.aborted)
        logger.warn('no snapshot was taken', { folder, error: errorText(error) });
    }
    await this.#discard(revision);
  }

  /** Removes what is left of an attempt. */
  async #discard(revision: Revision): Promise<void> {
    const { host, folder, logger } = this.#options;
    try {
      await host.disk.remove(join(folder, fileName('snapshot', revision)));
    } catch (error) {
      // The next start removes it.
      logger.warn('an unfinished snapshot cannot be removed', { folder, error: errorText(error) });
    }
  }

  /** One by one, durably: after a crash the rest must still be without holes. */
  async #removeHistory(): Promise<void> {
    const { host, folder, limits, logger } = this.#options;
    try {
      for (const file of removable(this.#files, limits.retention, host.clock.now())) {
        await host.disk.remove(join(folder, fileName(file.type, file.revision)));
        await host.disk.syncFolder(folder);
        this.#files = this.#files.filter((other) => other !== file);
      }
    } catch (error) {
      logger.warn('an old file of the store cannot be removed', { folder, error: errorText(error) });
    }
  }
}
