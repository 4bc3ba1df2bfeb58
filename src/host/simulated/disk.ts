/**
 * A disk in memory with the faults of a real one. Written bytes sit in a cache until `sync`, names until
 * `syncFolder`; `crash` loses what was not synced: of each file a random part of the unsynced tail survives
 * (torn writes), of the unsynced names a random choice. It can run full and refuse to sync.
 *
 * Invariants: synced bytes under synced names always survive; handles opened before a crash are dead.
 */

import { dirname } from 'node:path';
import { assert } from '../../base/assert.ts';
import type { AppendFile, Disk, DiskLock, ReadFile } from '../host.ts';
import type { SeededRandom } from './random.ts';

interface StoredFile {
  bytes: Uint8Array;
  size: number;
  /** How many of the first bytes survive a crash for sure. */
  durableSize: number;
}

export class SimulatedDisk implements Disk {
  /** Bytes that fit; writing more fails with ENOSPC after filling the rest, as a real disk does. */
  capacity = Number.POSITIVE_INFINITY;
  /** Makes every sync fail while set. */
  syncFault: Error | undefined;
  /** How long a write or sync takes: awaited before it happens, so that a crash can come in between. */
  delay: (() => Promise<void>) | undefined;
  /** Syncs answered so far. */
  syncs = 0;
  readonly #random: SeededRandom;
  #names = new Map<string, StoredFile>();
  /** The names as they would be found after a crash. */
  #durableNames = new Map<string, StoredFile>();
  readonly #folders = new Set<string>(['/', '.']);
  readonly #locks = new Map<string, object>();
  #epoch = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  get used(): number {
    let used = 0;
    for (const file of this.#names.values()) used += file.size;
    return used;
  }

