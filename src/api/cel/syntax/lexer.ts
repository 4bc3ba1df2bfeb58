/** Text to tokens. */

import type { CelValue } from '../values/value.ts';
import { SyntaxProblem } from './issue.ts';
import { readBytes, readFloat, readInt, readString, readUint } from './literals.ts';

export type TokenKind =
  | 'literal'
  | 'ident'
  /** `a.`b-c``. */
  | 'quoted'
  /** Operators, brackets and the words `in`, `true`, `false`, `null`; `text` says which. */
  | 'mark'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
  /** Of literals. Numbers are read with the minus before them, which only the parser knows of. */
  readonly read: ((negative: boolean) => CelValue) | undefined;
  readonly isNumber: boolean;
}

const SPACE_OR_COMMENT = /(?:[\t \r\n\f]+|\/\/[^\n]*)*/y;
const RAW = /[bB]?[rR](?:"""[^]*?"""|'''[^]*?'''|"[^"\n\r]*"|'[^'\n\r]*')/y;
const COOKED =
  /[bB]?(?:"""(?:\\[^]|[^\\])*?"""|'''(?:\\[^]|[^\\])*?'''|"(?:\\[^\n\r]|[^\\"\n\r])*"|'(?:\\[^\n\r]|[^\\'\n\r])*')/y;
const NUMBER = /(?:0x[0-9a-fA-F]+[uU]?|(?:\d+\.\d+|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+[uU]?)/y;
const NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const QUOTED = /`[a-zA-Z0-9_.\-/ ]+`/y;
const MARK = /==|!=|<=|>=|&&|\|\||[[\]{}().,\-!?:+*/%<>]/y;
const WORDS: ReadonlySet<string> = new Set(['in', 'true', 'false', 'null']);

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += matchAt(SPACE_OR_COMMENT, text, at)?.length ?? 0;
    if (at >= text.length) break;
    const token = tokenAt(text, at);
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ kind: 'end', text: '<EOF>', at: text.length, read: undefined, isNumber: false });
  return tokens;
}

function tokenAt(text: string, at: number): Token {
  const first = text[at] ?? '';
  if (/[a-zA-Z_]/.test(first)) {
    const string = /[bBrR]/.test(first) ? stringAt(text, at) : undefined;
    if (string !== undefined) return string;
    const name = matchAt(NAME, text, at) ?? '';
    return plain(WORDS.has(name) ? 'mark' : 'ident', name, at);
  }
  if (/[0-9.]/.test(first)) {
    const number = matchAt(NUMBER, text, at);
    if (number !== undefined) return numberToken(number, at);
  }
  if (first === '"' || first === "'") {
    const string = stringAt(text, at);
    if (string !== undefined) return string;
  }
  const quoted = first === '`' ? matchAt(QUOTED, text, at) : undefined;
  if (quoted !== undefined) return plain('quoted', quoted, at);
  const mark = matchAt(MARK, text, at);
  if (mark !== undefined) return plain('mark', mark, at);
  const rest = first === '"' || first === "'" ? (text.slice(at).split('\n')[0] ?? '') : first;
  throw new SyntaxProblem(`Syntax error: token recognition error at: '${rest}'`, at);
}

function plain(kind: TokenKind, text: string, at: number): Token {
  return { kind, text, at, read: undefined, isNumber: false };
}

function stringAt(text: string, at: number): Token | undefined {
  const prefix = /^[bB]?[rR]?(?=["'])/.exec(text.slice(at, at + 3))?.[0];
  if (prefix === undefined) return undefined;
  const isRaw = /[rR]/.test(prefix);
  const found = matchAt(isRaw ? RAW : COOKED, text, at);
  if (found === undefined) return undefined;
  const isBytes = /[bB]/.test(prefix);
  const body = found.slice(prefix.length);
  const quotes = body.startsWith('"""') || body.startsWith("'''") ? 3 : 1;
  const content = body.slice(quotes, -quotes);
  const read = (): CelValue => (isBytes ? readBytes(content, isRaw, at) : readString(content, isRaw, at));
  return { kind: 'literal', text: found, at, read, isNumber: false };
}

function numberToken(text: string, at: number): Token {
  const isHex = text.startsWith('0x');
  const read = (negative: boolean): CelValue => {
    if (/[uU]$/.test(text)) return readUint(text.slice(0, -1), at);
    return isHex || /^\d+$/.test(text) ? readInt(text, negative, at) : readFloat(text, negative, at);
  };
  return { kind: 'literal', text, at, read, isNumber: !/[uU]$/.test(text) };
}
