/** What literals mean: escapes, bases, ranges. */

import { INT_MAX, INT_MIN, intOf, UINT_MAX } from '../values/int.ts';
import { utf8Encode } from '../values/text.ts';
import { type CelValue, Double, Uint } from '../values/value.ts';
import { SyntaxProblem } from './issue.ts';

export function readInt(text: string, negative: boolean, at: number): CelValue {
  const value = BigInt(text) * (negative ? -1n : 1n);
  if (value < INT_MIN || value > INT_MAX) throw new SyntaxProblem('invalid int literal', at);
  return intOf(value);
}

export function readUint(text: string, at: number): CelValue {
  const value = BigInt(text);
  if (value > UINT_MAX) throw new SyntaxProblem('invalid uint literal', at);
  return new Uint(value);
}

export function readFloat(text: string, negative: boolean, at: number): CelValue {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new SyntaxProblem('invalid double literal', at);
  return new Double(negative ? -value : value);
}

const SIMPLE: Readonly<Record<string, number>> = {
  a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92, "'": 39, '"': 34, '`': 96, '?': 63,
}; // prettier-ignore

const ESCAPE =
  /\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([abfnrtv\\'"`?])|([^]?))/g;

/** The code of an escape, and whether it names a Unicode code point rather than a byte. */
function escapeCode(match: RegExpExecArray, at: number): { code: number; isPoint: boolean } {
  const [, hex, short, long, octal, simple] = match;
  if (simple !== undefined) return { code: SIMPLE[simple] ?? 0, isPoint: true };
  if (hex !== undefined) return { code: parseInt(hex, 16), isPoint: false };
  if (octal !== undefined) return { code: parseInt(octal, 8), isPoint: false };
  const point = short ?? long;
  if (point === undefined) throw new SyntaxProblem('Syntax error: invalid escape sequence', at);
  const code = parseInt(point, 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    throw new SyntaxProblem('invalid unicode code point', at);
  }
  return { code, isPoint: true };
}

export function readString(content: string, isRaw: boolean, at: number): string {
  const text = content.replace(/\r\n?/g, '\n');
  if (isRaw || !text.includes('\\')) return text;
  let result = '';
  let end = 0;
  for (const match of text.matchAll(ESCAPE)) {
    result += text.slice(end, match.index) + String.fromCodePoint(escapeCode(match, at).code);
    end = match.index + match[0].length;
  }
  return result + text.slice(end);
}

export function readBytes(content: string, isRaw: boolean, at: number): Uint8Array {
  const text = content.replace(/\r\n?/g, '\n');
  if (isRaw || !text.includes('\\')) return utf8Encode(text);
  const bytes: number[] = [];
  let end = 0;
  for (const match of text.matchAll(ESCAPE)) {
    bytes.push(...utf8Encode(text.slice(end, match.index)));
    if (match[2] !== undefined || match[3] !== undefined) {
      throw new SyntaxProblem('unable to unescape string', at);
    }
    bytes.push(escapeCode(match, at).code);
    end = match.index + match[0].length;
  }
  bytes.push(...utf8Encode(text.slice(end)));
  return Uint8Array.from(bytes);
}
