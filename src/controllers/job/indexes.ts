/**
 * Sets of completion indexes, kept as ordered intervals as a Job's status writes them: `1,3-5,7`. Pure.
 *
 * Invariant: intervals are ordered, and there is a gap between any two of them. So a Job of 100,000 indexes
 * costs as much as it has gaps.
 */

import type { IndexInterval } from '../../api/groups/batch/job/index-list.ts';

export type Indexes = readonly IndexInterval[];

export const NO_INDEXES: Indexes = [];

/** Reads what a status says; parts that are no intervals are passed over, and so is all beyond the last index. */
export function readIndexes(text: string | undefined, completions: number): Indexes {
  if (text === undefined || text === '') return NO_INDEXES;
  const read = text.split(',').flatMap((part): Indexes => {
    const [, low, high = low] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    const first = Number(low);
    if (low === undefined || first >= completions) return [];
    return [{ first, last: Math.min(Number(high), completions - 1) }];
  });
  return union(read, []);
}

/** A run of two is written as two indexes, longer ones as `first-last`. */
export function formatIndexes(indexes: Indexes): string {
  return indexes
    .map(({ first, last }) =>
      first === last ? `${first}` : `${first}${last === first + 1 ? ',' : '-'}${last}`,
    )
    .join(',');
}

export function toIndexes(values: Iterable<number>): Indexes {
  const ordered = [...new Set(values)].toSorted((a, b) => a - b);
  return union(
    ordered.map((value) => ({ first: value, last: value })),
    [],
  );
}

/** Both in order of their beginnings. */
export function union(a: Indexes, b: Indexes): Indexes {
  const merged: { first: number; last: number }[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const [left, right] = [a[i], b[j]];
    const takesLeft = right === undefined || (left !== undefined && left.first < right.first);
    const next = takesLeft ? left : right;
    if (takesLeft) i++;
    else j++;
    if (next === undefined) continue;
    const last = merged.at(-1);
    if (last !== undefined && next.first <= last.last + 1) last.last = Math.max(last.last, next.last);
    else merged.push({ ...next });
  }
  return merged;
}

export function hasIndex(indexes: Indexes, index: number): boolean {
  let low = 0;
  let high = indexes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((indexes[middle]?.last ?? index) >= index) high = middle;
    else low = middle + 1;
  }
  const found = indexes[low];
  return found !== undefined && found.first <= index;
}

/** The lowest indexes below `completions` that are not in `taken`, `count` at most. */
export function firstMissing(taken: Indexes, completions: number, count: number): readonly number[] {
  const missing: number[] = [];
  let candidate = 0;
  for (const { first, last } of [...taken, { first: completions, last: completions }]) {
    for (; candidate < Math.min(first, completions) && missing.length < count; candidate++) {
      missing.push(candidate);
    }
    candidate = Math.max(candidate, last + 1);
  }
  return missing;
}

/** How many indexes are in both. */
export function countCommon(a: Indexes, b: Indexes): number {
  let common = 0;
  for (let i = 0, j = 0; ;) {
    const [left, right] = [a[i], b[j]];
    if (left === undefined || right === undefined) return common;
    common += Math.max(0, Math.min(left.last, right.last) - Math.max(left.first, right.first) + 1);
    if (left.last <= right.last) i++;
    else j++;
  }
}
