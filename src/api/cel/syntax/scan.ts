/**
 * Text to tokens as cel-go's lexer has them, with every place where there is none. The parser's own lexer
 * stops at the first of those; this one goes on, as ANTLR does: it drops what it read in vain and the
 * character that fits nowhere.
 */

/** In ANTLR's order, which its lists of what is expected keep. */
export const TOKEN_TYPES = [
  '<EOF>', "'=='", "'!='", "'in'", "'<'", "'<='", "'>='", "'>'", "'&&'", "'||'", "'['", "']'", "'{'", "'}'",
  "'('", "')'", "'.'", "','", "'-'", "'!'", "'?'", "':'", "'+'", "'*'", "'/'", "'%'", "'true'", "'false'",
  "'null'", 'NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES', 'IDENTIFIER', 'ESC_IDENTIFIER',
] as const; // prettier-ignore
export type TokenType = (typeof TOKEN_TYPES)[number];

export interface ScannedToken {
  readonly type: TokenType;
  readonly text: string;
  readonly at: number;
}

const HIDDEN = /(?:[\t \r\n\f]+|\/\/[^\n]*)*/y;
const ESCAPE = String.raw`\\(?:[abfnrtv"'\\?\x60]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})`;
const COOKED = String.raw`"""(?:${ESCAPE}|[^\\])*?"""|'''(?:${ESCAPE}|[^\\])*?'''|"(?:${ESCAPE}|[^\\"\n\r])*"|'(?:${ESCAPE}|[^\\'\n\r])*'`;
const RAW = String.raw`[rR](?:"""[^]*?"""|'''[^]*?'''|"[^"\n\r]*"|'[^'\n\r]*')`;

/** The first that matches is the longest, or the one that ANTLR prefers. */
const RULES: readonly (readonly [TokenType, RegExp])[] = [
  ['BYTES', new RegExp(`[bB](?:${RAW}|${COOKED})`, 'y')],
  ['STRING', new RegExp(`(?:${RAW}|${COOKED})`, 'y')],
  ['NUM_UINT', /(?:0x[0-9a-fA-F]+|\d+)[uU]/y],
  ['NUM_FLOAT', /(?:\d+\.\d+|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+/y],
  ['NUM_INT', /0x[0-9a-fA-F]+|\d+/y],
  ['ESC_IDENTIFIER', /`[a-zA-Z0-9_.\-/ ]+`/y],
  ['IDENTIFIER', /[a-zA-Z_][a-zA-Z0-9_]*/y],
];
const MARK = /==|!=|<=|>=|&&|\|\||[[\]{}().,\-!?:+*/%<>]/y;

/** What is read until a character fits nowhere. */
const IN_VAIN: readonly RegExp[] = [
  new RegExp(
    `"(?:${ESCAPE}|[^\\\\"\\n\\r])*(?:\\\\(?:[xX][0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7}|[0-3][0-7]?)?)?`,
    'y',
  ),
  new RegExp(
    `'(?:${ESCAPE}|[^\\\\'\\n\\r])*(?:\\\\(?:[xX][0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7}|[0-3][0-7]?)?)?`,
    'y',
  ),
  /`[a-zA-Z0-9_.\-/ ]*/y,
  /[|&=]/y,
];

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** What was read in vain. */
export interface Dropped {
  readonly text: string;
  readonly at: number;
}

export interface Scanned {
  readonly tokens: readonly ScannedToken[];
  readonly dropped: readonly Dropped[];
}

export function scan(text: string): Scanned {
  const tokens: ScannedToken[] = [];
  const dropped: Dropped[] = [];
  let at = 0;
  for (;;) {
    at += matchAt(HIDDEN, text, at)?.length ?? 0;
    if (at >= text.length) break;
    const token = tokenAt(text, at);
    if (token === undefined) {
      const vain = inVain(text, at);
      dropped.push({ text: vain, at });
      at += vain.length;
    } else {
      tokens.push(token);
      at += token.text.length;
    }
  }
  tokens.push({ type: '<EOF>', text: '<EOF>', at: text.length });
  return { tokens, dropped };
}

const NAMED: ReadonlyMap<string, TokenType> = new Map(
  TOKEN_TYPES.filter((type) => type.startsWith("'")).map((type) => [type.slice(1, -1), type]),
);

function tokenAt(text: string, at: number): ScannedToken | undefined {
  // A dot may begin a number; nothing else that begins an operator begins something else.
  const mark = matchAt(MARK, text, at);
  for (const [type, pattern] of mark === undefined || mark === '.' ? RULES : []) {
    const found = matchAt(pattern, text, at);
    if (found === undefined) continue;
    return { type: type === 'IDENTIFIER' ? (NAMED.get(found) ?? type) : type, text: found, at };
  }
  const type = mark === undefined ? undefined : NAMED.get(mark);
  return mark === undefined || type === undefined ? undefined : { type, text: mark, at };
}

/** With the character that fits nowhere. */
function inVain(text: string, at: number): string {
  const read = IN_VAIN.map((pattern) => matchAt(pattern, text, at) ?? '').find((found) => found !== '') ?? '';
  const behind = text.codePointAt(at + read.length);
  return behind === undefined ? read : read + String.fromCodePoint(behind);
}
