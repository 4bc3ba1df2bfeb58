/** Optional values: `a.?b`, `optional.of(x)`, `orValue`. */

import { call, type Expr, ident, list, literal, memberCall } from '../syntax/ast.ts';
import { argumentOf } from '../syntax/macros.ts';
import { SyntaxProblem } from '../syntax/issue.ts';
import type { Macro } from '../syntax/parser.ts';
import { BOOL, DYN, INT, listOf, mapOf, optionalOf, parameter, STRING } from '../types/type.ts';
import {
  CelError,
  type CelValue,
  Double,
  Duration,
  isList,
  itemAt,
  itemsOf,
  type ListValue,
  MapValue,
  NONE,
  OptionalValue,
  Uint,
} from '../values/value.ts';
import { fn, type FunctionDeclaration, global, type Library, onValue } from './declare.ts';
import { optionalIndex } from './operators.ts';

const K = parameter('K');
const V = parameter('V');
const OPTIONAL = optionalOf(V);
const LIST = listOf(V);
const MAP = mapOf(K, V);

function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === 0 || value === '') return true;
  if (isList(value) || value instanceof Uint8Array) return value.length === 0;
  if (value instanceof MapValue) return value.size === 0;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Double) return value.value === 0;
  return value instanceof Duration && value.nanos === 0n;
}

function dereference({ value }: OptionalValue): CelValue {
  if (value === undefined) throw new CelError('optional.none() dereference');
  return value;
}

function unwrap(list: ListValue): readonly CelValue[] {
  return itemsOf(list).flatMap((item) => {
    if (!(item instanceof OptionalValue)) throw new CelError('value is not optional');
    return item.value === undefined ? [] : [item.value];
  });
}

function itemOrNone(list: ListValue, index: number): OptionalValue {
  return list.length === 0 ? NONE : new OptionalValue(itemAt(list, index));
}

const FUNCTIONS: readonly FunctionDeclaration[] = [
  fn('optional.of', global('optional_of', [V], OPTIONAL, (value: CelValue) => new OptionalValue(value))),
  fn('optional.ofNonZeroValue', global('optional_ofNonZeroValue', [V], OPTIONAL, (value: CelValue) =>
    isZero(value) ? NONE : new OptionalValue(value))),
  fn('optional.none', global('optional_none', [], OPTIONAL, () => NONE)),
  fn('value', onValue('optional_value', [OPTIONAL], V, dereference)),
  fn('hasValue', onValue('optional_hasValue', [OPTIONAL], BOOL, ({ value }: OptionalValue) => value !== undefined)),
  fn('or', onValue('optional_or_optional', [OPTIONAL, OPTIONAL], OPTIONAL, (a: OptionalValue, b: OptionalValue) =>
    a.value === undefined ? b : a)),
  fn('orValue', onValue('optional_orValue_value', [OPTIONAL, V], V, (a: OptionalValue, b: CelValue) => a.value ?? b)),
  fn('_?._', global('select_optional_field', [DYN, STRING], OPTIONAL, optionalIndex)),
  fn('_[?_]',
    global('list_optindex_optional_int', [LIST, INT], OPTIONAL, optionalIndex),
    global('optional_list_optindex_optional_int', [optionalOf(LIST), INT], OPTIONAL, optionalIndex),
    global('map_optindex_optional_value', [MAP, K], OPTIONAL, optionalIndex),
    global('optional_map_optindex_optional_value', [optionalOf(MAP), K], OPTIONAL, optionalIndex)),
  fn('_[_]',
    global('optional_list_index_int', [optionalOf(LIST), INT], OPTIONAL, optionalIndex),
    global('optional_map_index_value', [optionalOf(MAP), K], OPTIONAL, optionalIndex)),
  fn('first', onValue('list_first', [LIST], OPTIONAL, (items: ListValue) => itemOrNone(items, 0))),
  fn('last', onValue('list_last', [LIST], OPTIONAL, (items: ListValue) => itemOrNone(items, items.length - 1))),
  fn('optional.unwrap', global('optional_unwrap', [listOf(OPTIONAL)], LIST, unwrap)),
  fn('unwrapOpt', onValue('optional_unwrapOpt', [listOf(OPTIONAL)], LIST, unwrap)),
]; // prettier-ignore

/** A loop that never runs, over a variable that is `value`. */
export function bind(at: number, variable: string, value: Expr, body: Expr): Expr {
  return {
    kind: 'comprehension',
    at,
    range: list(at),
    variable: '#unused',
    variable2: undefined,
    accumulator: variable,
    init: value,
    condition: literal(at, false),
    step: ident(at, variable),
    result: body,
  };
}

function mapping(name: string, wrap: (at: number, body: Expr) => Expr): Macro {
  return {
    name,
    args: 2,
    isMember: true,
    expand: (at, [variable, body], target) => {
      if (variable?.kind !== 'ident') {
        throw new SyntaxProblem(`${name}() variable name must be a simple identifier`, variable?.at ?? at);
      }
      const bound = bind(at, variable.name, memberCall(at, 'value', target), argumentOf(body));
      return call(
        at,
        '_?_:_',
        memberCall(at, 'hasValue', target),
        wrap(at, bound),
        call(at, 'optional.none'),
      );
    },
  };
}

export const OPTIONALS: Library = {
  functions: FUNCTIONS,
  macros: [
    mapping('optMap', (at, body) => call(at, 'optional.of', body)),
    mapping('optFlatMap', (_, body) => body),
  ],
};
