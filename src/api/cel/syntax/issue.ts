/** What is wrong with an expression and where, printed as cel-go prints it. */

export interface Issue {
  readonly message: string;
  /** From 1; -1 for problems of the whole expression. */
  readonly line: number;
  /** From 1, in code points; 0 for the whole. */
  readonly column: number;
}

/** Thrown within compilation and turned into an issue at its edge. */
export class SyntaxProblem extends Error {
  override readonly name = 'SyntaxProblem';
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Several of them, in the order of the text. */
export class SyntaxProblems extends Error {
  override readonly name = 'SyntaxProblems';
  readonly problems: readonly SyntaxProblem[];

  constructor(problems: readonly SyntaxProblem[]) {
    super(problems.map(({ message }) => message).join('; '));
    this.problems = problems.toSorted((a, b) => a.at - b.at);
  }
}

/** `at` is an offset into the expression, in UTF-16 units; negative for the whole, which has no place. */
export function issueAt(expression: string, at: number, message: string): Issue {
  if (at < 0) return { message, line: -1, column: 0 };
  const before = expression.slice(0, at);
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  return { message, line, column: Array.from(before.slice(lineStart)).length + 1 };
}

/** Longer lines are not repeated below a message. */
const SNIPPET_MAX = 16_384;

export function formatIssue(expression: string, { message, line, column }: Issue): string {
  const head = `ERROR: <input>:${line}:${column}: ${message}`;
  const snippet = expression.split('\n')[line - 1];
  if (snippet === undefined || snippet.length > SNIPPET_MAX) return head;
  const shown = snippet.replaceAll('\t', ' ');
  const chars = Array.from(shown);
  // Wide characters get wide marks, so that the mark stands below them.
  const dots = chars.slice(0, column - 1).map((char) => (isWide(char) ? '．' : '.'));
  const mark = isWide(chars[column - 1] ?? '') ? '＾' : '^';
  return `${head}\n | ${shown}\n | ${dots.join('')}${mark}`;
}

function isWide(char: string): boolean {
  return (char.codePointAt(0) ?? 0) >= 0x80;
}

export function formatIssues(expression: string, issues: readonly Issue[]): string {
  return issues.map((issue) => formatIssue(expression, issue)).join('\n');
}
