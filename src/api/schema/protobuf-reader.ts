/**
 * Reads protobuf within bounds; input that breaks them is a `ProtobufError`, which never leaves the codec.
 */

export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

/** As deep as JSON may nest. */
const DEPTH_MAX = 1000;

export class ProtobufReader {
  readonly #bytes: Buffer;
  #at = 0;
  #end: number;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** The next field's tag, or undefined at the end of the message. */
  tag(): { readonly number: number; readonly wireType: number } | undefined {
    if (this.#at >= this.#end) return undefined;
    const key = this.integer();
    const number = Math.floor(key / 8);
    if (number < 1) throw new ProtobufError(`proto: illegal tag ${number}`);
    return { number, wireType: key % 8 };
  }

  /** Reads a length and then, within it, a message. */
  nested<T>(read: () => T): T {
    const length = this.#length();
    const end = this.#end;
    if (++this.#depth > DEPTH_MAX) throw new ProtobufError('proto: nested too deeply');
    this.#end = this.#at + length;
    const value = read();
    this.#at = this.#end;
    this.#end = end;
    this.#depth--;
    return value;
  }

  #length(): number {
    const length = this.integer();
    if (length < 0 || length > this.#end - this.#at) throw new ProtobufError('unexpected EOF');
    return length;
  }

  /** A varint as a signed 64-bit number; beyond 2^53 it is refused, as no field of the API needs more. */
  integer(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 7; i++) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    return this.#bigRest(BigInt(value));
  }

  #bigRest(low: bigint): number {
    let value = low;
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte >= 128) continue;
      const signed = Number(BigInt.asIntN(64, value));
      if (!Number.isSafeInteger(signed))
        throw new ProtobufError(`integer ${BigInt.asIntN(64, value)} is out of range`);
      return signed;
    }
    throw new ProtobufError('proto: integer overflow');
  }

  /** A varint in full, for durations in nanoseconds. */
  big(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asIntN(64, value);
    }
    throw new ProtobufError('proto: integer overflow');
  }

  #byte(): number {
    const byte = this.#at < this.#end ? this.#bytes[this.#at] : undefined;
    if (byte === undefined) throw new ProtobufError('unexpected EOF');
    this.#at++;
    return byte;
  }

  double(): number {
    this.#need(8);
    const value = this.#bytes.readDoubleLE(this.#at);
    this.#at += 8;
    return value;
  }

  bytes(): Buffer {
    const length = this.#length();
    const value = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return value;
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  skip(wireType: number): void {
    switch (wireType) {
      case 0:
        while (this.#byte() >= 128);
        return;
      case 1:
        this.#need(8);
        this.#at += 8;
        return;
      case 2:
        this.bytes();
        return;
      case 5:
        this.#need(4);
        this.#at += 4;
        return;
      default:
        throw new ProtobufError(`proto: illegal wireType ${wireType}`);
    }
  }

  #need(bytes: number): void {
    if (this.#end - this.#at < bytes) throw new ProtobufError('unexpected EOF');
  }
}
