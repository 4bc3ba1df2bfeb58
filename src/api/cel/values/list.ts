/** Joining lists. Lists that a schema calls sets or maps merge. */

import { isSameItem, semanticsOf } from './equal.ts';
import { JsonList, MergedList } from './json.ts';
import { CelError, itemsOf, type ListValue } from './value.ts';

/** Joining costs little, so lists could fill the memory before the cost stops them. */
export const LIST_MAX = 2 ** 20;

export function joinLists(a: ListValue, b: ListValue): ListValue {
  if (a.length + b.length > LIST_MAX) throw new CelError(`list of more than ${LIST_MAX} items`);
  const semantics = semanticsOf(a);
  if (semantics === undefined) return [...itemsOf(a), ...itemsOf(b)];
  const keys = typeof semantics === 'object' ? semantics.keys : undefined;
  const merged = [...itemsOf(a)];
  for (const item of itemsOf(b)) {
    const at = merged.findIndex((other) => isSameItem(other, item, keys));
    if (at < 0) merged.push(item);
    else merged[at] = item;
  }
  const type = a instanceof JsonList || a instanceof MergedList ? a.type : undefined;
  return type === undefined ? merged : new MergedList(merged, type);
}
