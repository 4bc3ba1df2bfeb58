/**
 * Where in the log the last change of each key lies: what a snapshot must take from it. Pure.
 *
 * Input: the changes of the log, in order. Output: one `LastChange` per key, sorted by key. It holds no
 * values, so it is as large as there are changed keys, however long the log.
 *
 * Example: the log puts `a` at 7, deletes it at 8, puts it at 9 and puts `b` at 9. Of `a` it keeps that it was
 * created anew at 9; of `b` that it was put at 9, and created then too unless the snapshot before has it.
 */

import { crc32 } from 'node:zlib';
import { emptySortedMap } from '../../base/sorted-map.ts';
import type { Revision } from '../store.ts';

/** Whole numbers, most of them small: a million keys must fit into memory. */
export interface LastChange {
  readonly key: string;
  /** Which of the log's files has the value, and where in it. Of a deletion the length is -1. */
  readonly log: number;
  readonly offset: number;
  readonly length: number;
  /** CRC-32 of the value, as a signed number. */
  readonly checksum: number;
  readonly modRevision: Revision;
  /** Of the first put since the key was absent, as far as the log knows. */
  readonly firstRevision: Revision;
  /** The log saw the key absent before `firstRevision`. */
  readonly anew: boolean;
}

/** Where a file of the log has a value. */
export interface Position {
  readonly log: number;
  readonly offset: number;
}

const DELETED = -1;

export class LogIndex {
  readonly #changes = emptySortedMap<LastChange>().draft();

  put(key: string, revision: Revision, value: Uint8Array, { log, offset }: Position): void {
    const before = this.#changes.get(key);
    const anew = before !== undefined && (before.anew || isDeletion(before));
    const firstRevision = before === undefined || isDeletion(before) ? revision : before.firstRevision;
    const { length } = value;
    const checksum = checksumOf(value);
    this.#changes.set(key, {
      key,
      log,
      offset,
      length,
      checksum,
      modRevision: revision,
      firstRevision,
      anew,
    });
  }

  delete(key: string, revision: Revision): void {
    this.#changes.set(key, {
      key,
      log: 0,
      offset: 0,
      length: DELETED,
      checksum: 0,
      modRevision: revision,
      firstRevision: revision,
      anew: true,
    });
  }

  /** By key. */
  sorted(): Iterable<LastChange> {
    return this.#changes.snapshot().values();
  }
}

export function isDeletion({ length }: LastChange): boolean {
  return length === DELETED;
}

export function checksumOf(value: Uint8Array): number {
  return crc32(value) | 0;
}

/** A piece of a file with the values of some changes. */
export interface Piece {
  readonly log: number;
  readonly offset: number;
  length: number;
  readonly changes: LastChange[];
}

/** Reading what lies between two values is cheaper than another call as long as it is less than this. */
const GAP_BYTES = 128 * 1024;
const PIECE_BYTES = 1024 * 1024;

/** How to read the values of `changes` in few calls, each file from front to back. */
export function pieces(changes: readonly LastChange[]): Piece[] {
  const found: Piece[] = [];
  const inOrder = changes.toSorted((a, b) => a.log - b.log || a.offset - b.offset);
  for (const change of inOrder) {
    const { log, offset, length } = change;
    const last = found.at(-1);
    const end = last === undefined ? 0 : last.offset + last.length;
    if (last?.log === log && offset - end <= GAP_BYTES && offset + length - last.offset <= PIECE_BYTES) {
      last.length = offset + length - last.offset;
      last.changes.push(change);
    } else found.push({ log, offset, length, changes: [change] });
  }
  return found;
}
