/**
 * Writes protobuf from the end to the start, so that the length of a nested message is known when it is due.
 * Callers therefore write last things first: payload, then its length and tag.
 */

export class ReverseWriter {
  #buffer: Buffer;
  #start: number;

  constructor(sizeHint = 1024) {
    this.#buffer = Buffer.allocUnsafe(sizeHint);
    this.#start = sizeHint;
  }

  /** Bytes written so far; the difference of two positions is the length of what lies between. */
  get position(): number {
    return this.#buffer.length - this.#start;
  }

  /** Forgets what was written and keeps the memory. */
  reset(): void {
    this.#start = this.#buffer.length;
  }

  finish(): Uint8Array {
    return new Uint8Array(this.#buffer.subarray(this.#start));
  }

  #reserve(bytes: number): number {
    if (bytes > this.#start) {
      const used = this.position;
      const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, used + bytes));
      this.#buffer.copy(grown, grown.length - used, this.#start);
      this.#start = grown.length - used;
      this.#buffer = grown;
    }
    this.#start -= bytes;
    return this.#start;
  }

  tag(number: number, wireType: number): void {
    this.unsigned(number * 8 + wireType);
  }

  /** The length of what was written since `before`, and the tag of a field that holds it. */
  lengthAndTag(number: number, before: number): void {
    this.unsigned(this.position - before);
    this.tag(number, 2);
  }

  /** A varint of a safe integer that is not negative. */
  unsigned(value: number): void {
    let size = 1;
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
    let at = this.#reserve(size);
    let rest = value;
    while (rest >= 128) {
      this.#buffer[at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[at] = rest;
  }

  /** A varint of any safe integer: negative ones in two's complement, ten bytes. */
  signed(value: number): void {
    if (value >= 0) this.unsigned(value);
    else this.big(BigInt(value));
  }

  big(value: bigint): void {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, value);
    while (rest >= 128n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.bytes(Uint8Array.from(bytes));
  }

  double(value: number): void {
    const at = this.#reserve(8);
    this.#buffer.writeDoubleLE(value, at);
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#buffer.set(bytes, at);
  }

  text(text: string): void {
    const at = this.#reserve(Buffer.byteLength(text));
    this.#buffer.write(text, at);
  }
}
