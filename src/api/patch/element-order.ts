/**
 * The order of a list after a strategic merge: items that the patch names stand in the patch's order, the
 * others in the server's, and the two are interleaved so that items known to the server keep their places.
 *
 * Example: server [a, b, c, d], patch order [d, x, b]. Named: d, x, b; others: a, c. The merge puts the
 * next "other" first only when the server had it before the next named one: a (before d), c (before d), d,
 * x, b.
 */

import type { JsonObject, JsonValue } from '../schema/schema.ts';

export function mergeOrder(
  merged: readonly JsonValue[],
  patchOrder: readonly JsonValue[],
  serverOrder: readonly JsonValue[],
  mergeKey: string | undefined,
): readonly JsonValue[] {
  const keyOf = (item: JsonValue): JsonValue | undefined => {
    if (mergeKey === undefined) return item;
    return typeof item === 'object' && item !== null ? (item as JsonObject)[mergeKey] : undefined;
  };
  const patchIndex = indexBy(patchOrder, keyOf);
  const serverIndex = indexBy(serverOrder, keyOf);
  const named = merged.filter((item) => patchIndex.has(keyOf(item)));
  const others = merged.filter((item) => !patchIndex.has(keyOf(item)));
  sortBy(named, patchIndex, keyOf);
  sortBy(others, serverIndex, keyOf);
  const result: JsonValue[] = [];
  let i = 0;
  let j = 0;
  for (; i < others.length && j < named.length;) {
    const other = others[i] ?? null;
    const next = named[j] ?? null;
    const otherAt = serverIndex.get(keyOf(other));
    const nextAt = serverIndex.get(keyOf(next));
    if (otherAt !== undefined && nextAt !== undefined && otherAt < nextAt) {
      result.push(other);
      i++;
    } else {
      result.push(next);
      j++;
    }
  }
  return [...result, ...others.slice(i), ...named.slice(j)];
}

type KeyOf = (item: JsonValue) => JsonValue | undefined;

/** First positions, since later items of the same key never decide. */
function indexBy(list: readonly JsonValue[], keyOf: KeyOf): Map<JsonValue | undefined, number> {
  const index = new Map<JsonValue | undefined, number>();
  for (const [i, item] of list.entries()) {
    const key = keyOf(item);
    if (!index.has(key)) index.set(key, i);
  }
  return index;
}

function sortBy(items: JsonValue[], index: ReadonlyMap<JsonValue | undefined, number>, keyOf: KeyOf): void {
  items.sort((a, b) => (index.get(keyOf(a)) ?? 0) - (index.get(keyOf(b)) ?? 0));
}
