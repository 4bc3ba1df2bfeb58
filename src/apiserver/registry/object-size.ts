/**
 * The most that an object may take in the store: what etcd takes in one request by default, so that what fits
 * here fits there too. Says so in etcd's words, which is what upstream's clients see.
 *
 * Measuring exactly means encoding. So a walk over the strings comes first, which ends early and clears
 * almost every object: JSON escapes a character in six at most.
 */

import { ApiError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';

export const OBJECT_MAX_BYTES = 1.5 * 1024 * 1024;
const ESCAPED_MAX = 6;
/** Punctuation of a member, and the longest number; a whole number of characters, which costs no memory. */
const MEMBER_MAX = 6 * ESCAPED_MAX;

/** A stored object that is known to fit. */
export interface Fitting {
  readonly object: KubernetesObject;
  /** Of its encoding. */
  readonly bytes: number;
}

/**
 * The object, without its managed fields if it only fits without them. `former`: what it was made from; parts
 * that come from there are not looked at again. Throws `ApiError`.
 */
export function fitToStore(object: KubernetesObject, former?: Fitting): KubernetesObject {
  if (fits(object, former)) return object;
  const { managedFields, ...metadata } = object.metadata;
  const lighter = { ...object, metadata };
  if (managedFields !== undefined && fits(lighter)) return lighter;
  throw new ApiError(500, '', 'etcdserver: request is too large');
}

function fits(object: KubernetesObject, former?: Fitting): boolean {
  const budget = Math.floor((OBJECT_MAX_BYTES - (former?.bytes ?? 0)) / ESCAPED_MAX);
  const json = object as unknown as JsonValue;
  if (walk(json, former?.object as unknown as JsonValue | undefined, budget) > 0) return true;
  return Buffer.byteLength(JSON.stringify(object)) <= OBJECT_MAX_BYTES;
}

/** What is left of the budget after the parts that `former` has not; nothing or less: it may not be enough. */
function walk(value: JsonValue | undefined, former: JsonValue | undefined, budget: number): number {
  if (typeof value === 'string') return budget - value.length;
  if (typeof value !== 'object' || value === null || value === former) return budget;
  let left = budget;
  if (Array.isArray(value)) {
    const items = value as readonly JsonValue[];
    const formerItems = Array.isArray(former) ? (former as readonly JsonValue[]) : NO_ITEMS;
    for (let i = 0; i < items.length && left > 0; i++) left = walk(items[i], formerItems[i], left) - 1;
    return left;
  }
  const object = value as JsonObject;
  const formerObject = isObject(former) ? former : NO_FIELDS;
  for (const key in object) {
    left = walk(object[key], formerObject[key], left - key.length - MEMBER_MAX / ESCAPED_MAX);
    if (left <= 0) return left;
  }
  return left;
}

const NO_ITEMS: readonly JsonValue[] = [];
const NO_FIELDS: JsonObject = {};

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
