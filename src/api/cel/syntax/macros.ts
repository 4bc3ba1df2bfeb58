/** The standard macros: `has`, and the loops over one variable. */

import { ACCUMULATOR, call, type Comprehension, type Expr, ident, list, literal } from './ast.ts';
import { SyntaxProblem } from './issue.ts';
import type { Macro } from './parser.ts';

export function variableName(expr: Expr | undefined, message: string): string {
  if (expr?.kind !== 'ident' || expr.name.startsWith('.')) throw new SyntaxProblem(message, expr?.at ?? 0);
  if (expr.name === '__result__') {
    throw new SyntaxProblem('iteration variable overwrites accumulator variable', expr.at);
  }
  return expr.name;
}

const SIMPLE_NAME = 'argument must be a simple name';
const IDENTIFIER = 'argument is not an identifier';

export type Variables = Pick<Comprehension, 'range' | 'variable' | 'variable2'>;

/** The parts of a loop that differ from macro to macro. */
type Loop = Pick<Comprehension, 'init' | 'condition' | 'step' | 'result'>;

function accumulator(at: number): Expr {
  return ident(at, ACCUMULATOR);
}

export function loop(at: number, variables: Variables, parts: Loop): Comprehension {
  return { kind: 'comprehension', at, ...variables, accumulator: ACCUMULATOR, ...parts };
}

export function all(at: number, variables: Variables, predicate: Expr): Expr {
  return loop(at, variables, {
    init: literal(at, true),
    condition: call(at, '@not_strictly_false', accumulator(at)),
    step: call(at, '_&&_', accumulator(at), predicate),
    result: accumulator(at),
  });
}

export function exists(at: number, variables: Variables, predicate: Expr): Expr {
  return loop(at, variables, {
    init: literal(at, false),
    condition: call(at, '@not_strictly_false', call(at, '!_', accumulator(at))),
    step: call(at, '_||_', accumulator(at), predicate),
    result: accumulator(at),
  });
}

export function existsOne(at: number, variables: Variables, predicate: Expr): Expr {
  const increased = call(at, '_+_', accumulator(at), literal(at, 1));
  return loop(at, variables, {
    init: literal(at, 0),
    condition: literal(at, true),
    step: call(at, '_?_:_', predicate, increased, accumulator(at)),
    result: call(at, '_==_', accumulator(at), literal(at, 1)),
  });
}

/** A loop that collects: `step` is what the accumulator becomes, where `filter` holds. */
export function collect(
  at: number,
  variables: Variables,
  init: Expr,
  step: Expr,
  filter: Expr | undefined,
): Expr {
  return loop(at, variables, {
    init,
    condition: literal(at, true),
    step: filter === undefined ? step : call(at, '_?_:_', filter, step, accumulator(at)),
    result: accumulator(at),
  });
}

export function collectList(at: number, variables: Variables, item: Expr, filter: Expr | undefined): Expr {
  return collect(at, variables, list(at), call(at, '_+_', accumulator(at), list(at, item)), filter);
}

function has(_: number, [argument]: readonly Expr[]): Expr {
  if (argument?.kind === 'select') return { ...argument, test: true };
  throw new SyntaxProblem('invalid argument to has() macro', argument?.at ?? 0);
}

function quantifier(expand: typeof all): Macro['expand'] {
  return (at, [name, predicate], range) => {
    const variables = { range, variable: variableName(name, SIMPLE_NAME), variable2: undefined };
    return expand(at, variables, argumentOf(predicate));
  };
}

/** The parser has counted the arguments. */
export function argumentOf(expr: Expr | undefined): Expr {
  if (expr === undefined) throw new SyntaxProblem('missing argument', 0);
  return expr;
}

const map: Macro['expand'] = (at, args, range) => {
  const variables = { range, variable: variableName(args[0], IDENTIFIER), variable2: undefined };
  return collectList(at, variables, argumentOf(args.at(-1)), args.length === 3 ? args[1] : undefined);
};

const filter: Macro['expand'] = (at, [name, predicate], range) => {
  const variables = { range, variable: variableName(name, IDENTIFIER), variable2: undefined };
  return collectList(at, variables, argumentOf(name), predicate);
};

export const STANDARD_MACROS: readonly Macro[] = [
  { name: 'has', args: 1, isMember: false, expand: has },
  { name: 'all', args: 2, isMember: true, expand: quantifier(all) },
  { name: 'exists', args: 2, isMember: true, expand: quantifier(exists) },
  { name: 'exists_one', args: 2, isMember: true, expand: quantifier(existsOne) },
  { name: 'existsOne', args: 2, isMember: true, expand: quantifier(existsOne) },
  { name: 'map', args: 2, isMember: true, expand: map },
  { name: 'map', args: 3, isMember: true, expand: map },
  { name: 'filter', args: 2, isMember: true, expand: filter },
];
