/**
 * Every mistake in an expression that is no CEL, in the words and at the places of cel-go.
 *
 * What cel-go says depends on where its grammar decides with one token and where with several. So this is CEL's
 * grammar once more, rule by rule as cel-go has it, without a tree; it runs only when the parser has refused
 * an expression.
 */

import { SyntaxProblem } from './issue.ts';
import { END, GaveUp, type Next, Recovery, type RecoveryLimits, set, union } from './recovery.ts';
import { scan, type Scanned, type TokenType } from './scan.ts';

const REPORTS_MAX = 100;

const LITERALS = set("'true'", "'false'", "'null'", 'NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES');
const OPERANDS = union(set("'['", "'{'", "'('", "'.'", "'-'", 'IDENTIFIER'), LITERALS);
const STARTS = union(OPERANDS, set("'!'"));
const OPTIONAL_STARTS = union(STARTS, set("'?'"));
const NAMES = set('IDENTIFIER', 'ESC_IDENTIFIER');
const OPTIONAL_NAMES = union(NAMES, set("'?'"));
const RELATIONS = set("'=='", "'!='", "'in'", "'<'", "'<='", "'>='", "'>'");
const SUMS = set("'*'", "'/'", "'%'", "'+'", "'-'");
const SIGNED = set('NUM_FLOAT', 'NUM_INT');
const OPERATORS = union(RELATIONS, SUMS, set("'&&'", "'||'"));
const AFTER_AND = set("'||'", 'END');
const AFTER_RELATION = set("'&&'", 'END');
const AFTER_SUM = union(RELATIONS, END);
const AFTER_UNARY = union(SUMS, END);
const AFTER_OPERAND = set("'.'", "'['", 'END');
const AFTER_ITEM = set("','", 'END');
const COLON = set("':'");

/** In the order of the text; none when the expression is CEL as far as the grammar goes. */
export function syntaxProblems(expression: string, limits: RecoveryLimits): readonly SyntaxProblem[] {
  const scanned = scan(expression);
  const run = new Grammar(expression, scanned, limits);
  try {
    run.start();
  } catch (error) {
    if (!(error instanceof GaveUp)) throw error;
  }
  const problems = scanned.dropped.map(
    ({ text, at }) => new SyntaxProblem(`Syntax error: token recognition error at: '${text}'`, at),
  );
  const all = [...problems, ...run.problems].toSorted((a, b) => a.at - b.at);
  return all.slice(0, REPORTS_MAX);
}

class Grammar {
  readonly #walk: Recovery;

  constructor(expression: string, scanned: Scanned, limits: RecoveryLimits) {
    this.#walk = new Recovery(expression, scanned, limits);
  }

  get problems(): readonly SyntaxProblem[] {
    return this.#walk.problems;
  }

