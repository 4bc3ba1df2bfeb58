/**
 * How cel-go's parser goes on behind a mistake, which is how ANTLR does it: it drops a token that is too
 * much, imagines one that is missing, or skips to where an outer rule can go on, and says nothing more until
 * a token fits. The grammar that is walked so is in `mistakes.ts`.
 *
 * The sets of tokens: `next` is what the grammar allows at a place within its rule, `END` in it that the rule
 * may end there; then what follows the rule counts, and what follows the one around it.
 */

import { SyntaxProblem } from './issue.ts';
import { TOKEN_TYPES, type Scanned, type ScannedToken, type TokenType } from './scan.ts';

export interface RecoveryLimits {
  readonly nesting: number;
  /** How often the parser goes on behind a mistake. */
  readonly recoveries: number;
}

/** cel-go's. */
export const RECOVERIES_MAX = 30;

export type Next = ReadonlySet<TokenType | 'END'>;

export const set = (...types: readonly (TokenType | 'END')[]): Next => new Set(types);
export const union = (...sets: readonly Next[]): Next => new Set(sets.flatMap((each) => [...each]));

export const END = set('END');

/** A mistake that ends its rule. */
class Mistake extends Error {
  readonly at: number;
  /** The place of the grammar. */
  readonly place: string;

  constructor(message: string, at: number, place: string) {
    super(message);
    this.at = at;
    this.place = place;
  }
}

/** Recovery has gone on for too long. */
export class GaveUp extends Error {}

export class Recovery {
  readonly problems: SyntaxProblem[] = [];
  readonly #expression: string;
  readonly #scanned: Scanned;
  readonly #limits: RecoveryLimits;
  #at = 0;
  #depth = 0;
  #recoveries = 0;
  /** From a mistake until a token fits: nothing is said meanwhile. */
  #isRecovering = false;
  #lastMistakeAt = -1;
  readonly #placesThere = new Set<string>();
  /** What follows each rule that is being read, the innermost last. */
  readonly #follows: Next[] = [];

  constructor(expression: string, scanned: Scanned, limits: RecoveryLimits) {
    this.#expression = expression;
    this.#scanned = scanned;
    this.#limits = limits;
  }

