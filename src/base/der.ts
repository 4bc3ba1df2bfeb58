/**
 * DER (ITU-T X.690): the notation of keys, certificates and requests for them. Writes and reads elements;
 * what they mean is the business of those who ask.
 */

import { assert } from './assert.ts';

export const BOOLEAN = 0x01;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const UTF8_STRING = 0x0c;
const BMP_STRING = 0x1e;
export const SEQUENCE = 0x30;
export const SET = 0x31;
const INTEGER = 0x02;
const OBJECT_IDENTIFIER = 0x06;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

export interface Element {
  readonly tag: number;
  readonly content: Buffer;
  /** With tag and length. */
  readonly whole: Buffer;
}

/** Whose content is the parts, one after another. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(length)]), ...parts]);
}

function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return element(SEQUENCE, ...parts);
}

/** Of an element that is told from its neighbours by a number, not by its type. */
export function contextTag(number: number, form: 'primitive' | 'constructed'): number {
  return (form === 'primitive' ? 0x80 : 0xa0) | number;
}

/** Big-endian. */
export function unsignedInteger(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? Uint8Array.of(0) : bytes.subarray(start);
  // A first bit that is set would make it negative.
  const sign = (digits[0] ?? 0) < 0x80 ? [] : [Uint8Array.of(0)];
  return element(INTEGER, ...sign, digits);
}

/** `dotted`: such as `2.5.4.3`. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(OBJECT_IDENTIFIER, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

function base128(value: number): number[] {
  const octets = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    octets.unshift(0x80 | (rest % 128));
  return octets;
}

/** Of whole octets. */
export function bitString(bytes: Uint8Array): Buffer {
  return element(BIT_STRING, Uint8Array.of(0), bytes);
}

/** The set of the bits that are given by number; zeros at the end are left out. */
export function namedBits(bits: readonly number[]): Buffer {
  const last = Math.max(-1, ...bits);
  const octets = new Uint8Array(Math.ceil((last + 1) / 8));
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return element(BIT_STRING, Uint8Array.of(octets.length * 8 - 1 - last), octets);
}

/** To the second, in the form that RFC 5280 wants for the year. */
export function time(ms: number): Buffer {
  const text = new Date(ms).toISOString();
  assert(text.length === 24, 'a year of four digits');
  const digits = `${text.slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
  const isShort = digits >= '1950' && digits < '2050';
  return isShort
    ? element(UTC_TIME, Buffer.from(digits.slice(2)))
    : element(GENERALIZED_TIME, Buffer.from(digits));
}

/** The elements that stand one after another; undefined when they do not fit. */
export function readElements(buffer: Buffer): Element[] | undefined {
  const found: Element[] = [];
  for (let at = 0; at < buffer.length;) {
    const tag = buffer[at] ?? 0;
    const first = buffer[at + 1] ?? 0;
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + lengthBytes;
    // Indefinite lengths are not DER.
    if (first === 0x80 || lengthBytes > 4 || start > buffer.length) return undefined;
    const length = lengthBytes === 0 ? first : buffer.readUIntBE(at + 2, lengthBytes);
    const end = start + length;
    if (end > buffer.length) return undefined;
    found.push({ tag, content: buffer.subarray(start, end), whole: buffer.subarray(at, end) });
    at = end;
  }
  return found;
}

/** What a string of one of the usual types says. */
export function textOf({ tag, content }: Element): string {
  if (tag !== BMP_STRING || content.length % 2 !== 0) return content.toString('utf8');
  return Buffer.from(content).swap16().toString('utf16le');
}
