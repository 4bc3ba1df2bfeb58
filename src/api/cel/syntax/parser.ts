/**
 * Tokens to a syntax tree, by recursive descent; macros are expanded on the way.
 *
 * Limits: length of the expression, depth of nesting, length of a chain of operators of one level (as
 * upstream, whose grammar recurses there); `&&` and `||` become balanced trees, so their chains are free.
 */

import {
  call,
  type Call,
  type Expr,
  ident,
  literal,
  type MapEntry,
  memberCall,
  type StructField,
} from './ast.ts';
import { SyntaxProblem, SyntaxProblems } from './issue.ts';
import { type Token, tokenize } from './lexer.ts';
import { syntaxProblems } from './mistakes.ts';
import { RECOVERIES_MAX } from './recovery.ts';

export const EXPRESSION_LENGTH_MAX = 100_000;
export const NESTING_MAX = 250;
const LIMITS = { nesting: NESTING_MAX, recoveries: RECOVERIES_MAX };

export interface Macro {
  readonly name: string;
  readonly args: number;
  readonly isMember: boolean;
  /** Undefined: the call is no macro after all. */
  readonly expand: (at: number, args: readonly Expr[], target: Expr) => Expr | undefined;
}

export interface Syntax {
  /** By `macroKey`. */
  readonly macros: ReadonlyMap<string, Macro>;
  /** `a.`b-c``. Kubernetes has it off. */
  readonly quotedFields: boolean;
}

export function macroKey(name: string, args: number, isMember: boolean): string {
  return `${name}:${args}:${isMember ? 'member' : 'global'}`;
}

const RESERVED: ReadonlySet<string> = new Set([
  'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package',
  'namespace', 'return', 'var', 'void', 'while',
]); // prettier-ignore

const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