  #token(ahead = 0): ScannedToken {
    const { tokens } = this.#scanned;
    const token = tokens[Math.min(this.#at + ahead, tokens.length - 1)];
    if (token === undefined) throw new Error('an expression has an end');
    return token;
  }

  type(ahead = 0): TokenType {
    return this.#token(ahead).type;
  }

  isAt(types: Next, ahead = 0): boolean {
    return types.has(this.type(ahead));
  }

  #advance(): void {
    if (this.#at < this.#scanned.tokens.length - 1) this.#at++;
  }

  /** What may stand here, the rules around this one included. */
  #expected(next: Next): Next {
    let result = next;
    for (let i = this.#follows.length - 1; i >= 0 && result.has('END'); i--) {
      const inner = [...result].filter((type) => type !== 'END');
      result = union(new Set(inner), this.#follows[i] ?? END);
    }
    return result;
  }

  #report(message: string, at: number): void {
    if (this.#isRecovering) return;
    this.#isRecovering = true;
    this.problems.push(new SyntaxProblem(`Syntax error: ${message}`, at));
  }

  #counted(): void {
    const { recoveries } = this.#limits;
    if (this.#recoveries++ < recoveries) return;
    const message = `Syntax error: error recovery attempt limit exceeded: ${recoveries}`;
    this.problems.push(new SyntaxProblem(message, this.#token().at));
    throw new GaveUp();
  }

  #fits(): void {
    this.#isRecovering = false;
    this.#lastMistakeAt = -1;
    this.#placesThere.clear();
  }

  /** Into an expression within another. */
  enter(): void {
    const { nesting } = this.#limits;
    if (++this.#depth <= nesting) return;
    this.problems.push(new SyntaxProblem(`expression recursion limit exceeded: ${nesting}`, -1));
    throw new GaveUp();
  }

  leave(): void {
    this.#depth--;
  }

  /** `follow`: what comes behind the rule in the one around it. */
  rule(follow: Next, read: () => void): void {
    this.#follows.push(follow);
    try {
      read();
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      this.#report(error.message, error.at);
      this.#skip(error.place);
    }
    this.#follows.pop();
  }

  /** Rules within each other, of which only the innermost reads, and that with rules of its own. */
  within(follows: readonly Next[], read: () => void): void {
    const { length } = this.#follows;
    this.#follows.push(...follows);
    read();
    this.#follows.length = length;
  }

  /** Behind a mistake: to where one of the rules around can go on; never twice from one place to the same. */
  #skip(place: string): void {
    this.#counted();
    if (this.#lastMistakeAt === this.#at && this.#placesThere.has(place)) this.#advance();
    this.#lastMistakeAt = this.#at;
    this.#placesThere.add(place);
    this.#skipTo(union(...this.#follows));
  }

  #skipTo(types: Next): void {
    while (this.type() !== '<EOF>' && !this.isAt(types)) this.#advance();
  }

  #mismatch(next: Next): Mistake {
    const { text, at } = this.#token();
    const message = `mismatched input ${shown(text)} expecting ${listed(this.#expected(next))}`;
    return new Mistake(message, at, listed(next));
  }

  /** No way of the grammar goes on behind the tokens from here to `ahead`. */
  noWay(place: string, ahead: number): Mistake {
    const last = this.#token(ahead);
    const end = last.type === '<EOF>' ? last.at : last.at + last.text.length;
    const isEnd = this.type() === '<EOF>';
    const input = isEnd ? '<EOF>' : this.#textBetween(this.#token().at, end);
    // cel-go puts it otherwise for words that stand where a name belongs.
    const word = /^.(true|false|null)$/s.exec(input)?.[1];
    const message =
      word === undefined
        ? `no viable alternative at input ${shown(input)}`
        : `mismatched input '${word}' expecting IDENTIFIER`;
    return new Mistake(message, last.at, place);
  }

  /** Without what is no token. */
  #textBetween(start: number, end: number): string {
    let text = '';
    let at = start;
    for (const dropped of this.#scanned.dropped) {
      if (dropped.at < at || dropped.at >= end) continue;
      text += this.#expression.slice(at, dropped.at);
      at = dropped.at + dropped.text.length;
    }
    return text + this.#expression.slice(at, end);
  }

  /** Drops a token when what comes behind it would do. */
  #drop(next: Next): boolean {
    const expected = this.#expected(next);
    if (!this.isAt(expected, 1)) return false;
    const { text, at } = this.#token();
    this.#report(`extraneous input ${shown(text)} expecting ${listed(expected)}`, at);
    this.#advance();
    this.#fits();
    return true;
  }

  /** Before a choice. */
  choose(next: Next): void {
    if (this.#isRecovering || next.has('END') || this.isAt(next) || this.#drop(next)) return;
    throw this.#mismatch(next);
  }

  /** Between the repetitions of an operator before its operand. */
  repeat(next: Next): void {
    if (this.#isRecovering || this.isAt(next)) return;
    const { text, at } = this.#token();
    this.#report(`extraneous input ${shown(text)} expecting ${listed(this.#expected(next))}`, at);
    this.#skipTo(union(this.#expected(next), ...this.#follows));
  }

  /** `after`: what comes next within the rule, by which a missing token is told. */
  match(type: TokenType, after: Next): void {
    if (this.type() !== type) {
      this.#counted();
      if (!this.#drop(set(type))) {
        if (!this.isAt(this.#expected(after))) throw this.#mismatch(set(type));
        const { text, at } = this.#token();
        this.#report(`missing ${type} at ${shown(text)}`, at);
        return;
      }
    }
    this.#fits();
    this.#advance();
  }

  /** A token that was looked at already. */
  take(): void {
    this.#fits();
    this.#advance();
  }
}

function listed(types: Next): string {
  const names = TOKEN_TYPES.filter((type) => types.has(type));
  return names.length === 1 ? (names[0] ?? '') : `{${names.join(', ')}}`;
}

function shown(text: string): string {
  return `'${text
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\r', String.raw`\r`)
    .replaceAll('\t', String.raw`\t`)}'`;
}
