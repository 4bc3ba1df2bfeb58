/**
 * How long calls hold the processor whose cost, which is part of the API, does not tell: patterns cost by
 * their length, but take as long as what they stand for is large; lists are flattened and sorted for next to
 * nothing. In steps, of which a processor does some hundred in a microsecond. Pure.
 */

import { remembered } from '../../../base/remembered.ts';
import { compilePattern } from '../library/texts-and-times.ts';
import { CelError, isList, itemsOf, type CelValue } from '../values/value.ts';
import { sizeOf } from './size.ts';

type Work = (args: readonly CelValue[]) => number;

/** Of an overload; undefined where its cost tells. */
export function workOf(overloadId: string): Work | undefined {
  switch (overloadId) {
    case 'matches':
    case 'matches_string':
    case 'string_find_string':
      return ([text, pattern]) => sizeOf(text ?? null) * sizeOfPattern(pattern ?? null);
    case 'string_find_all_string':
    case 'string_find_all_string_int':
      return ([text, pattern]) => sizeOf(text ?? null) * (STEPS_PER_TEXT + sizeOfPattern(pattern ?? null));
    case 'list_flatten':
    case 'list_flatten_int':
      return ([list]) => STEPS_PER_ITEM * itemsBelow(list ?? null);
    case 'in_list':
      return ([, list]) => sizeOf(list ?? null);
    default:
      return /^list_[a-z.A-Z]+_sort(?:ByAssociatedKeys)?$/.test(overloadId) ? sorting : undefined;
  }
}

const STEPS_PER_TEXT = 20;
const STEPS_PER_ITEM = 20;
const STEPS_PER_COMPARISON = 8;

const sorting: Work = ([list]) => {
  const size = sizeOf(list ?? null);
  return STEPS_PER_COMPARISON * size * Math.log2(size + 1);
};

function itemsBelow(list: CelValue): number {
  if (!isList(list)) return 0;
  let items = 0;
  for (const item of itemsOf(list)) items += 1 + (isList(item) ? sizeOf(item) : 0);
  return items;
}

const instructions = remembered(500, (pattern: string): number => {
  try {
    return compilePattern(pattern).programSize();
  } catch (error) {
    // The call itself will say what is wrong with it.
    if (error instanceof CelError) return 1;
    throw error;
  }
});

function sizeOfPattern(pattern: CelValue): number {
  return typeof pattern === 'string' ? instructions(pattern) : 1;
}
