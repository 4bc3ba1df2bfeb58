/**
 * CBOR (RFC 8949) as the Kubernetes API speaks it: an encoding of the same values as JSON.
 *
 * Output: deterministic bytes that begin with the self-described tag; strings are byte strings, keys sorted,
 * numbers as short as they can be. Input: what any encoder may send, indefinite lengths and tags included;
 * never undefined values, other simple values, numbers that JSON cannot say, or keys that are there twice.
 * Upstream: apimachinery/pkg/runtime/serializer/cbor/internal/modes.
 */

import type { ListPieces } from '../schema/list-pieces.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';

const MAGIC = Uint8Array.of(0xd9, 0xd9, 0xf7);
/** Upstream's limits of the decoder. */
const DEPTH_MAX = 64;
const ELEMENTS_MAX = 1_000_000;

const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const TAG = 6;
const BREAK = 0xff;
const INDEFINITE = 31;

export function isCbor(bytes: Uint8Array): boolean {
  return bytes.length >= MAGIC.length && MAGIC.every((byte, i) => byte === bytes[i]);
}

export function encodeCbor(value: JsonValue): Uint8Array {
  const writer = new CborWriter();
  writer.raw(MAGIC);
  writer.value(value);
  return writer.finish();
}

/** A list in pieces: the same bytes as `encodeCbor({ ...head, items })`. */
export function cborList(head: JsonObject, count: number): ListPieces {
  const before = new CborWriter();
  const after = new CborWriter();
  before.raw(MAGIC);
  before.listEntries({ ...head, items: null }, count, after);
  return { start: () => before.finish(), item: encodeItem, end: () => after.finish() };
}

function encodeItem(item: JsonObject): Uint8Array {
  const writer = new CborWriter();
  writer.value(item);
  return writer.finish();
}

/** One event of a watch stream, which has no tag in front of its own. */
export function encodeCborEvent(type: string, object: JsonValue): Uint8Array {
  const writer = new CborWriter();
  writer.value({ type, object });
  return writer.finish();
}

class CborWriter {
  #bytes = Buffer.allocUnsafe(1024);
  #at = 0;

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  value(value: JsonValue): void {
    if (value === null) return this.#byte(0xf6);
    switch (typeof value) {
      case 'boolean':
        return this.#byte(value ? 0xf5 : 0xf4);
      case 'string':
        return this.#string(value);
      case 'number':
        return this.#number(value);
      default:
        if (Array.isArray(value)) return this.#list(value as readonly JsonValue[]);
        return this.#map(value as JsonObject);
    }
  }

  #list(list: readonly JsonValue[]): void {
    this.#head(ARRAY, list.length);
    for (const item of list) this.value(item);
  }

  #map(object: JsonObject): void {
    const keys = sortedKeys(object);
    this.#head(MAP, keys.length);
    for (const key of keys) this.#entry(key, object[key.toString()] ?? null);
  }

  #entry(key: Buffer, value: JsonValue): void {
    this.#key(key);
    this.value(value);
  }

  #key(key: Buffer): void {
    this.#head(BYTES, key.length);
    this.raw(key);
  }

  /** A map whose `items` are still to come: what stands after them is written to `after`. */
  listEntries(object: JsonObject, count: number, after: CborWriter): void {
    const keys = sortedKeys(object);
    const at = keys.findIndex((key) => key.toString() === 'items');
    this.#head(MAP, keys.length);
    for (const [i, key] of keys.entries()) {
      if (i !== at) (i < at ? this : after).#entry(key, object[key.toString()] ?? null);
      else {
        this.#key(key);
        this.#head(ARRAY, count);
      }
    }
  }

  #string(text: string): void {
    const length = Buffer.byteLength(text);
    this.#head(BYTES, length);
    this.#reserve(length);
    this.#at += this.#bytes.write(text, this.#at, 'utf8');
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      return value >= 0 ? this.#head(UNSIGNED, value) : this.#head(NEGATIVE, -1 - value);
    }
    this.#reserve(9);
    const half = halfBits(value);
    if (half !== undefined) {
      this.#bytes[this.#at] = 0xf9;
      this.#at = this.#bytes.writeUInt16BE(half, this.#at + 1);
    } else if (Math.fround(value) === value) {
      this.#bytes[this.#at] = 0xfa;
      this.#at = this.#bytes.writeFloatBE(value, this.#at + 1);
    } else {
      this.#bytes[this.#at] = 0xfb;
      this.#at = this.#bytes.writeDoubleBE(value, this.#at + 1);
    }
  }

  #head(major: number, count: number): void {
    this.#reserve(9);
    const type = major << 5;
    if (count < 24) this.#bytes[this.#at++] = type | count;
    else if (count < 0x100) {
      this.#bytes[this.#at] = type | 24;
      this.#at = this.#bytes.writeUInt8(count, this.#at + 1);
    } else if (count < 0x10000) {
      this.#bytes[this.#at] = type | 25;
      this.#at = this.#bytes.writeUInt16BE(count, this.#at + 1);
    } else if (count < 0x1_0000_0000) {
      this.#bytes[this.#at] = type | 26;
      this.#at = this.#bytes.writeUInt32BE(count, this.#at + 1);
    } else {
      this.#bytes[this.#at] = type | 27;
      this.#at = this.#bytes.writeBigUInt64BE(BigInt(count), this.#at + 1);
    }
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#at + count, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}

/** In the order of their encodings: the shorter first, then by their bytes. */
function sortedKeys(object: JsonObject): readonly Buffer[] {
  return Object.keys(object)
    .filter((key) => object[key] !== undefined)
    .map((key) => Buffer.from(key))
    .sort((a, b) => a.length - b.length || Buffer.compare(a, b));
}

