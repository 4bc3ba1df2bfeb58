/** Reads a long file of the store frame by frame, without holding all of it. */

import type { Disk } from '../../host/host.ts';
import type { Revision } from '../store.ts';
import {
  decodeFileHeader,
  decodeFrame,
  FILE_HEADER_BYTES,
  FRAME_HEADER_BYTES,
  frameLength,
  type FileType,
  type Frame,
} from './frame.ts';
import { DamagedStore } from './inventory.ts';

const READ_BYTES = 4 * 1024 * 1024;

export type ReadingDisk = Pick<Disk, 'read'>;

/** Rejects when the file does not begin as one of this type. */
export async function openFrames(disk: ReadingDisk, path: string, type: FileType): Promise<FrameReader> {
  const header = decodeFileHeader(type, Buffer.from(await disk.read(path, 0, FILE_HEADER_BYTES)));
  if (header === 'newer') throw new DamagedStore(`${path} was written by a newer version of this program`);
  if (header === 'damaged') throw new DamagedStore(`${path} is damaged at offset 0`);
  return new FrameReader(disk, path, header.salt, header.revision);
}

export class FrameReader {
  /** Of the file's header. */
  readonly revision: Revision;
  /** Where the next frame begins. */
  offset = FILE_HEADER_BYTES;
  readonly #disk: ReadingDisk;
  readonly #path: string;
  readonly #salt: number;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(disk: ReadingDisk, path: string, salt: number, revision: Revision) {
    this.#disk = disk;
    this.#path = path;
    this.#salt = salt;
    this.revision = revision;
  }

  /** Undefined at the end of the file. Rejects where there is anything but a valid frame. */
  async next(): Promise<Frame | undefined> {
    await this.#fill(FRAME_HEADER_BYTES);
    if (this.#at === this.#bytes.length) return undefined;
    const length = frameLength(this.#bytes, this.#at);
    if (length !== undefined) await this.#fill(length);
    const frame = length === undefined ? undefined : decodeFrame(this.#bytes, this.#at, this.#salt);
    if (frame === undefined) throw this.damaged();
    this.offset += frame.end - this.#at;
    this.#at = frame.end;
    return frame;
  }

  damaged(): DamagedStore {
    return new DamagedStore(`${this.#path} is damaged at offset ${this.offset}`);
  }

  /** Makes at least `count` bytes from the current frame on available, if the file has them. */
  async #fill(count: number): Promise<void> {
    if (this.#bytes.length - this.#at >= count) return;
    const rest = this.#bytes.subarray(this.#at);
    const more = await this.#disk.read(this.#path, this.offset + rest.length, Math.max(READ_BYTES, count));
    this.#bytes = Buffer.concat([rest, more]);
    this.#at = 0;
  }
}
