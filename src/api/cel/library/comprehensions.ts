/** Loops over two variables, index and item or key and value, and `cel.bind`. */

import { ACCUMULATOR, call, type Expr, ident } from '../syntax/ast.ts';
import { SyntaxProblem } from '../syntax/issue.ts';
import {
  all,
  argumentOf,
  collect,
  collectList,
  exists,
  existsOne,
  variableName,
  type Variables,
} from '../syntax/macros.ts';
import type { Macro } from '../syntax/parser.ts';
import { mapOf, parameter } from '../types/type.ts';
import { mapFrom } from '../values/map.ts';
import type { CelValue, MapValue } from '../values/value.ts';
import { fn, global, type Library } from './declare.ts';
import { bind } from './optionals.ts';

const SIMPLE_NAME = 'argument must be a simple name';

function variablesOf(range: Expr, first: Expr | undefined, second: Expr | undefined): Variables {
  const variable = variableName(first, SIMPLE_NAME);
  const variable2 = variableName(second, SIMPLE_NAME);
  if (variable === variable2) {
    throw new SyntaxProblem(`duplicate variable name: ${variable}`, second?.at ?? 0);
  }
  return { range, variable, variable2 };
}

function quantifier(name: string, expand: typeof all): Macro {
  return {
    name,
    args: 3,
    isMember: true,
    expand: (at, [first, second, predicate], range) =>
      expand(at, variablesOf(range, first, second), argumentOf(predicate)),
  };
}

/** Three arguments, or four with a filter before the last. */
function transform(
  name: string,
  build: (at: number, variables: Variables, item: Expr, filter: Expr | undefined) => Expr,
): readonly Macro[] {
  return [3, 4].map((args) => ({
    name,
    args,
    isMember: true,
    expand: (at: number, given: readonly Expr[], range: Expr) => {
      const variables = variablesOf(range, given[0], given[1]);
      return build(at, variables, argumentOf(given.at(-1)), args === 4 ? given[2] : undefined);
    },
  }));
}

const INSERT = 'cel.@mapInsert';

function collectMap(
  at: number,
  variables: Variables,
  entry: readonly Expr[],
  filter: Expr | undefined,
): Expr {
  const step = call(at, INSERT, ident(at, ACCUMULATOR), ...entry);
  return collect(at, variables, { kind: 'map', at, entries: [] }, step, filter);
}

const K = parameter('K');
const V = parameter('V');
const MAP = mapOf(K, V);

function entriesOf(map: MapValue): readonly (readonly [CelValue, CelValue])[] {
  return map.keys().map((key) => [key, map.get(key) ?? null]);
}

export const TWO_VARIABLE_COMPREHENSIONS: Library = {
  functions: [
    fn(INSERT,
      global('@mapInsert_map_map', [MAP, MAP], MAP, (map: MapValue, more: MapValue) =>
        mapFrom([...entriesOf(map), ...entriesOf(more)])),
      global('@mapInsert_map_key_value', [MAP, K, V], MAP, (map: MapValue, key: CelValue, value: CelValue) =>
        mapFrom([...entriesOf(map), [key, value]]))),
  ],
  macros: [
    quantifier('all', all),
    quantifier('exists', exists),
    quantifier('existsOne', existsOne),
    quantifier('exists_one', existsOne),
    ...transform('transformList', collectList),
    ...transform('transformMap', (at, variables, value, filter) =>
      collectMap(at, variables, [ident(at, variables.variable), value], filter)),
    ...transform('transformMapEntry', (at, variables, entry, filter) => collectMap(at, variables, [entry], filter)),
  ],
}; // prettier-ignore

export const BINDINGS: Library = {
  functions: [],
  macros: [
    {
      name: 'bind',
      args: 3,
      isMember: true,
      expand: (at, [variable, value, body], target) => {
        if (target.kind !== 'ident' || target.name !== 'cel') return undefined;
        const name = variableName(variable, 'cel.bind() variable names must be simple identifiers');
        return bind(at, name, argumentOf(value), argumentOf(body));
      },
    },
  ],
};
