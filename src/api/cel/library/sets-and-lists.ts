/** cel-go's extensions for sets, and for lists in version 3. */

import { list, literal, memberCall, ident } from '../syntax/ast.ts';
import { argumentOf, collectList, variableName } from '../syntax/macros.ts';
import type { Macro } from '../syntax/parser.ts';
import {
  BOOL, BYTES, type CelType, DOUBLE, DURATION, DYN, INT, listOf, parameter, STRING, TIMESTAMP, typeName, UINT,
} from '../types/type.ts'; // prettier-ignore
import { compareValues, isEqual } from '../values/equal.ts';
import type { Int } from '../values/int.ts';
import { typeOf } from '../values/kind.ts';
import { LIST_MAX } from '../values/list.ts';
import { CelError, type CelValue, isList, itemsOf, type ListValue } from '../values/value.ts';
import { fn, type FunctionDeclaration, global, type Library, onValue } from './declare.ts';

const T = parameter('T');
const LIST = listOf(T);

export const COMPARABLE: readonly CelType[] = [
  INT, UINT, DOUBLE, BOOL, DURATION, TIMESTAMP, STRING, BYTES,
]; // prettier-ignore

function containsAll(outer: ListValue, inner: ListValue): boolean {
  const items = itemsOf(outer);
  return itemsOf(inner).every((item) => items.some((other) => isEqual(other, item)));
}

function intersects(a: ListValue, b: ListValue): boolean {
  const items = itemsOf(b);
  return itemsOf(a).some((item) => items.some((other) => isEqual(other, item)));
}

export const SETS: Library = {
  functions: [
    fn('sets.contains', global('list_sets_contains_list', [LIST, LIST], BOOL, containsAll)),
    fn('sets.equivalent', global('list_sets_equivalent_list', [LIST, LIST], BOOL, (a: ListValue, b: ListValue) =>
      containsAll(a, b) && containsAll(b, a))),
    fn('sets.intersects', global('list_sets_intersects_list', [LIST, LIST], BOOL, intersects)),
  ],
  macros: [],
}; // prettier-ignore

function slice(items: ListValue, start: Int, end: Int): readonly CelValue[] {
  const what = `cannot slice(${start}, ${end})`;
  if (start < 0 || end < 0) throw new CelError(`${what}, negative indexes not supported`);
  if (start > end) throw new CelError(`${what}, start index must be less than or equal to end index`);
  if (items.length < end) throw new CelError(`${what}, list is length ${items.length}`);
  return itemsOf(items).slice(Number(start), Number(end));
}

function flatten(items: ListValue, depth: Int): readonly CelValue[] {
  if (depth < 0) throw new CelError('level must be non-negative');
  return itemsOf(items).flatMap((item): readonly CelValue[] => {
    if (!isList(item) || depth === 0) return [item];
    return flatten(item, Number(depth) - 1);
  });
}

function distinct(items: ListValue): readonly CelValue[] {
  const seen: CelValue[] = [];
  const texts = new Set<string>();
  for (const item of itemsOf(items)) {
    if (typeof item === 'string') {
      if (texts.has(item)) continue;
      texts.add(item);
    } else if (seen.some((other) => isEqual(other, item))) continue;
    seen.push(item);
  }
  return seen;
}

function sortBy(items: ListValue, keys: ListValue): ListValue {
  const keyed = itemsOf(items);
  const order = itemsOf(keys);
  if (keyed.length !== order.length) throw new CelError('no such overload');
  const [first] = order;
  if (first === undefined) return items;
  const kind = typeName(typeOf(first));
  if (compareValues(first, first) === undefined) throw new CelError('list elements must be comparable');
  if (order.some((key) => typeName(typeOf(key)) !== kind)) {
    throw new CelError('list elements must have the same type');
  }
  const indexes = order.map((_, i) => i);
  indexes.sort((a, b) => compareValues(order[a] ?? null, order[b] ?? null) ?? 0);
  return indexes.map((i) => keyed[i] ?? null);
}

function range(count: Int): readonly number[] {
  if (count > LIST_MAX) throw new CelError(`list of more than ${LIST_MAX} items`);
  return Array.from({ length: Math.max(Number(count), 0) }, (_, i) => i);
}

function forEachType(
  build: (type: CelType, name: string) => FunctionDeclaration['overloads'][number],
): FunctionDeclaration['overloads'] {
  return COMPARABLE.map((type) => build(type, typeName(type)));
}

const INPUT = '@__sortBy_input__';

/** `items.sortBy(i, i.weight)`: the items under a name, sorted by the list of their keys. */
const sortByMacro: Macro = {
  name: 'sortBy',
  args: 2,
  isMember: true,
  expand: (at, [variable, key], target) => {
    const input = ident(at, INPUT);
    const variables = {
      range: input,
      variable: variableName(variable, 'argument is not an identifier'),
      variable2: undefined,
    };
    const keys = collectList(at, variables, argumentOf(key), undefined);
    return {
      kind: 'comprehension',
      at,
      range: list(at),
      variable: '#unused',
      variable2: undefined,
      accumulator: INPUT,
      init: target,
      condition: literal(at, false),
      step: ident(at, INPUT),
      result: memberCall(at, '@sortByAssociatedKeys', input, keys),
    };
  },
};

export const LISTS: Library = {
  functions: [
    fn('slice', onValue('list_slice', [LIST, INT, INT], LIST, slice)),
    fn('flatten',
      onValue('list_flatten', [listOf(LIST)], LIST, (items: ListValue) => flatten(items, 1)),
      onValue('list_flatten_int', [listOf(DYN), INT], listOf(DYN), flatten)),
    fn('sort', ...forEachType((type, name) =>
      onValue(`list_${name}_sort`, [listOf(type)], listOf(type), (items: ListValue) => sortBy(items, items)))),
    fn('@sortByAssociatedKeys', ...forEachType((type, name) =>
      onValue(`list_${name}_sortByAssociatedKeys`, [LIST, listOf(type)], LIST, sortBy))),
    fn('lists.range', global('lists_range', [INT], listOf(INT), range, (count: Int) => Number(count) + 11)),
    fn('reverse', onValue('list_reverse', [LIST], LIST, (items: ListValue) => itemsOf(items).toReversed())),
    fn('distinct', onValue('list_distinct', [LIST], LIST, distinct)),
  ],
  macros: [sortByMacro],
}; // prettier-ignore