const STARTS =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/** Throws `SyntaxProblem` where nothing else can be said, else `SyntaxProblems`. */
export function parse(expression: string, syntax: Syntax): Expr {
  const size = expression.length > EXPRESSION_LENGTH_MAX ? Array.from(expression).length : 0;
  if (size > EXPRESSION_LENGTH_MAX) {
    const limits = `size: ${size}, limit ${EXPRESSION_LENGTH_MAX}`;
    throw new SyntaxProblem(`expression code point size exceeds limit: ${limits}`, -1);
  }
  const problems: SyntaxProblem[] = [];
  try {
    const parser = new Parser(tokenize(expression), syntax, problems);
    const expr = parser.expr();
    parser.expectEnd();
    if (problems.length === 0) return expr;
  } catch (error) {
    if (!(error instanceof SyntaxProblem) || error.at < 0) throw error;
    const ofGrammar = syntaxProblems(expression, LIMITS);
    throw new SyntaxProblems([...problems, ...(ofGrammar.length === 0 ? [error] : ofGrammar)]);
  }
  const ofGrammar = syntaxProblems(expression, LIMITS);
  throw new SyntaxProblems(ofGrammar.length === 0 ? problems : ofGrammar);
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #syntax: Syntax;
  /** What the grammar allows and is wrong nevertheless: reading goes on behind it. */
  readonly #problems: SyntaxProblem[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], syntax: Syntax, problems: SyntaxProblem[]) {
    this.#tokens = tokens;
    this.#syntax = syntax;
    this.#problems = problems;
  }

  /** `read` may throw a `SyntaxProblem` about itself, but not read on. */
  #noted<T>(read: () => T, instead: T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SyntaxProblem) || error.at < 0) throw error;
      this.#problems.push(error);
      return instead;
    }
  }

  get #token(): Token {
    const token = this.#tokens[this.#next] ?? this.#tokens.at(-1);
    if (token === undefined) throw new SyntaxProblem('no tokens', 0);
    return token;
  }

  #isAt(mark: string): boolean {
    const token = this.#token;
    return token.kind === 'mark' && token.text === mark;
  }

  /** Takes the mark when it is next. */
  #take(mark: string): Token | undefined {
    if (!this.#isAt(mark)) return undefined;
    const token = this.#token;
    this.#next++;
    return token;
  }

  #expect(mark: string): Token {
    return this.#take(mark) ?? this.#mismatch(`'${mark}'`);
  }

  #mismatch(expected: string): never {
    const { text, at } = this.#token;
    throw new SyntaxProblem(`Syntax error: mismatched input '${text}' expecting ${expected}`, at);
  }

  expectEnd(): void {
    const { kind, text, at } = this.#token;
    if (kind === 'end') return;
    const isLast = this.#tokens[this.#next + 1]?.kind === 'end';
    const problem = isLast ? 'extraneous' : 'mismatched';
    throw new SyntaxProblem(`Syntax error: ${problem} input '${text}' expecting <EOF>`, at);
  }

  #deeper<T>(read: () => T): T {
    this.#limit(++this.#depth);
    const result = read();
    this.#depth--;
    return result;
  }

  #limit(depth: number): void {
    if (depth <= NESTING_MAX) return;
    throw new SyntaxProblem(`expression recursion limit exceeded: ${NESTING_MAX}`, -1);
  }

  expr(): Expr {
    return this.#deeper(() => {
      const condition = this.#logical('||', '_||_', () =>
        this.#logical('&&', '_&&_', () => this.#relation()),
      );
      const question = this.#take('?');
      if (question === undefined) return condition;
      const yes = this.#logical('||', '_||_', () => this.#logical('&&', '_&&_', () => this.#relation()));
      this.#expect(':');
      return call(question.at, '_?_:_', condition, yes, this.expr());
    });
  }

  #logical(mark: string, name: string, operand: () => Expr): Expr {
    const terms = [operand()];
    const ats: number[] = [];
    for (let operator = this.#take(mark); operator !== undefined; operator = this.#take(mark)) {
      ats.push(operator.at);
      terms.push(operand());
    }
    return balance(name, terms, ats, 0, ats.length - 1);
  }

  #relation(): Expr {
    return this.#chain(['<', '<=', '>=', '>', '==', '!=', 'in'], () => this.#sum());
  }

  #sum(): Expr {
    return this.#chain(['+', '-'], () => this.#chain(['*', '/', '%'], () => this.#unary()));
  }

  #chain(marks: readonly string[], operand: () => Expr): Expr {
    let left = operand();
    for (let length = 1; ; length++) {
      const { kind, text, at } = this.#token;
      if (kind !== 'mark' || !marks.includes(text)) return left;
      this.#limit(length);
      this.#next++;
      left = call(at, text === 'in' ? '@in' : `_${text}_`, left, operand());
    }
  }

  #unary(): Expr {
    for (const [mark, name] of [['!', '!_'], ['-', '-_']] as const) {
      const first = this.#token;
      let count = 0;
      // A minus before a number belongs to the number.
      while (this.#isAt(mark) && !(mark === '-' && this.#tokens[this.#next + 1]?.isNumber === true)) {
        this.#next++;
        count++;
      }
      if (count === 0) continue;
      const operand = this.#member();
      return count % 2 === 0 ? operand : call(first.at, name, operand);
    }
    return this.#member();
  } // prettier-ignore

  #member(): Expr {
    let expr = this.#primary();
    for (let length = 1; ; length++) {
      const { at } = this.#token;
      if (this.#take('.') !== undefined) expr = this.#select(expr, at);
      else if (this.#take('[') !== undefined) {
        const name = this.#take('?') === undefined ? '_[_]' : '_[?_]';
        expr = call(at, name, expr, this.expr());
        this.#expect(']');
      } else return expr;
      this.#limit(length);
    }
  }

  #select(operand: Expr, at: number): Expr {
    const isOptional = this.#take('?') !== undefined;
    const field = this.#fieldName();
    if (isOptional) return call(at, '_?._', operand, literal(this.#token.at, field));
    const open = this.#take('(');
    if (open === undefined) return { kind: 'select', at, operand, field, test: false };
    return this.#expand(memberCall(open.at, field, operand, ...this.#arguments()));
  }

  #fieldName(): string {
    const token = this.#token;
    if (token.kind === 'ident') {
      this.#next++;
      return token.text;
    }
    if (token.kind !== 'quoted') return this.#mismatch('IDENTIFIER');
    if (!this.#syntax.quotedFields)
      this.#problems.push(new SyntaxProblem("unsupported syntax: '`'", token.at));
    this.#next++;
    return token.text.slice(1, -1);
  }

  #arguments(): readonly Expr[] {
    const args: Expr[] = [];
    if (this.#take(')') !== undefined) return args;
    do args.push(this.expr());
    while (this.#take(',') !== undefined);
    this.#expect(')');
    return args;
  }

  #expand(written: Call): Expr {
    const { name, target, args, at } = written;
    const macro = this.#syntax.macros.get(macroKey(name, args.length, target !== undefined));
    return this.#noted(() => macro?.expand(at, args, target ?? written), undefined) ?? written;
  }

  #primary(): Expr {
    const token = this.#token;
    if (token.kind === 'literal') {
      this.#next++;
      return literal(token.at, this.#noted(() => token.read?.(false), undefined) ?? null);
    }
    if (token.kind === 'ident' || this.#isAt('.')) return this.#name();
    if (token.kind !== 'mark') return this.#mismatch(STARTS);
    this.#next++;
    switch (token.text) {
      case '(': {
        const inner = this.expr();
        this.#expect(')');
        return inner;
      }
      case '[':
        return this.#list(token.at);
      case '{':
        return { kind: 'map', at: token.at, entries: this.#entries() };
      case '-': {
        const number = this.#token;
        if (!number.isNumber) return this.#mismatch(STARTS);
        this.#next++;
        return literal(token.at, this.#noted(() => number.read?.(true), undefined) ?? null);
      }
      default: {
        const word = WORDS.get(token.text);
        if (word !== undefined) return literal(token.at, word);
        this.#next--;
        return this.#mismatch(STARTS);
      }
    }
  }

  /** A variable, a call of a function, or `a.b.Type{...}`. */
  #name(): Expr {
    const dot = this.#take('.');
    const { kind, text, at } = this.#token;
    if (kind !== 'ident') return this.#mismatch('IDENTIFIER');
    const structAfter = this.#structNameEnd();
    const prefix = dot === undefined ? '' : '.';
    if (structAfter !== undefined) {
      const parts = this.#tokens.slice(this.#next, structAfter).map((part) => part.text);
      this.#next = structAfter;
      const open = this.#expect('{');
      return { kind: 'struct', at: open.at, name: prefix + parts.join(''), fields: this.#fields() };
    }
    if (RESERVED.has(text)) this.#problems.push(new SyntaxProblem(`reserved identifier: ${text}`, at));
    this.#next++;
    const open = this.#take('(');
    if (open === undefined) return ident(dot?.at ?? at, prefix + text);
    const written = call(open.at, prefix + text, ...this.#arguments());
    return this.#expand(written);
  }

  /** The index of the `{` behind `name(.name)*`, if that is what comes. */
  #structNameEnd(): number | undefined {
    let i = this.#next + 1;
    while (this.#tokens[i]?.text === '.' && this.#tokens[i + 1]?.kind === 'ident') i += 2;
    const token = this.#tokens[i];
    return token?.kind === 'mark' && token.text === '{' ? i : undefined;
  }

  #list(at: number): Expr {
    const elements: Expr[] = [];
    const optional = new Set<number>();
    this.#sequence(']', () => {
      if (this.#take('?') !== undefined) optional.add(elements.length);
      elements.push(this.expr());
    });
    return { kind: 'list', at, elements, optional };
  }

  #entries(): readonly MapEntry[] {
    const entries: MapEntry[] = [];
    this.#sequence('}', () => {
      const optional = this.#take('?') !== undefined;
      const key = this.expr();
      const { at } = this.#expect(':');
      entries.push({ at, key, value: this.expr(), optional });
    });
    return entries;
  }

  #fields(): readonly StructField[] {
    const fields: StructField[] = [];
    this.#sequence('}', () => {
      const optional = this.#take('?') !== undefined;
      const field = this.#fieldName();
      const { at } = this.#expect(':');
      fields.push({ at, field, value: this.expr(), optional });
    });
    return fields;
  }

  /** Items between commas; one comma may stand at the end. */
  #sequence(close: string, item: () => void): void {
    if (this.#take(',') === undefined) {
      while (!this.#isAt(close)) {
        item();
        if (this.#take(',') === undefined) break;
      }
    }
    this.#expect(close);
  }
}

/** A tree over `terms[low..high + 1]` whose depth is the logarithm of their number. */
function balance(
  name: string,
  terms: readonly Expr[],
  ats: readonly number[],
  low: number,
  high: number,
): Expr {
  const middle = (low + high + 1) >> 1;
  const first = terms[low];
  if (high < low) {
    if (first === undefined) throw new SyntaxProblem('no terms', 0);
    return first;
  }
  const left = balance(name, terms, ats, low, middle - 1);
  const right = balance(name, terms, ats, middle + 1, high);
  return call(ats[middle] ?? 0, name, left, right);
}
