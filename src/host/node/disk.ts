/** The machine's file system. */

import { close, fdatasync, fsync, ftruncate, open, read, rename, writev } from 'node:fs';
import * as fs from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { AppendFile, Disk, DiskLock, ReadFile } from '../host.ts';
import { FolderSyncs } from './folder-syncs.ts';

// The callback functions on a bare descriptor cost a third of a FileHandle's time per call.
const openFile = promisify(open);
const closeFile = promisify(close);
const syncAll = promisify(fsync);
const syncData = promisify(fdatasync);
const renameFile = promisify(rename);
const truncateFile = promisify(ftruncate);
const writeVector = (fd: number, chunks: readonly Uint8Array[]): Promise<number> =>
  new Promise((resolve, reject) =>
    writev(fd, chunks, (error, written) => (error === null ? resolve(written) : reject(error))),
  );
const readInto = (fd: number, into: Uint8Array, position: number): Promise<number> =>
  new Promise((resolve, reject) =>
    read(fd, into, 0, into.length, position, (error, count) =>
      error === null ? resolve(count) : reject(error),
    ),
  );

/** Linux refuses more buffers in one call (IOV_MAX). */
const CHUNKS_PER_WRITE = 1024;

const SQLITE_BUSY = 5;

export function createNodeDisk(): Disk {
  const folders = new FolderSyncs(syncFolder);
  return {
    openAppend,
    readFile: (path) => orWhenMissing(fs.readFile(path), undefined),
    read: readPart,
    openRead: async (path) => orWhenMissing(openRead(path), undefined),
    size: async (path) => (await orWhenMissing(fs.stat(path), undefined))?.size,
    writeFileAtomic: (path, bytes, mode) => writeFileAtomic(path, bytes, mode, folders),
    list: async (folder) => (await orWhenMissing(fs.readdir(folder), [])).sort(byCodeUnits),
    remove: (path) => fs.rm(path, { recursive: true, force: true }),
    makeFolder: async (path, mode = 0o700) => void (await fs.mkdir(path, { recursive: true, mode })),
    syncFolder: (path) => folders.sync(path),
    lock,
  };
}

async function openAppend(path: string): Promise<AppendFile> {
  const fd = await openFile(path, 'a', 0o600);
  const { size } = await fs.stat(path);
  return new NodeAppendFile(fd, size);
}

class NodeAppendFile implements AppendFile {
  size: number;
  readonly #fd: number;

  constructor(fd: number, size: number) {
    this.#fd = fd;
    this.size = size;
  }

  async append(chunks: readonly Uint8Array[]): Promise<void> {
    await writeAll(this.#fd, chunks, (written) => (this.size += written));
  }

  sync(): Promise<void> {
    return syncData(this.#fd);
  }

  async truncate(size: number): Promise<void> {
    await truncateFile(this.#fd, size);
    this.size = size;
  }

  close(): Promise<void> {
    return closeFile(this.#fd);
  }
}

/** `each` hears how many bytes every single call wrote. */
async function writeAll(
  fd: number,
  chunks: readonly Uint8Array[],
  each?: (written: number) => void,
): Promise<void> {
  let rest = chunks;
  while (rest.length > 0) {
    const written = await writeVector(fd, rest.slice(0, CHUNKS_PER_WRITE));
    each?.(written);
    rest = after(rest, written);
  }
}

/** What is left of `chunks` after their first `count` bytes; the system may write less than it was given. */
function after(chunks: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let left = count;
  for (const [i, chunk] of chunks.entries()) {
    if (left < chunk.length) return [chunk.subarray(left), ...chunks.slice(i + 1)];
    left -= chunk.length;
  }
  return [];
}

async function openRead(path: string): Promise<ReadFile> {
  const fd = await openFile(path, 'r');
  return {
    read: async (into, offset) => {
      let filled = 0;
      while (filled < into.length) {
        const count = await readInto(fd, filled === 0 ? into : into.subarray(filled), offset + filled);
        if (count === 0) break;
        filled += count;
      }
      return filled;
    },
    close: () => closeFile(fd),
  };
}

async function readPart(path: string, offset: number, length: number): Promise<Uint8Array> {
  const file = await orWhenMissing(openRead(path), undefined);
  if (file === undefined) return new Uint8Array(0);
  try {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, await file.read(bytes, offset));
  } finally {
    await file.close();
  }
}

async function writeFileAtomic(
  path: string,
  bytes: Uint8Array,
  mode = 0o600,
  folders: FolderSyncs,
): Promise<void> {
  const fresh = `${path}.new`;
  try {
    const fd = await openFresh(fresh, mode);
    try {
      await writeAll(fd, [bytes]);
      await syncAll(fd);
    } finally {
      await closeFile(fd);
    }
    await renameFile(fresh, path);
  } catch (error) {
    await fs.rm(fresh, { force: true });
    throw error;
  }
  await folders.sync(dirname(path));
}

/** What a crash left there may have another mode. */
async function openFresh(path: string, mode: number): Promise<number> {
  try {
    return await openFile(path, 'wx', mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await fs.rm(path, { force: true });
    return openFile(path, 'wx', mode);
  }
}

async function syncFolder(path: string): Promise<void> {
  const fd = await openFile(path, 'r');
  try {
    await syncAll(fd);
  } finally {
    await closeFile(fd);
  }
}

/**
 * Node has no call for file locks, but its SQLite takes them: an exclusive transaction on a file of its own.
 * The system frees such a lock when the process dies, so nothing has to be judged stale.
 */
async function lock(path: string): Promise<DiskLock | undefined> {
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
  return { release: async () => database.close() };
}

async function orWhenMissing<T, U>(operation: Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await operation;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return otherwise;
    throw error;
  }
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
