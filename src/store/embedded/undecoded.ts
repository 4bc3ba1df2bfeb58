/**
 * Entries as they were read from the disk: a value is decoded when somebody first asks for it. So a store is
 * open sooner, and until then has bytes that the garbage collector need not walk.
 */

import { Packed, type Packer } from '../mvcc/packed.ts';
import type { Entry, Revision } from '../store.ts';

export interface Decoding<V> {
  /** Of values with a checksum that was right; they are asked for in any order. */
  decode(bytes: Uint8Array): V;
  isSeldomRead(value: V): boolean;
  /** What is seldom read goes there when it was decoded for the first time. */
  readonly packer: Packer<V>;
}

/**
 * Values lie together in pieces of this size, each of which is freed when all that is in it is decoded. What
 * is larger than 32 MB the C library always takes from the system and gives back; what is not used of it
 * costs nothing.
 */
const PIECE_BYTES = 33 * 1024 * 1024;

export class UndecodedEntries<V> {
  readonly #decoding: Decoding<V>;
  #piece: Piece<V> | undefined;

  constructor(decoding: Decoding<V>) {
    this.#decoding = decoding;
  }

  /** `bytes` is copied. */
  entry(key: string, bytes: Uint8Array, createRevision: Revision, modRevision: Revision): Entry<V> {
    let piece = this.#piece;
    if (piece === undefined || !piece.hasRoomFor(bytes.length)) {
      piece?.close();
      piece = new Piece(this.#decoding, Math.max(PIECE_BYTES, bytes.length));
      this.#piece = piece;
    }
    return new UndecodedEntry(key, createRevision, modRevision, piece, piece.add(bytes), bytes.length);
  }

  /** No entry comes after this. */
  close(): void {
    this.#piece?.close();
    this.#piece = undefined;
  }
}

class Piece<V> {
  readonly #decoding: Decoding<V>;
  readonly #bytes: Buffer<ArrayBuffer>;
  #end = 0;
  #undecoded = 0;
  #isFull = false;

  constructor(decoding: Decoding<V>, size: number) {
    this.#decoding = decoding;
    this.#bytes = Buffer.allocUnsafeSlow(size);
  }

  hasRoomFor(count: number): boolean {
    return this.#end + count <= this.#bytes.length;
  }

  /** Returns where they lie. */
  add(bytes: Uint8Array): number {
    const at = this.#end;
    this.#bytes.set(bytes, at);
    this.#end += bytes.length;
    this.#undecoded++;
    return at;
  }

  /** Nothing more will be added. */
  close(): void {
    this.#isFull = true;
    this.#freeWhenDecoded();
  }

  /** To be asked for once. */
  decode(at: number, length: number): { readonly value: V; readonly kept: V | Packed<V> } {
    const bytes = this.#bytes.subarray(at, at + length);
    const value = this.#decoding.decode(bytes);
    const kept = this.#decoding.isSeldomRead(value) ? this.#decoding.packer.pack(bytes) : value;
    this.#undecoded--;
    this.#freeWhenDecoded();
    return { value, kept };
  }

  /** At once: a server that has little to do may not collect garbage for long. */
  #freeWhenDecoded(): void {
    if (this.#isFull && this.#undecoded === 0) this.#bytes.buffer.transfer(0);
  }
}

class UndecodedEntry<V> implements Entry<V> {
  readonly key: string;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
  #piece: Piece<V> | undefined;
  readonly #at: number;
  readonly #length: number;
  #kept: V | Packed<V> | undefined;

  constructor(
    key: string,
    createRevision: Revision,
    modRevision: Revision,
    piece: Piece<V>,
    at: number,
    length: number,
  ) {
    this.key = key;
    this.createRevision = createRevision;
    this.modRevision = modRevision;
    this.#piece = piece;
    this.#at = at;
    this.#length = length;
  }

  get value(): V {
    if (this.#piece !== undefined) {
      const { value, kept } = this.#piece.decode(this.#at, this.#length);
      this.#kept = kept;
      this.#piece = undefined;
      return value;
    }
    return this.#kept instanceof Packed ? this.#kept.value() : (this.#kept as V);
  }
}
