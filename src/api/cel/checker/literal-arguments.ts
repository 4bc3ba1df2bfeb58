/** Literal arguments that can never work: `duration('soon')`, `matches('(')`. */

import { compilePattern } from '../library/texts-and-times.ts';
import type { Expr } from '../syntax/ast.ts';
import { parseDuration, parseTimestamp } from '../values/time.ts';
import { CelError } from '../values/value.ts';
import type { Checked, Problem } from './checker.ts';
import { formatProblem } from './format-arguments.ts';

export function checkLiterals(checked: Checked): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [expr, reference] of checked.references) {
    if (reference.kind !== 'call' || expr.kind !== 'call') continue;
    const format = formatProblem(checked, expr);
    if (format !== undefined) problems.push(format);
    const argument = literalArgument(reference.name, expr.args);
    if (argument === undefined || isValid(reference.name, argument.text)) continue;
    problems.push({ at: argument.at, message: `invalid ${reference.name} argument` });
  }
  return problems;
}

function literalArgument(name: string, args: readonly Expr[]): { text: string; at: number } | undefined {
  if (name !== 'duration' && name !== 'timestamp' && name !== 'matches') return undefined;
  const arg = args.at(-1);
  if (arg?.kind !== 'literal' || typeof arg.value !== 'string') return undefined;
  return { text: arg.value, at: arg.at };
}

function isValid(name: string, text: string): boolean {
  if (name === 'duration') return parseDuration(text) !== undefined;
  if (name === 'timestamp') return parseTimestamp(text) !== undefined;
  try {
    compilePattern(text);
    return true;
  } catch (error) {
    if (error instanceof CelError) return false;
    throw error;
  }
}
