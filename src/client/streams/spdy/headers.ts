/**
 * SPDY/3 header blocks: name-value pairs, compressed with one zlib context per direction for the whole
 * session.
 */

import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib';
import { headerDictionary } from './dictionary.ts';

export type SpdyHeaders = ReadonlyMap<string, string>;

const PAIRS_MAX = 100;
const BLOCK_MAX_BYTES = 64 * 1024;

export class HeaderReader {
  readonly #inflate: Inflate = createInflate({ dictionary: headerDictionary() });
  #produced: Buffer[] = [];

  constructor() {
    this.#inflate.on('data', (chunk: Buffer) => this.#produced.push(chunk));
  }

  /** Rejects when the block is damaged. One at a time, in order. */
  read(block: Uint8Array): Promise<SpdyHeaders> {
    return new Promise((resolve, reject) => {
      this.#inflate.once('error', reject);
      this.#inflate.write(block);
      this.#inflate.flush(constants.Z_SYNC_FLUSH, () => {
        this.#inflate.removeListener('error', reject);
        const bytes = Buffer.concat(this.#produced);
        this.#produced = [];
        try {
          resolve(parsePairs(bytes));
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  }

  close(): void {
    this.#inflate.on('error', () => {});
    this.#inflate.destroy();
  }
}

export class HeaderWriter {
  readonly #deflate: Deflate = createDeflate({ dictionary: headerDictionary() });
  #produced: Buffer[] = [];

  constructor() {
    this.#deflate.on('data', (chunk: Buffer) => this.#produced.push(chunk));
  }

  /** One at a time, in order. */
  write(headers: SpdyHeaders): Promise<Buffer> {
    return new Promise((resolve) => {
      this.#deflate.write(formatPairs(headers));
      this.#deflate.flush(constants.Z_SYNC_FLUSH, () => {
        const bytes = Buffer.concat(this.#produced);
        this.#produced = [];
        resolve(bytes);
      });
    });
  }

  close(): void {
    this.#deflate.destroy();
  }
}

function parsePairs(bytes: Buffer): SpdyHeaders {
  if (bytes.length < 4 || bytes.length > BLOCK_MAX_BYTES)
    throw new Error('a SPDY header block has a bad length');
  const headers = new Map<string, string>();
  const count = bytes.readUInt32BE(0);
  if (count > PAIRS_MAX) throw new Error('a SPDY header block has too many headers');
  let at = 4;
  const text = (): string => {
    const length = bytes.readUInt32BE(at);
    const value = bytes.toString('latin1', at + 4, at + 4 + length);
    at += 4 + length;
    return value;
  };
  for (let i = 0; i < count; i++) {
    const name = text().toLowerCase();
    headers.set(name, text());
  }
  return headers;
}

function formatPairs(headers: SpdyHeaders): Buffer {
  const u32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value, 0);
    return bytes;
  };
  const parts = [u32(headers.size)];
  for (const pair of headers)
    for (const text of pair) parts.push(u32(text.length), Buffer.from(text, 'latin1'));
  return Buffer.concat(parts);
}
