/**
 * The layout of the store's files, as pure functions on bytes.
 *
 * A file is a header and then frames. A frame is written by one flush and is valid as a whole or not at all.
 *
 *   header  magic(8) version(u32) salt(u32) revision(f64) time(f64) checksum(u32) zero(u32)         40 bytes
 *   frame   magic(u32) checksum(u32) length(u32) kind(u32) revision(f64) | payload              24 + length
 *
 * Numbers are little-endian; a revision is below 2^53, which a double holds exactly. The checksum of a frame
 * is the CRC-32 of all that follows it, started from the file's random salt: neither bytes of another file
 * nor a value that happens to look like a frame can pass for one.
 */

import { crc32 } from 'node:zlib';
import type { Revision } from '../store.ts';

export const FORMAT_VERSION = 1;
export const FILE_HEADER_BYTES = 40;
export const FRAME_HEADER_BYTES = 24;
/** Beyond this a length is damage, not data: a flush carries at most some 8 MB plus one commit. */
export const FRAME_MAX_BYTES = 256 * 1024 * 1024;

const FRAME_MAGIC = Buffer.from([0xff, 0x4b, 0x38, 0xfe]);
const FRAME_MAGIC_NUMBER = FRAME_MAGIC.readUInt32LE();
const CHECKED_FROM = 8;

export type FileType = 'log' | 'snapshot';

export interface FileHeader {
  readonly type: FileType;
  readonly salt: number;
  /** Log: the first revision in it. Snapshot: the revision of the state. */
  readonly revision: Revision;
  /** Wall time when the file was begun. */
  readonly timeMs: number;
}

export type FrameKind = 'commits' | 'entries' | 'end';
const KINDS: readonly FrameKind[] = ['commits', 'entries', 'end'];

export interface Frame {
  readonly kind: FrameKind;
  readonly revision: Revision;
  readonly payload: Buffer;
  /** Where the frame ends. */
  readonly end: number;
}

export function encodeFileHeader(header: FileHeader): Buffer {
  const bytes = Buffer.alloc(FILE_HEADER_BYTES);
  bytes.write(fileMagic(header.type), 0, 'latin1');
  bytes.writeUInt32LE(FORMAT_VERSION, 8);
  bytes.writeUInt32LE(header.salt, 12);
  bytes.writeDoubleLE(header.revision, 16);
  bytes.writeDoubleLE(header.timeMs, 24);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 32)), 32);
  return bytes;
}

/** `damaged`: no file of this type begins so. */
export function decodeFileHeader(type: FileType, bytes: Buffer): FileHeader | 'damaged' | 'newer' {
  if (bytes.length < FILE_HEADER_BYTES || bytes.toString('latin1', 0, 8) !== fileMagic(type))
    return 'damaged';
  if (bytes.readUInt32LE(32) !== crc32(bytes.subarray(0, 32))) return 'damaged';
  if (bytes.readUInt32LE(8) > FORMAT_VERSION) return 'newer';
  const salt = bytes.readUInt32LE(12);
  return { type, salt, revision: bytes.readDoubleLE(16), timeMs: bytes.readDoubleLE(24) };
}

/** Fills in the header of the frame that begins at 0 and whose payload is already in place. */
export function sealFrame(frame: Buffer, salt: number, kind: FrameKind, revision: Revision): void {
  frame.writeUInt32LE(FRAME_MAGIC_NUMBER, 0);
  frame.writeUInt32LE(frame.length - FRAME_HEADER_BYTES, 8);
  frame.writeUInt32LE(KINDS.indexOf(kind), 12);
  frame.writeDoubleLE(revision, 16);
  frame.writeUInt32LE(crc32(frame.subarray(CHECKED_FROM), salt), 4);
}

/** How many bytes the frame at `offset` claims to have; undefined when no frame begins there. */
export function frameLength(bytes: Buffer, offset: number): number | undefined {
  if (bytes.length < offset + FRAME_HEADER_BYTES) return undefined;
  if (bytes.readUInt32LE(offset) !== FRAME_MAGIC_NUMBER) return undefined;
  const length = bytes.readUInt32LE(offset + 8);
  return length > FRAME_MAX_BYTES ? undefined : FRAME_HEADER_BYTES + length;
}

/** The frame at `offset`; undefined when there is none, or a torn or damaged one. */
export function decodeFrame(bytes: Buffer, offset: number, salt: number): Frame | undefined {
  const length = frameLength(bytes, offset);
  if (length === undefined || bytes.length < offset + length) return undefined;
  const end = offset + length;
  if (bytes.readUInt32LE(offset + 4) !== crc32(bytes.subarray(offset + CHECKED_FROM, end), salt))
    return undefined;
  const kind = KINDS[bytes.readUInt32LE(offset + 12)];
  if (kind === undefined) return undefined;
  const revision = bytes.readDoubleLE(offset + 16);
  return { kind, revision, payload: bytes.subarray(offset + FRAME_HEADER_BYTES, end), end };
}

/** Whether a valid frame begins anywhere after `offset`: then what stands at `offset` is no torn tail. */
export function anyFrameAfter(bytes: Buffer, offset: number, salt: number): boolean {
  let at = bytes.indexOf(FRAME_MAGIC, offset + 1);
  for (; at >= 0; at = bytes.indexOf(FRAME_MAGIC, at + 1)) {
    if (decodeFrame(bytes, at, salt) !== undefined) return true;
  }
  return false;
}

function fileMagic(type: FileType): string {
  switch (type) {
    case 'log':
      return 'k8ts-log';
    case 'snapshot':
      return 'k8ts-snp';
  }
}
