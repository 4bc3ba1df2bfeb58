/**
 * Runs a program of one file with the compiled code that an earlier run kept beside it (docs/decisions/0011).
 *
 * Node's own cache holds what was compiled when a file was loaded. Nearly everything is compiled when it is first
 * called, and that is missing in it; here the code is taken from a program that has run for a while.
 *
 * The file holds one expression: `(function (module, require, programUrl) { … })`, in ASCII. Its name changes with
 * its text (a hash in it), because the engine compares no more of a text than its length.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedDataVersionTag } from 'node:v8';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';
import type { Disk } from '../host/host.ts';

export interface Program<T> {
  readonly exports: T;
  /** Whether it runs with code that was kept. */
  readonly isKept: boolean;
  /**
   * Keeps what has been compiled until now, unless there is such code already. Has to be called under the
   * engine's flags that the program was loaded under. Resolves also when the system refuses to write it: the
   * next start is slower then, nothing else.
   */
  keep(disk: Disk): Promise<void>;
}

const CHECKSUM_BYTES = 4;

type Wrapper = (module: { exports: unknown }, require: NodeJS.Require, programUrl: string) => void;

/** `folder`: where code is kept. Throws what the program throws. */
export function loadProgram<T>(url: URL, folder: string): Program<T> {
  const path = fileURLToPath(url);
  const keptPath = join(folder, `${basename(path)}-${engineTag()}`);
  const kept = readKept(keptPath);
  const script = new Script(readFileSync(path, 'latin1'), {
    filename: path,
    ...(kept === undefined ? {} : { cachedData: kept }),
  });
  const isKept = script.cachedDataRejected === false;
  const module: { exports: unknown } = { exports: {} };
  (script.runInThisContext() as Wrapper)(module, createRequire(url), url.href);
  const keep = async (disk: Disk): Promise<void> => {
    if (isKept) return;
    const code = script.createCachedData();
    await writeKept(disk, keptPath, code);
  };
  return { exports: module.exports as T, isKept, keep };
}

/** Code is taken back by the same engine under the same flags only. */
function engineTag(): string {
  return `${process.version}-${process.arch}-${cachedDataVersionTag().toString(16)}`;
}

/** Undefined when there is none to read, or not what was written: the engine itself looks at its head only. */
function readKept(path: string): Buffer | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (isFromSystem(error)) return undefined;
    throw error;
  }
  if (bytes.length <= CHECKSUM_BYTES) return undefined;
  const code = bytes.subarray(CHECKSUM_BYTES);
  return crc32(code) === bytes.readUInt32LE() ? code : undefined;
}

async function writeKept(disk: Disk, path: string, code: Buffer): Promise<void> {
  const checksum = Buffer.alloc(CHECKSUM_BYTES);
  checksum.writeUInt32LE(crc32(code));
  try {
    await disk.makeFolder(dirname(path), 0o755);
    await disk.writeFileAtomic(path, Buffer.concat([checksum, code]), 0o644);
  } catch (error) {
    // An installed package may belong to somebody else, a disk may be full, another server may be writing too.
    if (!isFromSystem(error)) throw error;
  }
}

function isFromSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
