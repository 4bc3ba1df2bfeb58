/** Reads a long file of the store frame by frame, without holding all of it. */

import type { Disk, ReadFile } from '../../host/host.ts';
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

export type ReadingDisk = Pick<Disk, 'openRead'>;

/** Whoever opens it closes it. Rejects when the file does not begin as one of this type. */
export async function openFrames(disk: ReadingDisk, path: string, type: FileType): Promise<FrameReader> {
  const file = await disk.openRead(path);
  if (file === undefined) throw new DamagedStore(`${path} is missing`);
  try {
    const bytes = Buffer.alloc(FILE_HEADER_BYTES);
    await file.read(bytes, 0);
    const header = decodeFileHeader(type, bytes);
    if (header === 'newer') throw new DamagedStore(`${path} was written by a newer version of this program`);
    if (header === 'damaged') throw new DamagedStore(`${path} is damaged at offset 0`);
    return new FrameReader(file, path, header.salt);
  } catch (error) {
    await file.close();
    throw error;
  }
}

export class FrameReader {
  /** Where the next frame begins. */
  offset = FILE_HEADER_BYTES;
  readonly #file: ReadFile;
  readonly #path: string;
  readonly #salt: number;
  #buffer = Buffer.allocUnsafe(READ_BYTES);
  /** What was read and not handed out yet lies between these. */
  #at = 0;
  #end = 0;

  constructor(file: ReadFile, path: string, salt: number) {
    this.#file = file;
    this.#path = path;
    this.#salt = salt;
  }

  /** Valid until the next call; undefined at the end of the file. Rejects where there is no valid frame. */
  async next(): Promise<Frame | undefined> {
    await this.#fill(FRAME_HEADER_BYTES);
    if (this.#at === this.#end) return undefined;
    const length = frameLength(this.#bytes(), this.#at);
    if (length !== undefined) await this.#fill(length);
    const frame = length === undefined ? undefined : decodeFrame(this.#bytes(), this.#at, this.#salt);
    if (frame === undefined) throw this.damaged();
    this.offset += frame.end - this.#at;
    this.#at = frame.end;
    return frame;
  }

  damaged(): DamagedStore {
    return new DamagedStore(`${this.#path} is damaged at offset ${this.offset}`);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #bytes(): Buffer {
    return this.#buffer.subarray(0, this.#end);
  }

  /** Makes at least `count` bytes from the current frame on available, if the file has them. */
  async #fill(count: number): Promise<void> {
    const have = this.#end - this.#at;
    if (have >= count) return;
    const room = count <= this.#buffer.length ? this.#buffer : Buffer.allocUnsafe(count);
    room.set(this.#buffer.subarray(this.#at, this.#end));
    this.#buffer = room;
    this.#at = 0;
    this.#end = have + (await this.#file.read(room.subarray(have), this.offset + have));
  }
}
