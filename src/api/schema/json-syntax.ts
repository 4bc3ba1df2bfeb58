/**
 * Why a text is no JSON, in the words of Go's scanner, which clients know. It is asked only when `JSON.parse`
 * has refused the text, and reads it once from the beginning to the first byte that cannot stand there.
 *
 * Input: a text. Output: `invalid character '}' looking for beginning of object key string`, or that the text
 * ends too early.
 */

const END = 'unexpected end of JSON input';
const BEGINNING = 'looking for beginning of value';
const LITERALS: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' };

/** Undefined when nothing is wrong with the text. */
export function jsonSyntaxError(text: string): string | undefined {
  const scan = new Scan(text);
  try {
    scan.document();
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}

class Refused extends Error {}

class Scan {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** With a stack of its own, since texts may be nested deeper than calls can be. */
  document(): void {
    const open: ('{' | '[')[] = [];
    this.#value(open);
    while (open.length > 0) {
      const inObject = open.at(-1) === '{';
      const next = this.#skipSpace();
      if (next === (inObject ? '}' : ']')) {
        this.#at++;
        open.pop();
      } else if (next === ',') {
        this.#at++;
        if (inObject) this.#key();
        this.#value(open);
      } else throw this.#bad(inObject ? 'after object key:value pair' : 'after array element');
    }
    if (this.#skipSpace() !== '') throw this.#bad('after top-level value');
  }

  /** A scalar, a whole empty container, or a container up to its first scalar, with what is open then. */
  #value(open: ('{' | '[')[]): void {
    for (;;) {
      const first = this.#skipSpace();
      if (first !== '{' && first !== '[') return this.#scalar(first);
      this.#at++;
      if (this.#skipSpace() === (first === '{' ? '}' : ']')) {
        this.#at++;
        return undefined;
      }
      open.push(first);
      if (first === '{') this.#key();
    }
  }

  #key(): void {
    if (this.#skipSpace() !== '"') throw this.#bad('looking for beginning of object key string');
    this.#string();
    if (this.#skipSpace() !== ':') throw this.#bad('after object key');
    this.#at++;
  }

  #scalar(first: string): void {
    const literal = LITERALS[first];
    if (first === '"') this.#string();
    else if (literal !== undefined) this.#literal(literal);
    else if (first === '-' || isDigit(first)) this.#number();
    else throw this.#bad(BEGINNING);
  }

  #string(): void {
    for (this.#at++; this.#peek() !== '"'; this.#at++) {
      const char = this.#peek();
      if (char === '' || char < ' ') throw this.#bad('in string literal');
      if (char === '\\') this.#escape();
    }
    this.#at++;
  }

  #escape(): void {
    this.#at++;
    const char = this.#peek();
    if (char === '' || !String.raw`bfnrt\/"u`.includes(char)) throw this.#bad('in string escape code');
    for (let left = char === 'u' ? 4 : 0; left > 0; left--) {
      this.#at++;
      if (!/[0-9a-fA-F]/.test(this.#peek())) throw this.#bad(String.raw`in \u hexadecimal character escape`);
    }
  }

  #literal(word: string): void {
    for (const char of word) {
      if (this.#peek() !== char) throw this.#bad(`in literal ${word} (expecting '${char}')`);
      this.#at++;
    }
  }

  #number(): void {
    if (this.#peek() === '-') this.#at++;
    if (this.#peek() === '0') this.#at++;
    else this.#digits('in numeric literal');
    if (this.#peek() === '.') {
      this.#at++;
      this.#digits('after decimal point in numeric literal');
    }
    if (!/[eE]/.test(this.#peek())) return;
    this.#at++;
    if (/[-+]/.test(this.#peek())) this.#at++;
    this.#digits('in exponent of numeric literal');
  }

  #digits(where: string): void {
    if (!isDigit(this.#peek())) throw this.#bad(where);
    while (isDigit(this.#peek())) this.#at++;
  }

  #skipSpace(): string {
    while (/[ \t\r\n]/.test(this.#peek())) this.#at++;
    return this.#peek();
  }

  /** Empty at the end. */
  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #bad(where: string): Refused {
    const char = this.#peek();
    return new Refused(char === '' ? END : `invalid character ${quotedByte(char)} ${where}`);
  }
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9' && char.length === 1;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "'": String.raw`\'`, '\\': String.raw`\\`, '\u0007': String.raw`\a`, '\b': String.raw`\b`, '\f': String.raw`\f`,
  '\n': String.raw`\n`, '\r': String.raw`\r`, '\t': String.raw`\t`, '\v': String.raw`\v`,
}; // prettier-ignore

/** The scanner looks at bytes, so it shows the first one of a longer character. */
function quotedByte(char: string): string {
  const byte = Buffer.from(char)[0] ?? 0;
  const shown = String.fromCharCode(byte);
  const escaped = ESCAPES[shown];
  if (escaped !== undefined) return `'${escaped}'`;
  const isPrintable = (byte >= 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  if (isPrintable) return `'${shown}'`;
  const hex = byte.toString(16);
  return byte < 0x80 ? `'\\x${hex.padStart(2, '0')}'` : `'\\u${hex.padStart(4, '0')}'`;
}
