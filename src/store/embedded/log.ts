/**
 * The segmented log: where commits become durable.
 *
 * Inputs: batches of commits in the order of their revisions. Outputs: one frame per batch at the end of the
 * newest segment, synced. A segment that is full is followed by a new one, whose first revision is its name.
 *
 * Invariants: at most one frame is not synced at any time, so that only the last frame of the last segment
 * can be torn; a batch that failed is cut off before anything else is written.
 */

import { join } from 'node:path';
import { assert } from '../../base/assert.ts';
import type { AppendFile, Host } from '../../host/host.ts';
import type { Commit } from '../mvcc/change.ts';
import type { Journal } from '../mvcc/local-store.ts';
import type { Revision } from '../store.ts';
import { fileName } from './files.ts';
import { encodeFileHeader, FILE_HEADER_BYTES, sealFrame } from './frame.ts';
import { FrameBuffer, putCommits } from './record.ts';

export type DiskHost = Pick<Host, 'clock' | 'random' | 'disk'>;

/** The newest segment, open for appending. */
export interface OpenSegment {
  readonly file: AppendFile;
  readonly firstRevision: Revision;
  readonly salt: number;
  readonly timeMs: number;
}

export interface FinishedSegment {
  readonly firstRevision: Revision;
  readonly lastRevision: Revision;
  readonly bytes: number;
  readonly timeMs: number;
}

export interface SegmentLogOptions {
  readonly host: DiskHost;
  readonly folder: string;
  readonly segmentBytes: number;
  /** Told after a segment was finished, when every commit in it is applied. */
  readonly onFinished: (segment: FinishedSegment) => void;
}

export class SegmentLog<V> implements Journal<V> {
  readonly #options: SegmentLogOptions;
  readonly #buffer = new FrameBuffer();
  #segment: OpenSegment | undefined;
  /** Size of the segment up to which everything is durable; behind it lies a failed batch or nothing. */
  #durableSize: number;
  /** A failed batch could not be cut off yet. */
  #tailDirty = false;

  constructor(options: SegmentLogOptions, segment: OpenSegment | undefined) {
    this.#options = options;
    this.#segment = segment;
    this.#durableSize = segment?.file.size ?? 0;
  }

  async write(commits: readonly Commit<V>[]): Promise<void> {
    const [first] = commits;
    assert(first !== undefined, 'a batch without commits');
    if (this.#tailDirty) await this.#cutTail();
    const segment = await this.#segmentFor(first.revision);
    const frame = this.#encode(commits, segment, first.revision);
    try {
      await segment.file.append([frame]);
    } catch (error) {
      this.#tailDirty = true;
      try {
        await this.#cutTail();
      } catch (cutError) {
        // The next write tries again before anything else; until then the log takes nothing.
        throw new AggregateError([error, cutError], `cannot write to the log in ${this.#options.folder}`, {
          cause: error,
        });
      }
      throw new Error(`cannot write to the log in ${this.#options.folder}`, { cause: error });
    }
    this.#durableSize += frame.length;
  }

  async close(): Promise<void> {
    await this.#segment?.file.close();
    this.#segment = undefined;
  }

  #encode(commits: readonly Commit<V>[], segment: OpenSegment, revision: Revision): Buffer {
    const buffer = this.#buffer;
    buffer.reset();
    putCommits(buffer, commits);
    const frame = buffer.frame();
    sealFrame(frame, segment.salt, 'commits', revision);
    return frame;
  }

  /** Cuts a failed batch off, durably: nothing of it may be found after a crash. */
  async #cutTail(): Promise<void> {
    const file = this.#segment?.file;
    if (file !== undefined) {
      await file.truncate(this.#durableSize);
      await file.sync();
    }
    this.#tailDirty = false;
  }

  async #segmentFor(revision: Revision): Promise<OpenSegment> {
    const current = this.#segment;
    if (current !== undefined && this.#durableSize < this.#options.segmentBytes) return current;
    const next = await createSegment(this.#options.host, this.#options.folder, revision);
    this.#segment = next;
    const bytes = this.#durableSize;
    this.#durableSize = next.file.size;
    if (current !== undefined) {
      await current.file.close();
      const { firstRevision, timeMs } = current;
      this.#options.onFinished({ firstRevision, lastRevision: revision - 1, timeMs, bytes });
    }
    return next;
  }
}

/** Creates an empty segment, durable together with its name. */
async function createSegment(
  { disk, clock, random }: DiskHost,
  folder: string,
  firstRevision: Revision,
): Promise<OpenSegment> {
  const path = join(folder, fileName('log', firstRevision));
  // An earlier attempt may have failed half-way; nothing was acknowledged from it.
  await disk.remove(path);
  const file = await disk.openAppend(path, 'durably');
  const salt = Buffer.from(random.bytes(4)).readUInt32LE();
  const timeMs = clock.now();
  try {
    await file.append([encodeFileHeader({ type: 'log', salt, revision: firstRevision, timeMs })]);
    await disk.syncFolder(folder);
  } catch (cause) {
    await file.close();
    await disk.remove(path);
    throw new Error(`cannot begin the log ${path}`, { cause });
  }
  assert(file.size === FILE_HEADER_BYTES, `${path} is not new`);
  return { file, firstRevision, salt, timeMs };
}
