/**
 * What frames carry, as pure functions on bytes.
 *
 *   commits   time(f64), then per commit: changes(u32), then per change:
 *             type(u8: 1 put, 2 delete) key length(u16) value length(u32) key value
 *   entries   per entry: create revision(f64) modification revision(f64)
 *             key length(u16) value length(u32) key value
 *   end       number of entries(f64)
 *
 * The commits of a frame take consecutive revisions from the frame's on.
 */

import { assert } from '../../base/assert.ts';
import type { Commit } from '../mvcc/change.ts';
import type { Revision } from '../store.ts';
import { FRAME_HEADER_BYTES } from './frame.ts';

const KEY_MAX_BYTES = 0xffff;

export interface StoredChange {
  readonly key: string;
  /** Undefined: the key was deleted. */
  readonly value: Buffer | undefined;
}

export interface StoredEntry {
  readonly key: string;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
  readonly value: Buffer;
}

/** Room for a frame that grows as it is filled, and is used again for the next one. */
export class FrameBuffer {
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #at = FRAME_HEADER_BYTES;

  /** Length of the frame so far, its header included. */
  get length(): number {
    return this.#at;
  }

  reset(): void {
    this.#at = FRAME_HEADER_BYTES;
    // One large value must not hold its room for ever.
    if (this.#bytes.length > 16 * 1024 * 1024) this.#bytes = Buffer.allocUnsafe(64 * 1024);
  }

  /** The frame; valid until `reset`. */
  frame(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#at = this.#bytes.writeUInt8(value, this.#at);
  }

  word(value: number): void {
    this.#reserve(4);
    this.#at = this.#bytes.writeUInt32LE(value, this.#at);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
  }

  keyAndValue(key: string, value: Uint8Array): void {
    this.#reserve(6 + key.length * 3 + value.length);
    const keyLength = this.#bytes.write(key, this.#at + 6, 'utf8');
    assert(keyLength <= KEY_MAX_BYTES, `a key of ${keyLength} bytes is too long`);
    this.#bytes.writeUInt16LE(keyLength, this.#at);
    this.#bytes.writeUInt32LE(value.length, this.#at + 2);
    this.#bytes.set(value, this.#at + 6 + keyLength);
    this.#at += 6 + keyLength + value.length;
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#at + count, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}

const PUT = 1;
const DELETE = 2;
const NOTHING = new Uint8Array(0);

export function putCommits<V>(buffer: FrameBuffer, commits: readonly Commit<V>[]): void {
  buffer.double(commits[0]?.timeMs ?? 0);
  for (const { changes } of commits) {
    buffer.word(changes.length);
    for (const change of changes) {
      buffer.byte(change.type === 'put' ? PUT : DELETE);
      buffer.keyAndValue(change.key, change.type === 'put' ? change.bytes() : NOTHING);
    }
  }
}

export interface StoredCommits {
  readonly timeMs: number;
  readonly commits: readonly (readonly StoredChange[])[];
}

/** `payload` has passed its checksum, so anything unexpected in it is a bug and throws. */
export function readCommits(payload: Buffer): StoredCommits {
  const timeMs = payload.readDoubleLE(0);
  const commits: StoredChange[][] = [];
  for (let at = 8; at < payload.length;) {
    const changes: StoredChange[] = [];
    const count = payload.readUInt32LE(at);
    at += 4;
    for (let i = 0; i < count; i++) {
      const type = payload.readUInt8(at);
      assert(type === PUT || type === DELETE, `unknown type of change ${type}`);
      const { key, value, end } = readKeyAndValue(payload, at + 1);
      changes.push({ key, value: type === PUT ? value : undefined });
      at = end;
    }
    commits.push(changes);
  }
  return { timeMs, commits };
}

export function putEntry(buffer: FrameBuffer, entry: StoredEntry): void {
  buffer.double(entry.createRevision);
  buffer.double(entry.modRevision);
  buffer.keyAndValue(entry.key, entry.value);
}

/** As `readCommits`: anything unexpected is a bug. */
export function readEntries(payload: Buffer): readonly StoredEntry[] {
  const entries: StoredEntry[] = [];
  for (let at = 0; at < payload.length;) {
    const createRevision = payload.readDoubleLE(at);
    const modRevision = payload.readDoubleLE(at + 8);
    const { key, value, end } = readKeyAndValue(payload, at + 16);
    entries.push({ key, value, createRevision, modRevision });
    at = end;
  }
  return entries;
}

function readKeyAndValue(payload: Buffer, at: number): { key: string; value: Buffer; end: number } {
  const keyEnd = at + 6 + payload.readUInt16LE(at);
  const end = keyEnd + payload.readUInt32LE(at + 2);
  assert(end <= payload.length, 'a record reaches beyond its frame');
  return { key: payload.toString('utf8', at + 6, keyEnd), value: payload.subarray(keyEnd, end), end };
}
