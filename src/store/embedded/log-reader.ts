/** Reads a segment of the log, commit by commit. */

import type { Revision } from '../store.ts';
import type { Frame } from './frame.ts';
import { FRAME_HEADER_BYTES } from './frame.ts';
import type { FrameReader } from './frame-reader.ts';
import { DamagedStore } from './inventory.ts';
import { readCommits, type StoredChange } from './record.ts';

export interface ReadCommit {
  readonly revision: Revision;
  readonly timeMs: number;
  /** Values are valid until the next frame is read. */
  readonly changes: readonly StoredChange[];
  /** Where in the file a value of it lies. */
  offsetOf(value: Buffer): number;
}

/** The commits of a segment from its first revision on. Rejects when it is damaged, or one is missing. */
export async function* commitsOf(
  frames: FrameReader,
  path: string,
  first: Revision,
): AsyncGenerator<ReadCommit, void> {
  let revision = first;
  for (let offset = frames.offset; ; offset = frames.offset) {
    const frame = await frames.next();
    if (frame === undefined) return;
    if (frame.revision !== revision) {
      throw new DamagedStore(
        `${path} has revision ${frame.revision} instead of ${revision} at offset ${offset}`,
      );
    }
    const { timeMs, commits } = readCommits(frame.payload);
    const offsetOf = offsetsIn(frame, offset);
    for (const changes of commits) yield { revision: revision++, timeMs, changes, offsetOf };
  }
}

function offsetsIn({ payload }: Frame, frameOffset: number): (value: Buffer) => number {
  const shift = frameOffset + FRAME_HEADER_BYTES - payload.byteOffset;
  return (value) => value.byteOffset + shift;
}

export function missingBefore(path: string, first: Revision, last: Revision): DamagedStore {
  return new DamagedStore(`${path} begins at revision ${first}, but the file before it ends at ${last}`);
}
