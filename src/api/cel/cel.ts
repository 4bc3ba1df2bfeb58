/**
 * CEL, the Common Expression Language, as Kubernetes 1.36 has it: rules of custom resources, admission
 * policies, match conditions of webhooks, device selectors.
 *
 * Inputs: an expression and an environment (`environment.ts`). Outputs: a `Program`, or issues worded as
 * cel-go words them. A program is evaluated against JSON in place, counts what it costs, and is stopped at a
 * limit; its cost can be estimated beforehand. Nothing here waits, and nothing throws except for bugs.
 *
 * Example: `self.replicas <= self.maxReplicas` is parsed (`syntax/`), typed (`checker/`), turned into closures
 * (`evaluate/`); with `{ self: { replicas: 3, maxReplicas: 5 } }` it answers true at a cost of 5.
 */

import { check, type Checked } from './checker/checker.ts';
import { checkLiterals } from './checker/literal-arguments.ts';
import { estimateCost, type SizeEstimator } from './cost/estimate.ts';
import type { Range } from './cost/size.ts';
import type { Environment } from './environment.ts';
import { compileCode } from './evaluate/compiler.ts';
import { type Code, CostExceeded, Frame } from './evaluate/frame.ts';
import { type Issue, issueAt, SyntaxProblem, SyntaxProblems } from './syntax/issue.ts';
import { parse } from './syntax/parser.ts';
import type { CelType } from './types/type.ts';
import type { Binding } from './values/json.ts';
import { CelError, type CelValue } from './values/value.ts';

export type CompileOutcome =
  | { readonly ok: true; readonly program: Program }
  | { readonly ok: false; readonly issues: readonly Issue[] };

export type Evaluation =
  | { readonly ok: true; readonly value: CelValue; readonly cost: number }
  | { readonly ok: false; readonly error: string; readonly cost: number };

export interface Program {
  /** Of the result. */
  readonly type: CelType;
  /** Whether the expression names the variable. */
  mentions(variable: string): boolean;
  estimateCost(sizeOf: SizeEstimator): Range;
  /** Bindings are JSON, seen through the types of their variables, or values. */
  evaluate(bindings: Readonly<Record<string, Binding>>, options: { readonly costLimit: number }): Evaluation;
}

export function compile(expression: string, environment: Environment): CompileOutcome {
  try {
    return compileOrThrow(expression, environment);
  } catch (error) {
    if (error instanceof SyntaxProblem) {
      return { ok: false, issues: [issueAt(expression, error.at, error.message)] };
    }
    if (error instanceof SyntaxProblems) {
      return { ok: false, issues: error.problems.map(({ at, message }) => issueAt(expression, at, message)) };
    }
    throw error;
  }
}

function compileOrThrow(expression: string, environment: Environment): CompileOutcome {
  const root = parse(expression, environment.syntax);
  const checked = check(root, environment);
  const problems = [...checked.problems];
  if (problems.length === 0 && environment.rules.checksLiterals) problems.push(...checkLiterals(checked));
  if (problems.length === 0) {
    const { code, problems: more } = compileCode(checked, environment.rules, environment.variables);
    if (more.length === 0) {
      return {
        ok: true,
        program: {
          type: checked.typeOf(root),
          mentions: (variable) => mentions(checked, variable),
          estimateCost: (sizeOf) => estimateCost(checked, sizeOf),
          evaluate: (bindings, { costLimit }) => evaluate(code, new Frame(bindings, costLimit)),
        },
      };
    }
    problems.push(...more);
  }
  const sorted = problems.toSorted((a, b) => a.at - b.at);
  return { ok: false, issues: sorted.map(({ at, message }) => issueAt(expression, at, message)) };
}

function mentions({ references }: Checked, variable: string): boolean {
  for (const reference of references.values()) {
    if (reference.kind === 'variable' && reference.name === variable) return true;
  }
  return false;
}

function evaluate(code: Code, frame: Frame): Evaluation {
  try {
    return { ok: true, value: code(frame), cost: frame.cost };
  } catch (error) {
    if (error instanceof CelError) return { ok: false, error: error.message, cost: frame.cost };
    if (error instanceof CostExceeded) {
      return { ok: false, error: 'operation cancelled: actual cost limit exceeded', cost: frame.cost };
    }
    // Too deep a value, or too long a string: JavaScript's own bounds.
    if (error instanceof RangeError) return { ok: false, error: error.message, cost: frame.cost };
    throw error;
  }
}
