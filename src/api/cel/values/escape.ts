/** Field names as identifiers: what is no identifier, or is a word of the language, is escaped. Pure. */

const WORDS: ReadonlySet<string> = new Set([
  'true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import',
  'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while',
]); // prettier-ignore

const ESCAPES: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};

const UNESCAPES: Readonly<Record<string, string>> = {
  __underscores__: '__',
  __dot__: '.',
  __dash__: '-',
  __slash__: '/',
};

/** Undefined when no expression can name the field. */
export function escapeName(name: string): string | undefined {
  if (!/^[a-zA-Z_./-][a-zA-Z0-9_./-]*$/.test(name)) return undefined;
  if (WORDS.has(name)) return `__${name}__`;
  return name.replace(/__|[-./]/g, (part) => ESCAPES[part] ?? part);
}

/** Undefined when the identifier is the escaped form of no field. */
export function unescapeName(identifier: string): string | undefined {
  if (!identifier.includes('__')) return WORDS.has(identifier) ? undefined : identifier;
  const word = /^__([a-z]+)__$/.exec(identifier)?.[1];
  if (word !== undefined && WORDS.has(word)) return word;
  const name = identifier.replace(/__(?:underscores|dot|dash|slash)__/g, (part) => UNESCAPES[part] ?? part);
  return escapeName(name) === identifier ? name : undefined;
}
