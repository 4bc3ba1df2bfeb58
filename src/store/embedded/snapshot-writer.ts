/** Writes a snapshot: its entries in the order of their keys, then the frame that says that it is complete. */

import { join } from 'node:path';
import type { AppendFile } from '../../host/host.ts';
import type { Revision } from '../store.ts';
import { fileName, type StoreFile } from './files.ts';
import { encodeFileHeader, FRAME_HEADER_BYTES, sealFrame, type FrameKind } from './frame.ts';
import type { DiskHost } from './log.ts';
import { FrameBuffer, putEntry, type StoredEntry } from './record.ts';

const FRAME_BYTES = 256 * 1024;
/** Written back piece by piece: one sync of everything at the end would stall the log's syncs behind it. */
const SYNC_BYTES = 4 * 1024 * 1024;

export class SnapshotWriter {
  readonly #disk: DiskHost['disk'];
  readonly #folder: string;
  readonly #file: AppendFile;
  readonly #salt: number;
  readonly #revision: Revision;
  readonly #timeMs: number;
  readonly #buffer = new FrameBuffer();
  #entries = 0;
  #synced = 0;

  private constructor(
    { disk, clock, random }: DiskHost,
    folder: string,
    file: AppendFile,
    revision: Revision,
  ) {
    this.#disk = disk;
    this.#folder = folder;
    this.#file = file;
    this.#revision = revision;
    this.#salt = Buffer.from(random.bytes(4)).readUInt32LE();
    this.#timeMs = clock.now();
  }

  /** Whoever begins one closes it. What is not finished is to be removed. */
  static async begin(host: DiskHost, folder: string, revision: Revision): Promise<SnapshotWriter> {
    const path = join(folder, fileName('snapshot', revision));
    await host.disk.remove(path);
    const file = await host.disk.openAppend(path);
    const writer = new SnapshotWriter(host, folder, file, revision);
    await writer.#begin();
    return writer;
  }

  async #begin(): Promise<void> {
    const header = { salt: this.#salt, revision: this.#revision, timeMs: this.#timeMs };
    await this.#file.append([encodeFileHeader({ type: 'snapshot', ...header })]);
  }

  /** Whether it is time to `flush`. */
  get isFull(): boolean {
    return this.#buffer.length >= FRAME_BYTES;
  }

  add(entry: StoredEntry): void {
    putEntry(this.#buffer, entry);
    this.#entries++;
  }

  async flush(): Promise<void> {
    if (this.#buffer.length > FRAME_HEADER_BYTES) await this.#writeFrame('entries');
  }

  /** Makes it complete and durable. */
  async finish(): Promise<StoreFile> {
    await this.flush();
    this.#buffer.double(this.#entries);
    await this.#writeFrame('end');
    await this.#file.sync();
    await this.#disk.syncFolder(this.#folder);
    return { type: 'snapshot', revision: this.#revision, bytes: this.#file.size, timeMs: this.#timeMs };
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #writeFrame(kind: FrameKind): Promise<void> {
    const frame = this.#buffer.frame();
    sealFrame(frame, this.#salt, kind, this.#revision);
    await this.#file.append([frame]);
    this.#buffer.reset();
    if (this.#file.size - this.#synced < SYNC_BYTES) return;
    await this.#file.sync();
    this.#synced = this.#file.size;
  }
}
