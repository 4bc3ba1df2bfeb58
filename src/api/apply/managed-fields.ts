/**
 * `metadata.managedFields`: which manager owns which fields, read into sets and written back in upstream's
 * order.
 *
 * A manager is told apart by its name, operation and subresource, an updater by its API version too. At most
 * `UPDATERS_MAX` updaters are kept: beyond that the oldest are merged into `ancient-changes`.
 */

import type { JsonObject } from '../schema/schema.ts';
import type { ManagedFieldsEntry } from '../types.gen.ts';
import { isEmptySet, parseFieldsV1, union, writeFieldsV1, type FieldSet } from './field-set.ts';

export const UPDATERS_MAX = 10;
const OLD_UPDATES = 'ancient-changes';

export interface ManagerIdentity {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource: string;
  readonly apiVersion: string;
}

export interface ManagedSet extends ManagerIdentity {
  readonly fields: FieldSet;
  readonly time: string | undefined;
}

/** By `identityKey`. */
export type ManagedSets = ReadonlyMap<string, ManagedSet>;

export function identityKey(identity: ManagerIdentity): string {
  const { manager, operation, subresource, apiVersion } = identity;
  return JSON.stringify([manager, operation, operation === 'Apply' ? '' : apiVersion, subresource]);
}

/** Undefined when an entry is not well formed: then nothing is known of who owns what. */
export function readManagedFields(
  entries: readonly ManagedFieldsEntry[] | undefined,
): ManagedSets | undefined {
  const sets = new Map<string, ManagedSet>();
  for (const entry of entries ?? []) {
    const { operation, apiVersion, fieldsType, manager = '', subresource = '', time } = entry;
    if (operation !== 'Apply' && operation !== 'Update') return undefined;
    if (apiVersion === undefined || apiVersion === '' || fieldsType !== 'FieldsV1') return undefined;
    const fields = parseFieldsV1((entry.fieldsV1 ?? {}) as JsonObject);
    if (fields === undefined) return undefined;
    const set: ManagedSet = { manager, operation, subresource, apiVersion, fields, time };
    sets.set(identityKey(set), set);
  }
  return sets;
}

export function writeManagedFields(sets: ManagedSets): ManagedFieldsEntry[] {
  const kept = [...sets.values()].filter((set) => !isEmptySet(set.fields)).toSorted(compareEntries);
  return kept.map(entryOf);
}

function entryOf({
  manager,
  operation,
  subresource,
  apiVersion,
  fields,
  time,
}: ManagedSet): ManagedFieldsEntry {
  const fieldsType = 'FieldsV1';
  const fieldsV1 = writeFieldsV1(fields);
  // The usual ones are literals: every object has some of them, and a literal keeps its fields in one piece.
  if (manager !== '' && time !== undefined) {
    return subresource === ''
      ? { manager, operation, apiVersion, time, fieldsType, fieldsV1 }
      : { manager, operation, apiVersion, time, fieldsType, fieldsV1, subresource };
  }
  return {
    ...(manager === '' ? {} : { manager }),
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType,
    fieldsV1,
    ...(subresource === '' ? {} : { subresource }),
  };
}

/** Times are canonical texts, so that their order is that of the texts. */
function compareEntries(a: ManagedSet, b: ManagedSet): number {
  return (
    compareTexts(a.operation, b.operation) ||
    compareTexts(a.time ?? '', b.time ?? '') ||
    compareTexts(a.manager, b.manager) ||
    compareTexts(a.apiVersion, b.apiVersion) ||
    compareTexts(a.subresource, b.subresource)
  );
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Merges the oldest updaters of one version into one entry each, until few enough are left. */
export function capUpdaters(sets: ManagedSets): ManagedSets {
  const updaters = [...sets].filter(([, set]) => set.operation === 'Update');
  let count = updaters.length;
  if (count <= UPDATERS_MAX) return sets;
  const result = new Map(sets);
  const firstOfVersion = new Map<string, string>();
  const oldestFirst = updaters.toSorted(
    ([aKey, a], [bKey, b]) => compareTexts(a.time ?? '', b.time ?? '') || compareTexts(aKey, bKey),
  );
  for (const [key, set] of oldestFirst) {
    if (count <= UPDATERS_MAX) break;
    const identity = {
      manager: OLD_UPDATES,
      operation: 'Update',
      subresource: '',
      apiVersion: set.apiVersion,
    } as const;
    const bucketKey = identityKey(identity);
    const first = firstOfVersion.get(set.apiVersion);
    if (first === undefined) {
      firstOfVersion.set(set.apiVersion, key);
      continue;
    }
    if (key === bucketKey) continue;
    const bucket = result.get(bucketKey) ?? result.get(first);
    if (!result.has(bucketKey)) result.delete(first);
    const fields = bucket === undefined ? set.fields : union(set.fields, bucket.fields);
    result.set(bucketKey, { ...identity, fields, time: set.time });
    result.delete(key);
    count--;
  }
  return result;
}
