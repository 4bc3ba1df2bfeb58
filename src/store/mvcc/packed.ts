/**
 * Values that are written and seldom read, such as events: the newest are objects like all others, afterwards
 * only their bytes are kept, and whoever asks decodes them anew. A busy cluster has as many events as pods,
 * and nobody has to wait for a garbage collector that need not walk them.
 */

import type { Entry, Revision } from '../store.ts';

/**
 * Bytes lie together in pieces of this size, which go when nothing in them is referred to any more: what was
 * written together is forgotten together.
 */
const PIECE_BYTES = 256 * 1024;

type Decode<V> = (bytes: Uint8Array) => V;

export class Packer<V> {
  readonly #decode: Decode<V>;
  #piece = Buffer.alloc(0);
  #end = 0;

  constructor(decode: Decode<V>) {
    this.#decode = decode;
  }

  /** The bytes are copied. */
  pack(bytes: Uint8Array): Packed<V> {
    const { length } = bytes;
    if (this.#end + length > this.#piece.length) {
      this.#piece = Buffer.allocUnsafeSlow(Math.max(PIECE_BYTES, length));
      this.#end = 0;
    }
    const at = this.#end;
    this.#piece.set(bytes, at);
    this.#end += length;
    return new Packed(this.#decode, this.#piece, at, length);
  }
}

export class Packed<V> {
  readonly #decode: Decode<V>;
  readonly #piece: Buffer;
  readonly #at: number;
  readonly #length: number;

  constructor(decode: Decode<V>, piece: Buffer, at: number, length: number) {
    this.#decode = decode;
    this.#piece = piece;
    this.#at = at;
    this.#length = length;
  }

  bytes(): Uint8Array {
    return this.#piece.subarray(this.#at, this.#at + this.#length);
  }

  /** Another object each time. */
  value(): V {
    return this.#decode(this.bytes());
  }
}

export class PackableEntry<V> implements Entry<V> {
  readonly key: string;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
  #kept: V | Packed<V>;
  #packed: Packed<V> | undefined;

  constructor(key: string, value: V, createRevision: Revision, modRevision: Revision) {
    this.key = key;
    this.createRevision = createRevision;
    this.modRevision = modRevision;
    this.#kept = value;
  }

  get value(): V {
    return this.#kept instanceof Packed ? this.#kept.value() : this.#kept;
  }

  /** Undefined while it is an object. */
  get packedBytes(): Uint8Array | undefined {
    return this.#kept instanceof Packed ? this.#kept.bytes() : undefined;
  }

  /** For later, while the bytes are at hand: encoding costs more than copying. */
  packedAs(packed: Packed<V>): void {
    this.#packed = packed;
  }

  /** From now on it is decoded by whoever asks for it. */
  pack(packed: (value: V) => Packed<V>): void {
    if (!(this.#kept instanceof Packed)) this.#kept = this.#packed ?? packed(this.#kept);
    this.#packed = undefined;
  }
}