  start(): void {
    this.#walk.rule(END, () => {
      this.#expr(set('<EOF>'));
      this.#walk.match('<EOF>', END);
    });
  }

  #expr(follow: Next): void {
    this.#walk.enter();
    this.#walk.rule(follow, () => {
      this.#operators(set("'?'", 'END'));
      if (this.#walk.type() !== "'?'") return;
      this.#walk.take();
      this.#operators(COLON);
      this.#walk.match("':'", STARTS);
      this.#expr(END);
    });
    this.#walk.leave();
  }

  /** The rules of the operators at once: they take what they know and nothing goes wrong in them. */
  #operators(follow: Next): void {
    this.#walk.within([follow, AFTER_AND, AFTER_RELATION, AFTER_SUM], () => {
      this.#unary(AFTER_UNARY);
      while (this.#walk.isAt(OPERATORS)) {
        this.#walk.take();
        this.#unary(AFTER_UNARY);
      }
    });
  }

  #unary(follow: Next): void {
    this.#walk.rule(follow, () => {
      this.#walk.choose(STARTS);
      if (!this.#walk.isAt(STARTS)) throw this.#walk.noWay('unary', 0);
      if (this.#walk.type() === "'!'") {
        do {
          this.#walk.take();
          this.#walk.repeat(STARTS);
        } while (this.#walk.type() === "'!'");
      } else {
        while (this.#isMinusOfItsOwn()) {
          this.#walk.take();
          this.#walk.repeat(OPERANDS);
        }
      }
      this.#member(END);
    });
  }

  /** A minus before a number belongs to the number. */
  #isMinusOfItsOwn(): boolean {
    if (this.#walk.type() !== "'-'") return false;
    if (!this.#walk.isAt(OPERANDS, 1)) throw this.#walk.noWay('isMinusOfItsOwn', 1);
    return !this.#walk.isAt(SIGNED, 1);
  }

  #member(follow: Next): void {
    this.#walk.rule(follow, () => {
      this.#primary(AFTER_OPERAND);
      for (;;) {
        if (this.#walk.type() === "'['") this.#index();
        else if (this.#walk.type() === "'.'") this.#select();
        else return;
      }
    });
  }

  #index(): void {
    this.#walk.take();
    this.#walk.choose(OPTIONAL_STARTS);
    if (this.#walk.type() === "'?'") this.#walk.take();
    this.#expr(set("']'"));
    this.#walk.match("']'", AFTER_OPERAND);
  }

  #select(): void {
    if (!this.#walk.isAt(OPTIONAL_NAMES, 1)) throw this.#walk.noWay('select', 1);
    const isCall = this.#walk.type(1) === 'IDENTIFIER' && this.#walk.type(2) === "'('";
    this.#walk.take();
    if (this.#walk.type() === "'?'") this.#walk.take();
    this.#fieldName(AFTER_OPERAND);
    if (isCall) this.#call(AFTER_OPERAND);
  }

  #fieldName(follow: Next): void {
    this.#walk.rule(follow, () => {
      this.#walk.choose(NAMES);
      if (!this.#walk.isAt(NAMES)) throw this.#walk.noWay('fieldName', 0);
      this.#walk.take();
    });
  }

  /** From the open parenthesis on. */
  #call(after: Next): void {
    this.#walk.take();
    this.#walk.choose(union(STARTS, set("')'")));
    if (this.#walk.isAt(STARTS)) this.#list(set("')'"), () => this.#expr(AFTER_ITEM), STARTS, true);
    this.#walk.match("')'", after);
  }

  #primary(follow: Next): void {
    this.#walk.rule(follow, () => {
      this.#walk.choose(OPERANDS);
      switch (this.#walk.type()) {
        case "'('":
          this.#walk.take();
          this.#expr(set("')'"));
          return this.#walk.match("')'", END);
        case "'['":
          return this.#bracketed("']'", OPTIONAL_STARTS, (after) => this.#optional(OPTIONAL_STARTS, after));
        case "'{'":
          return this.#bracketed("'}'", OPTIONAL_STARTS, (after) => this.#entry(OPTIONAL_STARTS, after));
        case "'.'":
        case 'IDENTIFIER':
          return this.#name();
        case "'-'":
          this.#walk.take();
          return this.#walk.take();
        default:
          if (!this.#walk.isAt(LITERALS)) throw this.#walk.noWay('primary', 0);
          return this.#walk.take();
      }
    });
  }

  #name(): void {
    const dot = this.#walk.type() === "'.'" ? 1 : 0;
    if (this.#walk.type(dot) !== 'IDENTIFIER') throw this.#walk.noWay('name', dot);
    let length = dot + 1;
    while (this.#walk.type(length) === "'.'" && this.#walk.type(length + 1) === 'IDENTIFIER') length += 2;
    const isMessage = this.#walk.type(length) === "'{'";
    for (let i = isMessage ? length : dot + 1; i > 0; i--) this.#walk.take();
    if (isMessage) this.#bracketed("'}'", OPTIONAL_NAMES, (after) => this.#entry(OPTIONAL_NAMES, after));
    else if (this.#walk.type() === "'('") this.#call(END);
  }

  /** From the open bracket on; one comma may stand at the end. */
  #bracketed(close: TokenType, starts: Next, item: (after: Next) => void): void {
    const ends = set("','", close);
    this.#walk.take();
    this.#walk.choose(union(starts, ends));
    if (this.#walk.isAt(starts)) this.#list(ends, () => item(AFTER_ITEM), starts, false);
    this.#walk.choose(ends);
    if (this.#walk.type() === "','") this.#walk.take();
    this.#walk.match(close, END);
  }

  /** `isOpen`: a comma always has an item behind it. */
  #list(follow: Next, item: () => void, starts: Next, isOpen: boolean): void {
    this.#walk.rule(follow, () => {
      item();
      while (this.#walk.type() === "','" && (isOpen || this.#walk.isAt(starts, 1))) {
        this.#walk.take();
        item();
      }
    });
  }

  /** An expression, or a field of a message, perhaps with a question mark before it. */
  #optional(starts: Next, follow: Next): void {
    this.#walk.rule(follow, () => {
      this.#walk.choose(starts);
      if (this.#walk.type() === "'?'") this.#walk.take();
      if (starts === OPTIONAL_NAMES) this.#fieldName(END);
      else this.#expr(END);
    });
  }

  #entry(starts: Next, after: Next): void {
    this.#optional(starts, COLON);
    this.#walk.match("':'", STARTS);
    this.#expr(after);
  }
}
