/**
 * The words of a Dockerfile's instruction: quotes, backslashes and variables (`$NAME`, `${NAME:-default}`),
 * as Docker's reference has them.
 */

export type Variables = ReadonlyMap<string, string>;

const variable = /\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^}]*))?\})/y;

/** Splits into words and replaces variables outside single quotes. */
export function splitWords(text: string, variables: Variables): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (quote === '' && /\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    word ??= '';
    if (char === quote) quote = '';
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === '\\' && quote !== "'" && at + 1 < text.length) word += text[++at] ?? '';
    else if (char === '$' && quote !== "'") {
      const found = replaceVariable(text, at, variables);
      word += found.value;
      at += found.length - 1;
    } else word += char;
  }
  if (word !== undefined) words.push(word);
  return words;
}

function replaceVariable(
  text: string,
  at: number,
  variables: Variables,
): { readonly value: string; readonly length: number } {
  variable.lastIndex = at;
  const [whole, plain, braced, operator, alternative = ''] = variable.exec(text) ?? [];
  if (whole === undefined) return { value: '$', length: 1 };
  const value = variables.get(plain ?? braced ?? '');
  const isSet =
    operator?.startsWith(':') === true ? value !== undefined && value !== '' : value !== undefined;
  const length = whole.length;
  if (operator?.endsWith('+') === true) return { value: isSet ? alternative : '', length };
  if (operator?.endsWith('-') === true && !isSet) return { value: alternative, length };
  return { value: value ?? '', length };
}

/** `["a", "b"]` as Dockerfiles write program arguments; undefined when the text is not of that form. */
export function jsonWords(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((word) => typeof word === 'string') ? value : undefined;
  } catch {
    // Docker, too, takes what is no JSON for shell words.
    return undefined;
  }
}

export interface InstructionLine {
  /** Where it begins, from 1. */
  readonly line: number;
  /** In capitals. */
  readonly name: string;
  readonly rest: string;
}

/** Joins continued lines and drops comments and blank lines. */
export function instructionLines(text: string): readonly InstructionLine[] {
  const found: InstructionLine[] = [];
  let pending: { line: number; text: string } | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    // Comments and blank lines do not end a continued instruction.
    if (line === '' || line.startsWith('#')) continue;
    const continued = line.endsWith('\\');
    const part = continued ? line.slice(0, -1) : line;
    pending =
      pending === undefined ? { line: index + 1, text: part } : { ...pending, text: pending.text + part };
    if (continued) continue;
    found.push(instruction(pending));
    pending = undefined;
  }
  if (pending !== undefined) found.push(instruction(pending));
  return found;
}

function instruction({ line, text }: { readonly line: number; readonly text: string }): InstructionLine {
  const [, name = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(text) ?? [];
  return { line, name: name.toUpperCase(), rest: rest.trim() };
}
