/**
 * Field ownership through ordinary writes (create, update, patch): whoever changes a field comes to own it.
 *
 * Input: the object before and after the write. Output: the object after it, with its `managedFields` kept
 * true. A client may edit `managedFields` itself, and clear it with one empty entry; then nothing is
 * tracked until the next apply, as upstream has it.
 */

import { deepEqual } from '../meta/equal.ts';
import type { KubernetesObject } from '../meta/object.ts';
import type { JsonObject } from '../schema/schema.ts';
import type { ManagedFieldsEntry } from '../types.gen.ts';
import { isSame } from './compare.ts';
import { createdFields } from './created-fields.ts';
import { differenceBelow, isEmptySet, union } from './field-set.ts';
import { capUpdaters, identityKey, readManagedFields, writeManagedFields } from './managed-fields.ts';
import type { ManagedSet, ManagedSets, ManagerIdentity } from './managed-fields.ts';
import { withRecentParts } from './recent-sets.ts';
import { transfer, UNOWNED, withoutUnowned, type WriteContext } from './ownership.ts';

export interface TrackedWrite<T extends KubernetesObject> extends WriteContext {
  /** Undefined when the object is created. */
  readonly old: T | undefined;
  readonly next: T;
  readonly manager: string;
}

const NO_SETS: ManagedSets = new Map();

export function trackUpdate<T extends KubernetesObject>(write: TrackedWrite<T>): T {
  const { old, next } = write;
  const sets = startingSets(write);
  if (sets.size === 0) return old === undefined ? trackCreation(write) : withManagedFields(next, undefined);
  const before = old === undefined ? write.schema.zero : withoutManagedFields(old);
  const after = withoutManagedFields(next);
  const tracked = trackChange(write, before, after, sets, write.manager);
  return withManagedFields(next, tracked === sets ? sets : capUpdaters(tracked), old);
}

/** Nobody owned anything before, so that the entry can be written at once. */
function trackCreation<T extends KubernetesObject>(write: TrackedWrite<T>): T {
  const { schema, next, manager, apiVersion, subresource, time, resetFields } = write;
  const { managedFields: _sent, ...metadata } = next.metadata;
  const object = { ...next, metadata } as unknown as JsonObject;
  const fieldsV1 = createdFields(schema.owned, schema.zero, object, resetFields, UNOWNED);
  if (fieldsV1 === undefined) return object as unknown as T;
  const entry: ManagedFieldsEntry = {
    manager: manager === '' ? 'unknown' : manager,
    operation: 'Update',
    apiVersion,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(subresource === '' ? {} : { subresource }),
  };
  return { ...next, metadata: { ...metadata, managedFields: [entry] } };
}

/** The sets after `manager` has changed `before` to `after`; the same sets when nothing changed. */
export function trackChange(
  context: WriteContext,
  before: JsonObject,
  after: JsonObject,
  sets: ManagedSets,
  manager: string,
): ManagedSets {
  const { others, comparison } = transfer(context, before, after, sets, '');
  if (isSame(comparison)) return sets;
  const result = new Map(others);
  const { resetFields, subresource, apiVersion, time } = context;
  const changed = union(comparison.modified, comparison.added);
  const fields = withoutUnowned(resetFields === undefined ? changed : differenceBelow(changed, resetFields));
  if (!isEmptySet(fields)) {
    const identity: ManagerIdentity = {
      manager: manager === '' ? 'unknown' : manager,
      operation: 'Update',
      subresource,
      apiVersion,
    };
    const key = identityKey(identity);
    const previous = result.get(key);
    const own: ManagedSet = {
      ...identity,
      fields: withRecentParts(key, previous === undefined ? fields : union(previous.fields, fields)),
      time,
    };
    result.set(key, own);
  }
  return result;
}

/** What is known before the write: what the client sent when that makes sense, else what was stored. */
function startingSets<T extends KubernetesObject>({ old, next, subresource }: TrackedWrite<T>): ManagedSets {
  const stored = old?.metadata.managedFields;
  if (subresource !== '') return readManagedFields(stored) ?? NO_SETS;
  const sent = next.metadata.managedFields;
  if (sent?.length === 1 && isBlank(sent[0])) return NO_SETS;
  const sets = readManagedFields(sent);
  return sets === undefined || sets.size === 0 ? (readManagedFields(stored) ?? NO_SETS) : sets;
}

function isBlank(entry: ManagedFieldsEntry | undefined): boolean {
  return entry !== undefined && Object.keys(entry).length === 0;
}

export function withoutManagedFields(object: KubernetesObject): JsonObject {
  const { managedFields, ...metadata } = object.metadata;
  return (managedFields === undefined ? object : { ...object, metadata }) as unknown as JsonObject;
}

/** Entries that say the same as before stay the same objects. */
export function withManagedFields<T extends KubernetesObject>(
  object: T,
  sets: ManagedSets | undefined,
  old?: T,
): T {
  const { managedFields: current, ...metadata } = object.metadata;
  const entries = sets === undefined || sets.size === 0 ? undefined : writeManagedFields(sets);
  if (entries === undefined || entries.length === 0)
    return current === undefined ? object : { ...object, metadata };
  if (current !== undefined && deepEqual(entries, current)) return object;
  const stored = old?.metadata.managedFields;
  const managedFields = stored !== undefined && deepEqual(entries, stored) ? stored : entries;
  return { ...object, metadata: { ...metadata, managedFields } };
}
