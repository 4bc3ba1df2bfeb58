/**
 * The most that an object may take in the store: what etcd takes in one request by default, so that what fits
 * here fits there too. Says so in etcd's words, which is what upstream's clients see.
 *
 * Measuring exactly means encoding. So a walk over the strings comes first, which ends early and clears
 * almost every object: JSON escapes a character in six at most.
 */

import { ApiError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { JsonValue } from '../../api/schema/schema.ts';

export const OBJECT_MAX_BYTES = 1.5 * 1024 * 1024;
const ESCAPED_MAX = 6;
/** Punctuation of a member, and the longest number; a whole number of characters, which costs no memory. */
const MEMBER_MAX = 6 * ESCAPED_MAX;

/** The object, without its managed fields if it only fits without them. Throws `ApiError`. */
export function fitToStore(object: KubernetesObject): KubernetesObject {
  if (fits(object)) return object;
  const { managedFields, ...metadata } = object.metadata;
  const lighter = { ...object, metadata };
  if (managedFields !== undefined && fits(lighter)) return lighter;
  throw new ApiError(500, '', 'etcdserver: request is too large');
}

function fits(object: KubernetesObject): boolean {
  const left = walk(object as unknown as JsonValue, Math.floor(OBJECT_MAX_BYTES / ESCAPED_MAX));
  return left > 0 || Buffer.byteLength(JSON.stringify(object)) <= OBJECT_MAX_BYTES;
}

/** What is left of the budget; nothing or less: it may not be enough. */
function walk(value: JsonValue | undefined, budget: number): number {
  if (typeof value === 'string') return budget - value.length;
  if (typeof value !== 'object' || value === null) return budget;
  let left = budget;
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) {
      left = walk(item, left) - 1;
      if (left <= 0) return left;
    }
    return left;
  }
  const object = value as { readonly [key: string]: JsonValue };
  for (const key in object) {
    left = walk(object[key], left - key.length - MEMBER_MAX / ESCAPED_MAX);
    if (left <= 0) return left;
  }
  return left;
}
