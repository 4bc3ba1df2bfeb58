/** Kubernetes' functions of lists, and searching with patterns. */

import type { RE2JS } from 're2js';
import { BOOL, type CelType, DOUBLE, DURATION, INT, listOf, parameter, STRING, UINT } from '../types/type.ts';
import {
  fn,
  type FunctionDeclaration,
  type Library,
  onValue,
  type Overload,
  withPattern,
} from '../library/declare.ts';
import { COMPARABLE } from '../library/sets-and-lists.ts';
import { compilePattern } from '../library/texts-and-times.ts';
import { compareValues, isEqual } from '../values/equal.ts';
import { addInt, type Int, uintOf } from '../values/int.ts';
import { durationOf } from '../values/time.ts';
import {
  CelError,
  type CelValue,
  Double,
  Duration,
  isInt,
  itemsOf,
  type ListValue,
  Uint,
} from '../values/value.ts';

function order(a: CelValue, b: CelValue): number {
  const result = compareValues(a, b);
  if (result === undefined) throw new CelError('no such overload');
  return result;
}

function isSorted(list: ListValue): boolean {
  const items = itemsOf(list);
  return items.every((item, i) => i === 0 || order(items[i - 1] ?? null, item) <= 0);
}

function extreme(name: string, isBetter: (order: number) => boolean): (list: ListValue) => CelValue {
  return (list) => {
    const [first, ...rest] = itemsOf(list);
    if (first === undefined) throw new CelError(`${name} called on empty list`);
    return rest.reduce((best, item) => (isBetter(order(item, best)) ? item : best), first);
  };
}

function sum(zero: CelValue): (list: ListValue) => CelValue {
  return (list) => itemsOf(list).reduce(plus, zero);
}

function plus(a: CelValue, b: CelValue): CelValue {
  if (isInt(a) && isInt(b)) return addInt(a, b);
  if (a instanceof Uint && b instanceof Uint) return uintOf(a.value + b.value);
  if (a instanceof Double && b instanceof Double) return new Double(a.value + b.value);
  if (a instanceof Duration && b instanceof Duration) return durationOf(a.nanos + b.nanos);
  throw new CelError('no such overload');
}

/** Overloads are named by the short names of types here, unlike in cel-go's own library. */
function forEachType(build: (name: string, type: CelType) => Overload): readonly Overload[] {
  return COMPARABLE.map((type) => build(type.kind, type));
}

const SUMMABLE: readonly (readonly [CelType, CelValue])[] = [
  [INT, 0], [UINT, new Uint(0n)], [DOUBLE, new Double(0)], [DURATION, new Duration(0n)],
]; // prettier-ignore

const A = parameter('A');

const LIST_FUNCTIONS: readonly FunctionDeclaration[] = [
  fn('isSorted', ...forEachType((name, type) => onValue(`list_${name}_is_sorted_bool`, [listOf(type)], BOOL, isSorted))),
  fn('sum', ...SUMMABLE.map(([type, zero]) =>
    onValue(`list_${type.kind}_sum_${type.kind}`, [listOf(type)], type, sum(zero)))),
  fn('max', ...forEachType((name, type) =>
    onValue(`list_${name}_max_${name}`, [listOf(type)], type, extreme('max', (better) => better > 0)))),
  fn('min', ...forEachType((name, type) =>
    onValue(`list_${name}_min_${name}`, [listOf(type)], type, extreme('min', (better) => better < 0)))),
  fn('indexOf', onValue('list_a_index_of_int', [listOf(A), A], INT, (list: ListValue, item: CelValue) =>
    itemsOf(list).findIndex((other) => isEqual(other, item)))),
  fn('lastIndexOf', onValue('list_a_last_index_of_int', [listOf(A), A], INT, (list: ListValue, item: CelValue) =>
    itemsOf(list).findLastIndex((other) => isEqual(other, item)))),
]; // prettier-ignore

function compileFind(pattern: string): RE2JS {
  try {
    return compilePattern(pattern);
  } catch (error) {
    if (error instanceof CelError) throw new CelError(`Illegal regex: ${error.message}`, { cause: error });
    throw error;
  }
}

function find(text: string, pattern: RE2JS): string {
  const matcher = pattern.matcher(text);
  return matcher.find() ? (matcher.group() ?? '') : '';
}

function findAll(text: string, pattern: RE2JS, limit: Int): readonly string[] {
  const found: string[] = [];
  const matcher = pattern.matcher(text);
  while ((limit < 0 || found.length < limit) && matcher.find()) found.push(matcher.group() ?? '');
  return found;
}

const TEXTS = listOf(STRING);

const PATTERN_FUNCTIONS: readonly FunctionDeclaration[] = [
  fn(
    'find',
    withPattern(
      { id: 'string_find_string', isMember: true, args: [STRING, STRING], result: STRING },
      compileFind,
      find,
    ),
  ),
  fn(
    'findAll',
    withPattern(
      { id: 'string_find_all_string', isMember: true, args: [STRING, STRING], result: TEXTS },
      compileFind,
      (text, pattern) => findAll(text, pattern, -1),
    ),
    withPattern(
      { id: 'string_find_all_string_int', isMember: true, args: [STRING, STRING, INT], result: TEXTS },
      compileFind,
      (text, pattern, limit) => findAll(text, pattern, isInt(limit ?? null) ? (limit as Int) : -1),
    ),
  ),
];

export const KUBERNETES_LISTS: Library = { functions: LIST_FUNCTIONS, macros: [] };
export const KUBERNETES_PATTERNS: Library = { functions: PATTERN_FUNCTIONS, macros: [] };
