/** The files of a real machine. */

import * as fs from 'node:fs/promises';
import { type Stats } from 'node:fs';
import { dirname } from 'node:path';

import type { FileStat, FileType, NodeFiles } from '../system.ts';

const MODE_BITS = 0o7777;

export function createLinuxFiles(): NodeFiles {
  return {
    async stat(path, options = {}) {
      const found = await orMissing(options.link === true ? fs.lstat(path) : fs.stat(path));
      return found === undefined ? undefined : toStat(found);
    },
    async makeFolder(path, mode) {
      const first = await fs.mkdir(path, { recursive: true, mode });
      // The umask has had its say; only what was made here is corrected.
      if (first !== undefined) await fs.chmod(path, mode);
    },
    async write(path, bytes, mode) {
      await fs.writeFile(path, bytes, mode === undefined ? {} : { mode });
      if (mode !== undefined) await fs.chmod(path, mode);
    },
    read: (path) => orMissing(fs.readFile(path)),
    readRange,
    list: async (path) => ((await orMissing(fs.readdir(path))) ?? []).sort(),
    async symlink(target, path) {
      await fs.mkdir(dirname(path), { recursive: true });
      await fs.symlink(target, path);
    },
    readLink: (path) => orMissing(fs.readlink(path)),
    rename: (from, to) => fs.rename(from, to),
    remove: (path) => fs.rm(path, { recursive: true, force: true }),
    removeFolder: async (path) => {
      await orMissing(fs.rmdir(path));
    },
    chmod: (path, mode) => fs.chmod(path, mode),
    chown: (path, uid, gid) => fs.lchown(path, uid, gid),
  };
}

async function readRange(path: string, offset: number, length: number): Promise<Uint8Array> {
  const file = await orMissing(fs.open(path, 'r'));
  if (file === undefined) return new Uint8Array(0);
  try {
    const bytes = new Uint8Array(length);
    const { bytesRead } = await file.read(bytes, 0, length, offset);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function toStat(stats: Stats): FileStat {
  const { uid, gid, size } = stats;
  return { type: typeOf(stats), mode: stats.mode & MODE_BITS, uid, gid, size };
}

function typeOf(stats: Stats): FileType {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  if (stats.isSymbolicLink()) return 'link';
  if (stats.isSocket()) return 'socket';
  if (stats.isCharacterDevice()) return 'charDevice';
  return stats.isBlockDevice() ? 'blockDevice' : 'other';
}

async function orMissing<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
