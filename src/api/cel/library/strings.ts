/** cel-go's string extension, version 2, which Kubernetes has on. Offsets count code points. */

import { DYN, INT, listOf, STRING } from '../types/type.ts';
import type { Int } from '../values/int.ts';
import { codePoints } from '../values/text.ts';
import { CelError, itemsOf, type ListValue } from '../values/value.ts';
import { fn, global, type Library, onValue } from './declare.ts';
import { formatText } from './format.ts';
import { boundedLength, boundedText } from './operators.ts';

function outOfRange(index: Int): CelError {
  return new CelError(`index out of range: ${index}`);
}

function charAt(text: string, index: Int): string {
  const chars = codePoints(text);
  if (index < 0 || index > chars.length) throw outOfRange(index);
  return chars[Number(index)] ?? '';
}

function startsAt(chars: readonly string[], part: readonly string[], at: number): boolean {
  return part.every((char, i) => chars[at + i] === char);
}

function indexOf(text: string, part: string, offset: Int = 0): number {
  if (offset < 0) throw outOfRange(offset);
  const chars = codePoints(text);
  const wanted = codePoints(part);
  if (part === '') return Math.min(Number(offset), chars.length);
  for (let i = Number(offset); i <= chars.length - wanted.length; i++)
    if (startsAt(chars, wanted, i)) return i;
  return -1;
}

function lastIndexOf(text: string, part: string): number {
  const { length } = codePoints(text);
  if (part === '') return length;
  return length === 0 ? -1 : lastIndexBefore(text, part, length - 1);
}

function lastIndexBefore(text: string, part: string, offset: Int): number {
  if (offset < 0) throw outOfRange(offset);
  const chars = codePoints(text);
  const wanted = codePoints(part);
  if (part === '') return Math.min(Number(offset), chars.length);
  if (offset >= chars.length) return -1;
  for (let i = Math.min(Number(offset), chars.length - wanted.length); i >= 0; i--) {
    if (startsAt(chars, wanted, i)) return i;
  }
  return -1;
}

function replace(text: string, old: string, replacement: string, limit: Int = -1): string {
  const count = limit < 0 ? Infinity : Number(limit);
  const parts = old === '' ? ['', ...codePoints(text), ''] : text.split(old);
  if (old === '' && text === '') parts.pop();
  const kept = Math.min(count, parts.length - 1);
  boundedLength(text.length + kept * replacement.length);
  const joined = parts.slice(0, kept + 1).join(replacement);
  return boundedText([joined, ...parts.slice(kept + 1)].join(old));
}

function split(text: string, separator: string, limit: Int = -1): readonly string[] {
  if (limit === 0) return [];
  const parts = separator === '' ? codePoints(text) : text.split(separator);
  if (limit < 0 || parts.length <= limit) return parts;
  const kept = Number(limit) - 1;
  return [...parts.slice(0, kept), parts.slice(kept).join(separator)];
}

function substring(text: string, start: Int, end?: Int): string {
  const chars = codePoints(text);
  if (end !== undefined && start > end) {
    throw new CelError(`invalid substring range. start: ${start}, end: ${end}`);
  }
  if (start < 0 || start > chars.length) throw outOfRange(start);
  if (end !== undefined && (end < 0 || end > chars.length)) throw outOfRange(end);
  return chars.slice(Number(start), end === undefined ? undefined : Number(end)).join('');
}

/** Go's `unicode.IsSpace`. */
const SPACE_AROUND = /^[\t\n\v\f\r \u0085\p{Z}]+|[\t\n\v\f\r \u0085\p{Z}]+$/gu;

function join(list: ListValue, separator = ''): string {
  const items = itemsOf(list).map((item) => {
    if (typeof item !== 'string') throw new CelError(`join: invalid input: ${String(item)}`);
    return item;
  });
  return boundedText(items.join(separator));
}

function quote(text: string): string {
  const chars = codePoints(text.toWellFormed());
  return `"${chars.map((char) => ESCAPED[char] ?? char).join('')}"`;
}

const ESCAPED: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

const STRINGS_LIST = listOf(STRING);

export const STRINGS: Library = {
  functions: [
    fn('charAt', onValue('string_char_at_int', [STRING, INT], STRING, charAt)),
    fn('indexOf',
      onValue('string_index_of_string', [STRING, STRING], INT, (text: string, part: string) => indexOf(text, part)),
      onValue('string_index_of_string_int', [STRING, STRING, INT], INT, (text: string, part: string, offset: Int) =>
        indexOf(text, part, offset))),
    fn('lastIndexOf',
      onValue('string_last_index_of_string', [STRING, STRING], INT, lastIndexOf),
      onValue('string_last_index_of_string_int', [STRING, STRING, INT], INT, lastIndexBefore)),
    fn('lowerAscii', onValue('string_lower_ascii', [STRING], STRING, (text: string) =>
      text.replace(/[A-Z]/g, (char) => char.toLowerCase()))),
    fn('upperAscii', onValue('string_upper_ascii', [STRING], STRING, (text: string) =>
      text.replace(/[a-z]/g, (char) => char.toUpperCase()))),
    fn('replace',
      onValue('string_replace_string_string', [STRING, STRING, STRING], STRING, (text: string, old: string, by: string) =>
        replace(text, old, by)),
      onValue('string_replace_string_string_int', [STRING, STRING, STRING, INT], STRING, (text: string, old: string, by: string, limit: Int) =>
        replace(text, old, by, limit))),
    fn('split',
      onValue('string_split_string', [STRING, STRING], STRINGS_LIST, (text: string, by: string) => split(text, by)),
      onValue('string_split_string_int', [STRING, STRING, INT], STRINGS_LIST, (text: string, by: string, limit: Int) =>
        split(text, by, limit))),
    fn('substring',
      onValue('string_substring_int', [STRING, INT], STRING, (text: string, start: Int) => substring(text, start)),
      onValue('string_substring_int_int', [STRING, INT, INT], STRING, (text: string, start: Int, end: Int) =>
        substring(text, start, end))),
    fn('trim', onValue('string_trim', [STRING], STRING, (text: string) => text.replace(SPACE_AROUND, ''))),
    fn('join',
      onValue('list_join', [STRINGS_LIST], STRING, (list: ListValue) => join(list)),
      onValue('list_join_string', [STRINGS_LIST, STRING], STRING, (list: ListValue, by: string) => join(list, by))),
    fn('strings.quote', global('strings_quote', [STRING], STRING, quote)),
    fn('format', onValue('string_format', [STRING, listOf(DYN)], STRING, formatText)),
  ],
  macros: [],
}; // prettier-ignore
