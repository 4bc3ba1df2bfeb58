/** What lies in the store's folder: its logs and complete snapshots, in order, and leftovers of crashes. */

import { join } from 'node:path';
import { present } from '../../base/assert.ts';
import type { Disk } from '../../host/host.ts';
import { parseFileName, type StoreFile } from './files.ts';
import { decodeFileHeader, decodeFrame, FILE_HEADER_BYTES, FRAME_HEADER_BYTES } from './frame.ts';

/** A file with a readable header. */
export interface FoundFile extends StoreFile {
  readonly path: string;
  readonly salt: number;
}

export interface Inventory {
  /** By revision. */
  readonly logs: readonly FoundFile[];
  /** By revision. */
  readonly snapshots: readonly FoundFile[];
  /** Paths of unfinished files; nothing in them was ever acknowledged. */
  readonly leftovers: readonly string[];
}

/** Files that cannot be read, or do not go together. */
export class DamagedStore extends Error {
  override readonly name = 'DamagedStore';
}

/** The last frame of a snapshot holds one number. */
const END_FRAME_BYTES = FRAME_HEADER_BYTES + 8;

export async function takeInventory(disk: Disk, folder: string): Promise<Inventory> {
  const logs: FoundFile[] = [];
  const snapshots: FoundFile[] = [];
  const leftovers: string[] = [];
  for (const name of await disk.list(folder)) {
    const parsed = parseFileName(name);
    if (parsed === undefined) continue;
    const path = join(folder, name);
    const bytes = present(await disk.size(path), path);
    const header = decodeFileHeader(parsed.type, Buffer.from(await disk.read(path, 0, FILE_HEADER_BYTES)));
    if (header === 'newer') throw new DamagedStore(`${path} was written by a newer version of this program`);
    const { type } = parsed;
    if (header === 'damaged') {
      // A header is durable before anything is written behind it.
      if (type === 'log' && bytes > FILE_HEADER_BYTES)
        throw new DamagedStore(`${path} is damaged at offset 0`);
      leftovers.push(path);
      continue;
    }
    const file = { type, path, bytes, salt: header.salt, revision: header.revision, timeMs: header.timeMs };
    if (type === 'log') logs.push(file);
    else if (await isComplete(disk, file)) snapshots.push(file);
    else leftovers.push(path);
  }
  return { logs, snapshots, leftovers };
}

async function isComplete(disk: Disk, { path, bytes, salt }: FoundFile): Promise<boolean> {
  const offset = bytes - END_FRAME_BYTES;
  if (offset < FILE_HEADER_BYTES) return false;
  return decodeFrame(Buffer.from(await disk.read(path, offset, END_FRAME_BYTES)), 0, salt)?.kind === 'end';
}
