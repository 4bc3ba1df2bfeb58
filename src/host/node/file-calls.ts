/** The system's calls on files, as the node's disk makes them: on bare descriptors. */

import * as fs from 'node:fs';
import { promisify } from 'node:util';

export interface FileCalls {
  open(path: string, flags: string | number, mode?: number): Promise<number>;
  close(fd: number): Promise<void>;
  /** How many bytes were read; 0 at the end of the file. */
  read(fd: number, into: Uint8Array, position: number): Promise<number>;
  /** How many bytes were written, which may be fewer than there are. */
  writev(fd: number, chunks: readonly Uint8Array[]): Promise<number>;
  fsync(fd: number): Promise<void>;
  fdatasync(fd: number): Promise<void>;
  ftruncate(fd: number, size: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
}

/**
 * By the process's pool of threads, so that the caller's goes on. The callback functions cost a third of a
 * FileHandle's time per call.
 */
export const pooledCalls: FileCalls = {
  open: promisify(fs.open),
  close: promisify(fs.close),
  read: (fd, into, position) =>
    new Promise((resolve, reject) =>
      fs.read(fd, into, 0, into.length, position, (error, count) =>
        error === null ? resolve(count) : reject(error),
      ),
    ),
  writev: (fd, chunks) =>
    new Promise((resolve, reject) =>
      fs.writev(fd, chunks, (error, written) => (error === null ? resolve(written) : reject(error))),
    ),
  fsync: promisify(fs.fsync),
  fdatasync: promisify(fs.fdatasync),
  ftruncate: promisify(fs.ftruncate),
  rename: promisify(fs.rename),
};

/** By the thread that calls, which waits: it keeps no thread of the pool, and its priority holds for them. */
export const blockingCalls: FileCalls = {
  open: async (path, flags, mode) => fs.openSync(path, flags, mode),
  close: async (fd) => fs.closeSync(fd),
  read: async (fd, into, position) => fs.readSync(fd, into, 0, into.length, position),
  writev: async (fd, chunks) => fs.writevSync(fd, chunks),
  fsync: async (fd) => fs.fsyncSync(fd),
  fdatasync: async (fd) => fs.fdatasyncSync(fd),
  ftruncate: async (fd, size) => fs.ftruncateSync(fd, size),
  rename: async (from, to) => fs.renameSync(from, to),
};
