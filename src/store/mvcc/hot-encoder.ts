/**
 * Encodes values, each once while it is hot: the same bytes serve the log, every watcher, and the answers to
 * whoever wrote or reads the value.
 *
 * Bytes of what was just written are `fresh`, which is little: all those who need them come within moments. In
 * a busy store they are gone before the engine takes them for long-lived and keeps them until its next full
 * collection. Bytes of what somebody reads later are `read`, where they stay as long as they are asked for.
 * Bytes can be made again.
 */

import type { ValueCodec } from '../store.ts';
import { Packer, type Packed } from './packed.ts';
import { RecentBytes } from './recent-bytes.ts';

/** As a part of what is kept of bytes altogether. */
const FRESH_PART = 1 / 8;

export class HotEncoder<V> {
  readonly codec: ValueCodec<V>;
  readonly packer: Packer<V>;
  readonly #fresh: RecentBytes<V>;
  readonly #read: RecentBytes<V>;

  constructor(codec: ValueCodec<V>, maxBytes: number) {
    this.codec = codec;
    this.packer = new Packer((bytes) => codec.decode(bytes));
    this.#fresh = new RecentBytes(maxBytes * FRESH_PART);
    this.#read = new RecentBytes(maxBytes * (1 - FRESH_PART));
  }

  /** Bytes of a value that is being written, or just was. */
  freshBytes(value: V): Uint8Array {
    return this.peek(value) ?? this.#fresh.keep(value, this.#encoded(value));
  }

  /** Bytes of a value that somebody reads. */
  bytes(value: V): Uint8Array {
    const known = this.#fresh.get(value) ?? this.#read.use(value);
    // In memory of their own: what is kept for long must not keep what was made beside it.
    return known ?? this.#read.keep(value, new Uint8Array(this.#encoded(value)));
  }

  /** The bytes if they are hot; asking warms nothing, so that a walk over everything drives nothing out. */
  peek(value: V): Uint8Array | undefined {
    return this.#fresh.get(value) ?? this.#read.get(value);
  }

  readonly packed = (value: V): Packed<V> => this.packer.pack(this.peek(value) ?? this.#encoded(value));

  #encoded(value: V): Uint8Array {
    return Buffer.from(this.codec.encode(value));
  }
}
