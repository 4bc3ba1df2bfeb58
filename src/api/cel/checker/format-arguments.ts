/** `'%d of %s'.format([a, b])` with a literal text: clauses, number and types of the arguments. */

import type { Expr } from '../syntax/ast.ts';
import { type CelType, typeName } from '../types/type.ts';
import type { Checked, Problem } from './checker.ts';

interface Clause {
  readonly kinds: readonly CelType['kind'][];
  readonly rule: string;
}

const DECIMAL: Clause = { kinds: ['int', 'uint'], rule: 'decimal clause can only be used on integers' };
const HEX: Clause = {
  kinds: ['int', 'uint', 'string', 'bytes'],
  rule: 'only integers, byte buffers, and strings can be formatted as hex',
};

const CLAUSES: Readonly<Record<string, Clause>> = {
  s: {
    kinds: [
      'list', 'map', 'int', 'uint', 'double', 'bool', 'string', 'timestamp', 'bytes', 'duration', 'type', 'null',
    ],
    rule: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  },
  d: DECIMAL,
  f: { kinds: ['double', 'string'], rule: 'fixed-point clause can only be used on doubles' },
  e: { kinds: ['double', 'string'], rule: 'scientific clause can only be used on doubles' },
  b: { kinds: ['int', 'uint', 'bool'], rule: 'only integers and bools can be formatted as binary' },
  x: HEX,
  X: HEX,
  o: { kinds: ['int', 'uint'], rule: 'octal clause can only be used on integers' },
}; // prettier-ignore

/** The first problem of the call; undefined when there is none, or the call is of another form. */
export function formatProblem(checked: Checked, expr: Expr): Problem | undefined {
  if (expr.kind !== 'call' || expr.name !== 'format' || expr.target?.kind !== 'literal') return undefined;
  const template = expr.target.value;
  const [list] = expr.args;
  if (typeof template !== 'string' || list?.kind !== 'list') return undefined;
  const { at } = expr;
  let used = 0;
  for (const [clause, precision, letter = ''] of template.matchAll(/%%|%(\.\d*)?([^]?)/gu)) {
    if (clause === '%%') continue;
    const argument = list.elements[used];
    if (argument === undefined) return { at, message: `index ${used} out of range` };
    if (letter === '') return { at, message: 'unexpected end of string' };
    used++;
    const unparsed = 'could not parse formatting clause';
    if (precision === '.') {
      const why = 'error while parsing precision: error while converting precision to integer';
      return { at, message: `${unparsed}: ${why}` };
    }
    const expected = CLAUSES[letter];
    if (expected === undefined) {
      return { at, message: `${unparsed}: unrecognized formatting clause "${letter}"` };
    }
    const wrong = wrongArgument(checked, argument, expected);
    if (wrong !== undefined) return wrong;
  }
  const given = list.elements.length;
  if (given <= used) return undefined;
  const message = `too many arguments supplied to string.format (expected ${used}, got ${given})`;
  return { at, message };
}

/** In literals of lists and maps everything has to have a form as text. */
function wrongArgument(checked: Checked, expr: Expr, clause: Clause): Problem | undefined {
  const type = checked.typeOf(expr);
  if (type.kind !== 'dyn' && !clause.kinds.includes(type.kind)) {
    const message = `error during formatting: ${clause.rule}, was given ${typeName(type)}`;
    return { at: expr.at, message };
  }
  const parts =
    expr.kind === 'list'
      ? expr.elements
      : expr.kind === 'map'
        ? expr.entries.flatMap(({ key, value }) => [key, value])
        : [];
  return parts.map((part) => wrongArgument(checked, part, clause)).find((problem) => problem !== undefined);
}
