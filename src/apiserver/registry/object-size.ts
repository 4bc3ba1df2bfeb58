/**
 * The most that an object may take in the store: what etcd takes in one request by default, so that what fits
 * here fits there too. Says so in etcd's words, which is what upstream's clients see.
 */

import { ApiError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { JsonValue } from '../../api/schema/schema.ts';
import {
  ValueTooLarge,
  type Change,
  type CommitOutcome,
  type Precondition,
  type Store,
} from '../../store/store.ts';

export const OBJECT_MAX_BYTES = 1.5 * 1024 * 1024;
/** JSON escapes a character in six at most. */
const ESCAPED_MAX = 6;
/** Punctuation of a member, and the longest number, in characters that may have to be escaped. */
const MEMBER_MAX = 6;

type Changes = readonly [Change<KubernetesObject>, ...Change<KubernetesObject>[]];

/** Commits; the first object without its managed fields if it only fits without them. Rejects with `ApiError`. */
export async function commitFitting(
  store: Store<KubernetesObject>,
  changes: Changes,
  preconditions: readonly Precondition[],
): Promise<CommitOutcome<KubernetesObject>> {
  try {
    return await store.commit(changes, preconditions);
  } catch (error) {
    if (!(error instanceof ValueTooLarge)) throw error;
    const [first, ...others] = changes;
    if (first.type === 'delete' || first.value.metadata.managedFields === undefined) {
      throw new ApiError(500, '', 'etcdserver: request is too large');
    }
    const { managedFields: _, ...metadata } = first.value.metadata;
    return commitFitting(
      store,
      [{ ...first, value: { ...first.value, metadata } }, ...others],
      preconditions,
    );
  }
}

/** A quick walk over the strings, which ends early and clears almost every object without encoding it. */
export function mayExceed(object: KubernetesObject): boolean {
  return walk(object as unknown as JsonValue, Math.floor(OBJECT_MAX_BYTES / ESCAPED_MAX)) <= 0;
}

/** What is left of the budget; nothing or less: it may not be enough. */
function walk(value: JsonValue | undefined, budget: number): number {
  if (typeof value === 'string') return budget - value.length;
  if (typeof value !== 'object' || value === null) return budget;
  let left = budget;
  if (Array.isArray(value)) {
    const items = value as readonly JsonValue[];
    for (let i = 0; i < items.length && left > 0; i++) left = walk(items[i], left) - 1;
    return left;
  }
  const object = value as { readonly [key: string]: JsonValue };
  for (const key in object) {
    left = walk(object[key], left - key.length - MEMBER_MAX);
    if (left <= 0) return left;
  }
  return left;
}
