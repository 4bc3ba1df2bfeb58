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
    case 'keyedList':
      return compareLists(type, before, after);
  }
}

type ListType = OwnedType & { form: 'set' | 'keyedList' };

/** By the later list, which is one object in all replicas that say the same: so is the earlier one then. */
const LISTS_MAX = 512;
const lists = new Map<
  JsonValue,
  { readonly type: ListType; readonly before: JsonValue | undefined; readonly comparison: Comparison }
>();

function compareLists(
  type: ListType,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): Comparison {
  if (isEmptyContainer(before) && isEmptyContainer(after)) return compareWhole(before, after);
  const known = after === undefined ? undefined : lists.get(after);
  if (known !== undefined && known.before === before && known.type === type) return known.comparison;
  const children = new ChildComparisons();
  const left = groupItems(type, before);
  const right = groupItems(type, after);
  const items: OwnedType = type.form === 'set' ? { form: 'piece' } : type.items;
  for (const [step, olds] of left) children.add(step, compareItems(items, olds, right.get(step) ?? []));
  for (const [step, news] of right) if (!left.has(step)) children.add(step, compareItems(items, [], news));
  const comparison = children.under(before, after);
  if (lists.size >= LISTS_MAX) lists.clear();
  if (isList(after)) lists.set(after, { type, before, comparison });
  return comparison;
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

function groupItems(type: ListType, list: JsonValue | undefined): Map<string, JsonValue[]> {
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

type Children = Map<string, FieldSet>;
const NO_CHILDREN: ReadonlyMap<string, FieldSet> = new Map();

/** Gathers the comparisons of a value's children into one. Most values have children of one sort, or none. */
class ChildComparisons {
  #added: Children | undefined;
  #modified: Children | undefined;
  #removed: Children | undefined;

  add(step: string, comparison: Comparison): void {
    if (comparison === NOTHING) return;
    const { added, modified, removed } = comparison;
    if (!isEmptySet(added)) (this.#added ??= new Map()).set(step, added);
    if (!isEmptySet(modified)) (this.#modified ??= new Map()).set(step, modified);
    if (!isEmptySet(removed)) (this.#removed ??= new Map()).set(step, removed);
  }

  under(before: JsonValue | undefined, after: JsonValue | undefined): Comparison {
    const isSame = (this.#added ?? this.#modified ?? this.#removed) === undefined;
    if (isSame && before !== undefined && after !== undefined) return NOTHING;
    return {
      added: nodeOf(before === undefined, this.#added ?? NO_CHILDREN) ?? EMPTY_SET,
      modified: nodeOf(false, this.#modified ?? NO_CHILDREN) ?? EMPTY_SET,
      removed: nodeOf(after === undefined, this.#removed ?? NO_CHILDREN) ?? EMPTY_SET,
    };
  }
}