  async openAppend(path: string, how?: 'durably'): Promise<AppendFile> {
    let file = this.#names.get(path);
    if (file === undefined) {
      this.#requireFolder(path);
      file = { bytes: new Uint8Array(256), size: 0, durableSize: 0 };
      this.#names.set(path, file);
    }
    return new SimulatedAppendFile(this, file, this.#epoch, how === 'durably');
  }

  async readFile(path: string): Promise<Uint8Array | undefined> {
    const file = this.#names.get(path);
    return file?.bytes.slice(0, file.size);
  }

  async read(path: string, offset: number, length: number): Promise<Uint8Array> {
    const file = this.#names.get(path);
    return file?.bytes.slice(offset, Math.min(file.size, offset + length)) ?? new Uint8Array(0);
  }

  async openRead(path: string): Promise<ReadFile | undefined> {
    const file = this.#names.get(path);
    if (file === undefined) return undefined;
    return {
      read: async (into, offset) => {
        const bytes = file.bytes.subarray(offset, Math.min(file.size, offset + into.length));
        into.set(bytes);
        return bytes.length;
      },
      close: async () => {},
    };
  }

  async size(path: string): Promise<number | undefined> {
    return this.#names.get(path)?.size;
  }

  async writeFileAtomic(path: string, bytes: Uint8Array, _mode?: number): Promise<void> {
    this.#requireFolder(path);
    if (this.used + bytes.length > this.capacity) throw systemError('ENOSPC', 'no space left on device');
    if (this.syncFault !== undefined) throw this.syncFault;
    const file = { bytes: bytes.slice(), size: bytes.length, durableSize: bytes.length };
    this.#names.set(path, file);
    this.#durableNames.set(path, file);
  }

  async list(folder: string): Promise<string[]> {
    const prefix = folder.endsWith('/') ? folder : `${folder}/`;
    const names = new Set<string>();
    for (const path of [...this.#names.keys(), ...this.#folders]) {
      if (path.startsWith(prefix) && path !== prefix)
        names.add(path.slice(prefix.length).split('/')[0] ?? '');
    }
    return [...names].sort((a, b) => (a < b ? -1 : 1));
  }

  async remove(path: string): Promise<void> {
    const inside = (other: string): boolean => other === path || other.startsWith(`${path}/`);
    for (const name of [...this.#names.keys()].filter(inside)) this.#names.delete(name);
    for (const folder of [...this.#folders].filter(inside)) this.#folders.delete(folder);
  }

  async makeFolder(path: string, _mode?: number): Promise<void> {
    for (let folder = path; !this.#folders.has(folder); folder = dirname(folder)) this.#folders.add(folder);
  }

  async syncFolder(path: string): Promise<void> {
    if (this.syncFault !== undefined) throw this.syncFault;
    for (const name of [...this.#durableNames.keys()]) {
      if (dirname(name) === path && !this.#names.has(name)) this.#durableNames.delete(name);
    }
    for (const [name, file] of this.#names) if (dirname(name) === path) this.#durableNames.set(name, file);
  }

  async lock(path: string): Promise<DiskLock | undefined> {
    if (this.#locks.has(path)) return undefined;
    const holder = {};
    this.#locks.set(path, holder);
    return {
      release: async () => {
        if (this.#locks.get(path) === holder) this.#locks.delete(path);
      },
    };
  }

  /** The machine loses power now. The next open sees what a real disk might show afterwards. */
  crash(): void {
    this.#epoch++;
    this.#locks.clear();
    const after = new Map<string, StoredFile>();
    for (const path of new Set([...this.#names.keys(), ...this.#durableNames.keys()])) {
      const now = this.#names.get(path);
      const durable = this.#durableNames.get(path);
      const file = now === durable || this.#random.integer(2) === 0 ? durable : now;
      if (file !== undefined) after.set(path, this.#torn(file));
    }
    this.#names = after;
    this.#durableNames = new Map(after);
  }

  /** Flips one bit: rot on the medium. */
  corrupt(path: string, offset: number): void {
    const file = this.#names.get(path);
    assert(file !== undefined && offset < file.size, `no byte ${offset} in ${path}`);
    file.bytes[offset] = (file.bytes[offset] ?? 0) ^ 1;
  }

  #torn(file: StoredFile): StoredFile {
    const unsynced = Math.max(0, file.size - file.durableSize);
    const size =
      Math.min(file.size, file.durableSize) + (unsynced === 0 ? 0 : this.#random.integer(unsynced + 1));
    const bytes = file.bytes.slice(0, size);
    // Blocks of the tail may have reached the medium in any order: some of it reads as zeros.
    if (size > file.durableSize && this.#random.integer(3) === 0) {
      bytes.fill(0, file.durableSize + this.#random.integer(size - file.durableSize));
    }
    return { bytes, size, durableSize: size };
  }

  #requireFolder(path: string): void {
    if (!this.#folders.has(dirname(path))) throw systemError('ENOENT', `no such file or directory: ${path}`);
  }

  /** For open files: whether the machine has crashed since `epoch`. */
  requireAlive(epoch: number): void {
    if (epoch !== this.#epoch) throw systemError('EIO', 'the machine crashed');
  }
}

class SimulatedAppendFile implements AppendFile {
  readonly #disk: SimulatedDisk;
  readonly #file: StoredFile;
  readonly #epoch: number;
  readonly #isDurable: boolean;

  constructor(disk: SimulatedDisk, file: StoredFile, epoch: number, isDurable: boolean) {
    this.#disk = disk;
    this.#file = file;
    this.#epoch = epoch;
    this.#isDurable = isDurable;
  }

  get size(): number {
    return this.#file.size;
  }

  async append(chunks: readonly Uint8Array[]): Promise<void> {
    const { size } = this.#file;
    for (const chunk of chunks) {
      await this.#disk.delay?.();
      this.#disk.requireAlive(this.#epoch);
      const room = Math.max(0, this.#disk.capacity - this.#disk.used);
      this.#write(chunk.subarray(0, Math.min(chunk.length, room)));
      if (chunk.length > room) throw systemError('ENOSPC', 'no space left on device');
    }
    if (this.#isDurable) await this.#syncFrom(size);
  }

  async sync(): Promise<void> {
    await this.#syncFrom(0);
  }

  /** What lies before `from` is left as it is: durable or not. */
  async #syncFrom(from: number): Promise<void> {
    this.#disk.requireAlive(this.#epoch);
    const { size } = this.#file;
    // A crash may come while the sync is under way.
    await this.#disk.delay?.();
    this.#disk.requireAlive(this.#epoch);
    if (this.#disk.syncFault !== undefined) throw this.#disk.syncFault;
    this.#disk.syncs++;
    if (from > this.#file.durableSize) return;
    this.#file.durableSize = Math.max(this.#file.durableSize, Math.min(size, this.#file.size));
  }

  async truncate(size: number): Promise<void> {
    this.#disk.requireAlive(this.#epoch);
    assert(size <= this.#file.size, 'a file can only be cut, not extended');
    this.#file.size = size;
    this.#file.durableSize = Math.min(this.#file.durableSize, size);
  }

  async close(): Promise<void> {
    // Dead handles may be closed: the process that held them is gone.
  }

  #write(chunk: Uint8Array): void {
    const file = this.#file;
    const end = file.size + chunk.length;
    if (end > file.bytes.length) {
      const bytes = new Uint8Array(Math.max(end, file.bytes.length * 2));
      bytes.set(file.bytes.subarray(0, file.size));
      file.bytes = bytes;
    }
    file.bytes.set(chunk, file.size);
    file.size = end;
  }
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}
