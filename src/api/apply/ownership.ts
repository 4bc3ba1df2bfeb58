/**
 * The heart of ownership: what a change from one object to another takes from whom, and what a manager that
 * stops naming a field takes away with it. Pure sets in, pure sets out.
 */

import type { ObjectSchema } from '../object-schema.ts';
import type { JsonObject } from '../schema/schema.ts';
import { compare, ignoring, type Comparison } from './compare.ts';
import { difference, intersection, isEmptySet, setOf, union, type FieldSet } from './field-set.ts';
import { fieldsOf, withNamedParents } from './fields-of.ts';
import type { ManagedSet, ManagedSets } from './managed-fields.ts';
import { removeFields } from './remove.ts';

/** How an object reads in another version of its kind. */
export interface OtherVersion {
  readonly schema: ObjectSchema;
  convert(object: JsonObject): JsonObject;
}

/** What a write says about itself. */
export interface WriteContext {
  /** Of the kind, in the version of the request. */
  readonly schema: ObjectSchema;
  /** Of the request: `apps/v1`. */
  readonly apiVersion: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** RFC 3339, as it will stand in the entry. */
  readonly time: string;
  /** Fields that this endpoint does not write (`status` for the object itself, `spec` for its status). */
  readonly resetFields?: FieldSet | undefined;
  /**
   * Other versions that managers may have written in; undefined for one that is served no more, whose
   * managers are then forgotten. Without it all versions are taken to look alike.
   */
  readonly versionOf?: ((apiVersion: string) => OtherVersion | undefined) | undefined;
}

/** Fields that nobody ever owns. */
export const UNOWNED = setOf([
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation'].map(
    (name) => ['f:metadata', `f:${name}`],
  ),
  ['f:metadata', 'f:managedFields'],
  ['f:metadata', 'f:resourceVersion'],
]);

export function withoutUnowned(fields: FieldSet): FieldSet {
  return difference(fields, UNOWNED);
}

export interface Transfer {
  /** The other managers' sets after the change. */
  readonly others: ManagedSets;
  /** What the change touches of each other manager's fields. */
  readonly conflicts: ReadonlyMap<ManagedSet, FieldSet>;
  readonly comparison: Comparison;
}

/** What changing `before` to `after` as `self` means for all others. */
export function transfer(
  context: WriteContext,
  before: JsonObject,
  after: JsonObject,
  sets: ManagedSets,
  self: string,
): Transfer {
  const comparisons = new Map<string, Comparison | undefined>();
  const own = ignoring(compare(context.schema.owned, before, after), context.resetFields);
  comparisons.set(context.apiVersion, own);
  const conflicts = new Map<ManagedSet, FieldSet>();
  const others = new Map<string, ManagedSet>();
  for (const [key, set] of sets) {
    if (key === self) continue;
    if (!comparisons.has(set.apiVersion)) {
      comparisons.set(set.apiVersion, compareInVersion(context, set.apiVersion, before, after, own));
    }
    const comparison = comparisons.get(set.apiVersion);
    if (comparison === undefined) continue;
    const touched = intersection(set.fields, union(comparison.modified, comparison.added));
    if (!isEmptySet(touched)) conflicts.set(set, touched);
    const fields = difference(difference(set.fields, touched), comparison.removed);
    if (!isEmptySet(fields)) others.set(key, fields === set.fields ? set : { ...set, fields });
  }
  return { others, conflicts, comparison: own };
}

function compareInVersion(
  context: WriteContext,
  apiVersion: string,
  before: JsonObject,
  after: JsonObject,
  own: Comparison,
): Comparison | undefined {
  if (context.versionOf === undefined) return own;
  const version = context.versionOf(apiVersion);
  if (version === undefined) return undefined;
  return compare(version.schema.owned, version.convert(before), version.convert(after));
}

/**
 * Takes out of a merged object what its applier named last time and names no more, unless someone else owns
 * it. `sets` holds what all managers, the applier included, name now.
 *
 * First everything that was named last time goes; then what any manager names comes back; then what was never
 * this applier's comes back. Items of lists go as a whole with the right to the item.
 */
export function prune(
  context: WriteContext,
  merged: JsonObject,
  sets: ManagedSets,
  last: FieldSet,
): JsonObject {
  if (isEmptySet(last)) return merged;
  const type = context.schema.owned;
  const lastSet = withNamedParents(last, type);
  let managed: FieldSet | undefined;
  for (const set of sets.values()) managed = managed === undefined ? set.fields : union(managed, set.fields);
  if (managed !== undefined && isEmptySet(difference(last, managed))) return merged;
  const mergedSet = withNamedParents(fieldsOf(type, merged), type);
  const fieldsLeftIn = (object: JsonObject): FieldSet => withNamedParents(fieldsOf(type, object), type);
  const stillThere = fieldsLeftIn(removeFields(type, merged, lastSet));
  const kept = managed === undefined ? stillThere : union(stillThere, withNamedParents(managed, type));
  const withOwned = fieldsLeftIn(removeFields(type, merged, difference(mergedSet, kept)));
  return removeFields(type, merged, intersection(difference(mergedSet, withOwned), lastSet));
}
