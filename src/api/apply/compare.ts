/** What changed between two values, field by field. Equal references cost nothing. */

import { deepEqual } from '../meta/equal.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';
import {
  differenceBelow,
  EMPTY_SET,
  fieldStep,
  isEmptySet,
  LEAF,
  nodeOf,
  type FieldSet,
} from './field-set.ts';
import { childType, deduce, isList, isObject, itemStep, type OwnedType } from './field-type.ts';

/** No path is in two of the three. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

const NOTHING: Comparison = { added: EMPTY_SET, modified: EMPTY_SET, removed: EMPTY_SET };
const ADDED: Comparison = { ...NOTHING, added: LEAF };
const MODIFIED: Comparison = { ...NOTHING, modified: LEAF };
const REMOVED: Comparison = { ...NOTHING, removed: LEAF };

export function compare(type: OwnedType, before: JsonObject, after: JsonObject): Comparison {
  return compareValues(type, before, after);
}

export function isSame(comparison: Comparison): boolean {
  return isEmptySet(comparison.added) && isEmptySet(comparison.modified) && isEmptySet(comparison.removed);
}

/** Without the fields in `ignored` and all below them. */
export function ignoring(comparison: Comparison, ignored: FieldSet | undefined): Comparison {
  if (ignored === undefined) return comparison;
  return {
    added: differenceBelow(comparison.added, ignored),
    modified: differenceBelow(comparison.modified, ignored),
    removed: differenceBelow(comparison.removed, ignored),
  };
}

function compareValues(
  declared: OwnedType,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): Comparison {
  if (before === after) return NOTHING;
  const type = deduce(declared, after ?? before);
  if (declared.form === 'deduced' && before !== undefined && deduce(declared, before) !== type)
    return MODIFIED;
  switch (type.form) {
    case 'piece':
    case 'deduced':
      return compareWhole(before, after);
    case 'struct':
    case 'map': {
      if (isEmptyContainer(before) && isEmptyContainer(after)) return compareWhole(before, after);
      const children = new ChildComparisons();
      const left = isObject(before) ? before : {};
      const right = isObject(after) ? after : {};
      for (const key in left) {
        if (left[key] === right[key]) continue;
        children.add(fieldStep(key), compareValues(childType(type, key).type, left[key], right[key]));
      }
      for (const key in right) {
        if (left[key] !== undefined) continue;
        children.add(fieldStep(key), compareValues(childType(type, key).type, undefined, right[key]));
      }
      return children.under(before, after);
    }
    case 'set':
    case 'keyedList': {
      if (isEmptyContainer(before) && isEmptyContainer(after)) return compareWhole(before, after);
      const children = new ChildComparisons();
      const left = groupItems(type, before);
      const right = groupItems(type, after);
      const items: OwnedType = type.form === 'set' ? { form: 'piece' } : type.items;
      for (const [step, olds] of left) children.add(step, compareItems(items, olds, right.get(step) ?? []));
      for (const [step, news] of right)
        if (!left.has(step)) children.add(step, compareItems(items, [], news));
      return children.under(before, after);
    }
  }
}

function compareWhole(before: JsonValue | undefined, after: JsonValue | undefined): Comparison {
  if (before === undefined) return after === undefined ? NOTHING : ADDED;
  if (after === undefined) return REMOVED;
  return deepEqual(before, after) ? NOTHING : MODIFIED;
}

/** Absent, null, or without content. */
function isEmptyContainer(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (isList(value)) return value.length === 0;
  if (!isObject(value)) return false;
  for (const _ in value) return false;
  return true;
}

type Items = readonly JsonValue[];

function groupItems(
  type: OwnedType & { form: 'set' | 'keyedList' },
  list: JsonValue | undefined,
): Map<string, JsonValue[]> {
  const groups = new Map<string, JsonValue[]>();
  for (const item of isList(list) ? list : []) {
    const step = itemStep(type, item);
    if (typeof step !== 'string') continue;
    const group = groups.get(step);
    if (group === undefined) groups.set(step, [item]);
    else group.push(item);
  }
  return groups;
}

/** Several items under one key count as one piece. */
function compareItems(type: OwnedType, before: Items, after: Items): Comparison {
  if (before.length <= 1 && after.length <= 1) return compareItem(type, before[0], after[0]);
  if (before.length >= 2 && after.length >= 2) return deepEqual(before, after) ? NOTHING : MODIFIED;
  if (before.length >= 2)
    return after.length === 0 ? REMOVED : withSelfModified(compareItem(type, undefined, after[0]));
  const gone = before.length === 0 ? NOTHING : compareItem(type, before[0], undefined);
  if (before.length === 0) return ADDED;
  return { added: EMPTY_SET, modified: LEAF, removed: { self: false, children: gone.removed.children } };
}

function compareItem(
  type: OwnedType,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): Comparison {
  return compareValues(type, before, after);
}

function withSelfModified({ added }: Comparison): Comparison {
  return { added: { self: false, children: added.children }, modified: LEAF, removed: EMPTY_SET };
}

/** Gathers the comparisons of a value's children into one. */
class ChildComparisons {
  readonly #added = new Map<string, FieldSet>();
  readonly #modified = new Map<string, FieldSet>();
  readonly #removed = new Map<string, FieldSet>();

  add(step: string, comparison: Comparison): void {
    if (comparison === NOTHING) return;
    if (!isEmptySet(comparison.added)) this.#added.set(step, comparison.added);
    if (!isEmptySet(comparison.modified)) this.#modified.set(step, comparison.modified);
    if (!isEmptySet(comparison.removed)) this.#removed.set(step, comparison.removed);
  }

  under(before: JsonValue | undefined, after: JsonValue | undefined): Comparison {
    const size = this.#added.size + this.#modified.size + this.#removed.size;
    if (size === 0 && before !== undefined && after !== undefined) return NOTHING;
    return {
      added: nodeOf(before === undefined, this.#added) ?? EMPTY_SET,
      modified: nodeOf(false, this.#modified) ?? EMPTY_SET,
      removed: nodeOf(after === undefined, this.#removed) ?? EMPTY_SET,
    };
  }
}
