/** The machine's file system. */

import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AppendFile, Disk, DiskLock, ReadFile } from '../host.ts';
import { pooledCalls, type FileCalls } from './file-calls.ts';
import { FolderSyncs } from './folder-syncs.ts';

/** Elsewhere it may be missing, or leave the data in the cache of the drive. */
const SYNCED_BY_SYSTEM = process.platform === 'linux';
const APPEND_SYNCED = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_DSYNC;

/** Linux refuses more buffers in one call (IOV_MAX). */
const CHUNKS_PER_WRITE = 1024;

const SQLITE_BUSY = 5;

/** `calls`: how files are read and written. */
export function createNodeDisk(calls: FileCalls = pooledCalls): Disk {
  const folders = new FolderSyncs((path) => syncFolder(calls, path));
  return {
    openAppend: (path, how) => openAppend(calls, path, how === 'durably'),
    readFile: (path) => orWhenMissing(fs.readFile(path), undefined),
    read: (path, offset, length) => readPart(calls, path, offset, length),
    openRead: async (path) => orWhenMissing(openRead(calls, path), undefined),
    size: async (path) => (await orWhenMissing(fs.stat(path), undefined))?.size,
    writeFileAtomic: async (path, bytes, mode) => {
      await writeFileAtomic(calls, path, bytes, mode);
      await folders.sync(dirname(path));
    },
    list: async (folder) => (await orWhenMissing(fs.readdir(folder), [])).sort(byCodeUnits),
    remove: (path) => fs.rm(path, { recursive: true, force: true }),
    makeFolder: async (path, mode = 0o700) => void (await fs.mkdir(path, { recursive: true, mode })),
    syncFolder: (path) => folders.sync(path),
    lock,
  };
}

async function openAppend(calls: FileCalls, path: string, durably: boolean): Promise<AppendFile> {
  const bySystem = durably && SYNCED_BY_SYSTEM;
  const fd = await calls.open(path, bySystem ? APPEND_SYNCED : 'a', 0o600);
  const { size } = await fs.stat(path);
  return new NodeAppendFile(calls, fd, size, durably && !bySystem);
}

class NodeAppendFile implements AppendFile {
  size: number;
  readonly #calls: FileCalls;
  readonly #fd: number;
  readonly #syncsItself: boolean;

  constructor(calls: FileCalls, fd: number, size: number, syncsItself: boolean) {
    this.#calls = calls;
    this.#fd = fd;
    this.size = size;
    this.#syncsItself = syncsItself;
  }

  async append(chunks: readonly Uint8Array[]): Promise<void> {
    await writeAll(this.#calls, this.#fd, chunks, (written) => (this.size += written));
    if (this.#syncsItself) await this.sync();
  }

  sync(): Promise<void> {
    return this.#calls.fdatasync(this.#fd);
  }

  async truncate(size: number): Promise<void> {
    await this.#calls.ftruncate(this.#fd, size);
    this.size = size;
  }

  close(): Promise<void> {
    return this.#calls.close(this.#fd);
  }
}

/** `each` hears how many bytes every single call wrote. */
async function writeAll(
  calls: FileCalls,
  fd: number,
  chunks: readonly Uint8Array[],
  each?: (written: number) => void,
): Promise<void> {
  let rest = chunks;
  while (rest.length > 0) {
    const written = await calls.writev(fd, rest.slice(0, CHUNKS_PER_WRITE));
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

async function openRead(calls: FileCalls, path: string): Promise<ReadFile> {
  const fd = await calls.open(path, 'r');
  return {
    read: async (into, offset) => {
      let filled = 0;
      while (filled < into.length) {
        const count = await calls.read(fd, filled === 0 ? into : into.subarray(filled), offset + filled);
        if (count === 0) break;
        filled += count;
      }
      return filled;
    },
    close: () => calls.close(fd),
  };
}

async function readPart(calls: FileCalls, path: string, offset: number, length: number): Promise<Uint8Array> {
  const file = await orWhenMissing(openRead(calls, path), undefined);
  if (file === undefined) return new Uint8Array(0);
  try {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, await file.read(bytes, offset));
  } finally {
    await file.close();
  }
}

/** The new name is not durable before the folder is. */
async function writeFileAtomic(
  calls: FileCalls,
  path: string,
  bytes: Uint8Array,
  mode = 0o600,
): Promise<void> {
  const fresh = `${path}.new`;
  try {
    const fd = await openFresh(calls, fresh, mode);
    try {
      await writeAll(calls, fd, [bytes]);
      await calls.fsync(fd);
    } finally {
      await calls.close(fd);
    }
    await calls.rename(fresh, path);
  } catch (error) {
    await fs.rm(fresh, { force: true });
    throw error;
  }
}

/** What a crash left there may have another mode. */
async function openFresh(calls: FileCalls, path: string, mode: number): Promise<number> {
  try {
    return await calls.open(path, 'wx', mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await fs.rm(path, { force: true });
    return calls.open(path, 'wx', mode);
  }
}

async function syncFolder(calls: FileCalls, path: string): Promise<void> {
  const fd = await calls.open(path, 'r');
  try {
    await calls.fsync(fd);
  } finally {
    await calls.close(fd);
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
