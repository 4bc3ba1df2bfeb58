/**
 * Encodes values, each once while it is hot: the same bytes serve the log, every watcher, and the answers to
 * whoever wrote or reads the value.
 *
 * Two generations bound what is kept: what is asked for is in the young one; when that has half of the
 * budget, it becomes the old one, and what nobody asked for since is forgotten. Bytes can be made again.
 */

import type { ValueCodec } from '../store.ts';
import { Packer, type Packed } from './packed.ts';

/** What one value counts for at least: the object itself weighs something too. */
const VALUE_MIN_BYTES = 256;

export class HotEncoder<V> {
  readonly codec: ValueCodec<V>;
  readonly packer: Packer<V>;
  readonly #maxBytes: number;
  #young = new Map<V, Uint8Array>();
  #old = new Map<V, Uint8Array>();
  #youngBytes = 0;

  constructor(codec: ValueCodec<V>, maxBytes: number) {
    this.codec = codec;
    this.packer = new Packer((bytes) => codec.decode(bytes));
    this.#maxBytes = maxBytes;
  }

  bytes(value: V): Uint8Array {
    const known = this.#young.get(value);
    if (known !== undefined) return known;
    const bytes = this.#old.get(value) ?? Buffer.from(this.codec.encode(value));
    if (this.#youngBytes >= this.#maxBytes / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#young.set(value, bytes);
    this.#youngBytes += Math.max(bytes.length, VALUE_MIN_BYTES);
    return bytes;
  }

  readonly packed = (value: V): Packed<V> =>
    this.packer.pack(this.peek(value) ?? Buffer.from(this.codec.encode(value)));

  /** The bytes if they are hot; asking warms nothing, so that a walk over everything drives nothing out. */
  peek(value: V): Uint8Array | undefined {
    return this.#young.get(value) ?? this.#old.get(value);
  }
}