/** The bits of the number as a half float; undefined where that would lose something. */
function halfBits(value: number): number | undefined {
  const view = new DataView(new ArrayBuffer(2));
  view.setFloat16(0, value);
  return Object.is(view.getFloat16(0), value) ? view.getUint16(0) : undefined;
}

export type DecodedCbor =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly error: string };

class CborError extends Error {}

export function decodeCbor(bytes: Uint8Array): DecodedCbor {
  const reader = new CborReader(bytes);
  try {
    const value = reader.value(0);
    if (!reader.isAtEnd) throw new CborError('cbor: extraneous data after the value');
    return { ok: true, value };
  } catch (thrown) {
    if (thrown instanceof CborError) return { ok: false, error: thrown.message };
    throw thrown;
  }
}

interface Head {
  readonly major: number;
  readonly info: number;
  readonly count: number;
}

const TEXT_DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

class CborReader {
  readonly #bytes: Buffer;
  #at = 0;
  #elements = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  value(depth: number): JsonValue {
    if (depth > DEPTH_MAX) throw new CborError(`cbor: exceeded max nested level ${DEPTH_MAX}`);
    if (++this.#elements > ELEMENTS_MAX) throw new CborError(`cbor: more than ${ELEMENTS_MAX} values`);
    const head = this.#head();
    switch (head.major) {
      case UNSIGNED:
        return this.#integer(head.count, false);
      case NEGATIVE:
        return this.#integer(head.count, true);
      case BYTES:
      case TEXT:
        return this.#text(head);
      case ARRAY:
        return this.#list(head, depth);
      case MAP:
        return this.#map(head, depth);
      case TAG:
        return this.#tagged(head.count, depth);
      default:
        return this.#simple(head);
    }
  }

  #integer(count: number, isNegative: boolean): number {
    const value = isNegative ? -1 - count : count;
    if (!Number.isSafeInteger(value)) throw new CborError(`cbor: cannot use the integer ${value} exactly`);
    return value;
  }

  /** Bytes that are meant for base64 (tag 22) read as such; other tags say nothing here. */
  #tagged(tag: number, depth: number): JsonValue {
    if (tag !== 22) return this.value(depth + 1);
    const head = this.#head();
    if (head.major !== BYTES) throw new CborError('cbor: expected base64 content is no byte string');
    return this.#content(head).toString('base64');
  }

  #text(head: Head): string {
    try {
      return TEXT_DECODER.decode(this.#content(head));
    } catch {
      throw new CborError('cbor: invalid UTF-8 string');
    }
  }

  #content(head: Head): Buffer {
    if (head.info !== INDEFINITE) return this.#take(head.count);
    const parts: Buffer[] = [];
    while (!this.#isBreak()) {
      const part = this.#head();
      if (part.major !== head.major || part.info === INDEFINITE) {
        throw new CborError('cbor: wrong part of a string of indefinite length');
      }
      parts.push(this.#take(part.count));
    }
    return Buffer.concat(parts);
  }

  #list(head: Head, depth: number): JsonValue[] {
    const list: JsonValue[] = [];
    while (head.info === INDEFINITE ? !this.#isBreak() : list.length < head.count)
      list.push(this.value(depth + 1));
    return list;
  }

  #map(head: Head, depth: number): JsonObject {
    const map: { [key: string]: JsonValue } = {};
    const seen = new Set<string>();
    while (head.info === INDEFINITE ? !this.#isBreak() : seen.size < head.count) {
      const keyHead = this.#head();
      if (keyHead.major !== BYTES && keyHead.major !== TEXT) throw new CborError('cbor: a key is no string');
      const key = this.#text(keyHead);
      if (seen.has(key)) throw new CborError(`cbor: found duplicate map key ${JSON.stringify(key)}`);
      seen.add(key);
      const value = this.value(depth + 1);
      Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true });
    }
    return map;
  }

  #simple({ info, count }: Head): JsonValue {
    switch (info) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
        return null;
      case 25:
        return finite(new DataView(this.#bytes.buffer, this.#bytes.byteOffset).getFloat16(this.#at - 2));
      case 26:
        return finite(this.#bytes.readFloatBE(this.#at - 4));
      case 27:
        return finite(this.#bytes.readDoubleBE(this.#at - 8));
      default:
        throw new CborError(`cbor: simple value ${count} is no JSON value`);
    }
  }

  #head(): Head {
    const first = this.#take(1)[0] ?? 0;
    const major = first >> 5;
    const info = first & 31;
    if (info < 24) return { major, info, count: info };
    if (info === INDEFINITE && major >= BYTES && major <= MAP) return { major, info, count: 0 };
    switch (info) {
      case 24:
        return { major, info, count: this.#take(1).readUInt8() };
      case 25:
        return { major, info, count: this.#take(2).readUInt16BE() };
      case 26:
        return { major, info, count: this.#take(4).readUInt32BE() };
      case 27:
        return { major, info, count: Number(this.#take(8).readBigUInt64BE()) };
      default:
        throw new CborError(`cbor: invalid additional information ${info}`);
    }
  }

  #isBreak(): boolean {
    if (this.#at >= this.#bytes.length) throw new CborError('cbor: unexpected end of the data');
    if (this.#bytes[this.#at] !== BREAK) return false;
    this.#at++;
    return true;
  }

  #take(count: number): Buffer {
    if (count > this.#bytes.length - this.#at) throw new CborError('cbor: unexpected end of the data');
    const part = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return part;
  }
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new CborError('cbor: cannot decode NaN or an infinity');
  return value;
}
