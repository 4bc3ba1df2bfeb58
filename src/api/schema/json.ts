/**
 * JSON bodies: text to values, with what `JSON.parse` does not tell: duplicate keys, and how deep it goes.
 *
 * Input: text or UTF-8 bytes. Output: the value and the paths of duplicate keys (`spec.replicas`), or a
 * refusal. The normal case costs one scan beside `JSON.parse`: the text has as many members as the parsed
 * value unless a key stands twice somewhere, and only then the duplicates are searched.
 */

import { jsonSyntaxError } from './json-syntax.ts';
import type { JsonObject, JsonValue } from './schema.ts';

export type ParsedJson =
  | {
      readonly ok: true;
      readonly value: JsonValue;
      /**
       * Paths of keys that stand more than once in their object; the last one won. At most
       * `STRICT_ERRORS_MAX`.
       */
      readonly duplicateFields: readonly string[];
      /** Numbers that are not written as JavaScript writes them (`1.0`, `1e2`), by their path: Go tells them apart. */
      readonly literals: Literals | undefined;
    }
  | { readonly ok: false; readonly error: string };

export type Literals = ReadonlyMap<string, string>;

/**
 * Upstream stops at 10,000; nothing real comes near, and every walk over a value may recurse to this depth.
 */
export const JSON_DEPTH_MAX = 1000;

/** As many unknown or duplicate fields are reported, further ones add nothing. */
export const STRICT_ERRORS_MAX = 100;

export function jsonText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

export function parseJson(text: string): ParsedJson {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (cause) {
    return { ok: false, error: jsonSyntaxError(text) ?? String(cause) };
  }
  const shape = measure(text);
  if (shape.depth > JSON_DEPTH_MAX) return { ok: false, error: 'exceeded max depth' };
  const counted = { members: 0, hasHuge: false };
  count(value, counted);
  const hasDuplicates = shape.members !== counted.members;
  if (!hasDuplicates && !shape.hasFractions && !counted.hasHuge) {
    return { ok: true, value, duplicateFields: [], literals: undefined };
  }
  const { duplicates, literals } = walkText(text);
  const endless = counted.hasHuge ? [...literals.values()].find(isEndless) : undefined;
  if (endless !== undefined) {
    return { ok: false, error: `json: cannot unmarshal number ${endless} into Go value of type float64` };
  }
  return {
    ok: true,
    value,
    duplicateFields: [...duplicates],
    literals: literals.size === 0 ? undefined : literals,
  };
}

/** Of a text that is known to be JSON. */
function measure(text: string): { members: number; depth: number; hasFractions: boolean } {
  let hasFractions = false;
  let members = 0;
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: // "
        i = endOfString(text, i);
        break;
      case 0x3a: // :
        members++;
        break;
      case 0x7b: // {
      case 0x5b: // [
        if (++depth > deepest) deepest = depth;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth--;
        break;
      case 0x2e: // .
        hasFractions = true;
        break;
      case 0x45: // E
      case 0x65: // e, which `true` and `false` have, too
        hasFractions ||= isDigit(text.charCodeAt(i - 1));
        break;
    }
  }
  return { members, depth: deepest, hasFractions };
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** The position of the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  for (;;) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
}

/** Too large to be a number at all (`1e999`). */
function isEndless(literal: string): boolean {
  return !Number.isFinite(Number(literal));
}

interface Counted {
  members: number;
  /** Whether there are integers that lose digits. */
  hasHuge: boolean;
}

function count(value: JsonValue, counted: Counted): void {
  if (typeof value === 'number') {
    if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) counted.hasHuge = true;
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) count(item, counted);
    return;
  }
  const object = value as JsonObject;
  for (const key in object) {
    const child = object[key];
    counted.members++;
    if (typeof child === 'object' || typeof child === 'number') count(child, counted);
  }
}

interface Walked {
  readonly duplicates: ReadonlySet<string>;
  readonly literals: Literals;
}

/** Walks the text a second time, now with the keys; the text is known to be JSON. */
function walkText(text: string): Walked {
  const found = new Set<string>();
  const literals = new Map<string, string>();
  let at = 0;
  const skipSpace = (): number => {
    while (/\s/.test(text[at] ?? 'x')) at++;
    return text.charCodeAt(at);
  };
  const walk = (path: string): void => {
    const first = skipSpace();
    if (first === 0x7b) walkObject(path);
    else if (first === 0x5b) walkArray(path);
    else if (first === 0x22) at = endOfString(text, at) + 1;
    else walkWord(path);
  };
  const walkWord = (path: string): void => {
    const start = at;
    while (at < text.length && !',]} \t\r\n'.includes(text[at] ?? ',')) at++;
    const word = text.slice(start, at);
    if (/^-?\d/.test(word) && word !== '-0' && word !== String(Number(word))) literals.set(path, word);
    else if (literals.size > 0) literals.delete(path);
  };
  const walkObject = (path: string): void => {
    const seen = new Set<string>();
    at++;
    while (skipSpace() !== 0x7d) {
      const end = endOfString(text, at);
      const key = JSON.parse(text.slice(at, end + 1)) as string;
      const child = path === '' ? key : `${path}.${key}`;
      if (seen.has(key) && found.size < STRICT_ERRORS_MAX) found.add(child);
      seen.add(key);
      at = end + 1;
      skipSpace();
      at++;
      walk(child);
      if (skipSpace() === 0x2c) at++;
    }
    at++;
  };
  const walkArray = (path: string): void => {
    at++;
    for (let i = 0; skipSpace() !== 0x5d; i++) {
      walk(`${path}[${i}]`);
      if (skipSpace() === 0x2c) at++;
    }
    at++;
  };
  walk('');
  return { duplicates: found, literals };
}

/** What somebody sent where a text belongs: anything at all, and `String()` throws for some of it. */
export function sentText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
