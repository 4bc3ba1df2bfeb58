/**
 * Moving from client-side to server-side apply: `kubectl` leaves what it applied in an annotation. Fields
 * that still read as they were applied there are no conflict for a server-side apply by the manager
 * `kubectl`, and the annotation is kept true so that going back works too.
 */

import type { JsonObject, JsonValue } from '../schema/schema.ts';
import { compare } from './compare.ts';
import type { Conflicts } from './conflict.ts';
import { difference, EMPTY_SET, isEmptySet, type FieldSet } from './field-set.ts';
import { isObject } from './field-type.ts';
import { fieldsOf } from './fields-of.ts';
import type { WriteContext } from './ownership.ts';

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The one manager that takes part in this. */
export const KUBECTL = 'kubectl';

const ANNOTATIONS_BYTES_MAX = 256 * 1024;

/** The conflicts that remain when those with client-side apply are allowed. */
export function withoutClientSideApply(
  context: WriteContext,
  live: JsonObject,
  conflicts: Conflicts,
): Conflicts {
  const allowed = appliedBefore(context, live);
  const remaining = [...conflicts].map(([set, fields]) => [set, difference(fields, allowed)] as const);
  return new Map(remaining.filter(([, fields]) => !isEmptySet(fields)));
}

function appliedBefore(context: WriteContext, live: JsonObject): FieldSet {
  const config = readLastApplied(live);
  if (config === undefined || config['apiVersion'] !== context.apiVersion) return EMPTY_SET;
  const decoded = context.schema.decodeSparse(config);
  if (!decoded.ok) return EMPTY_SET;
  const type = context.schema.owned;
  const { added, modified, removed } = compare(type, decoded.value, live);
  return difference(difference(difference(fieldsOf(type, decoded.value), modified), added), removed);
}

function annotationsOf(object: JsonObject): JsonObject {
  const metadata = object['metadata'];
  const annotations = isObject(metadata) ? metadata['annotations'] : undefined;
  return isObject(annotations) ? annotations : {};
}

function readLastApplied(object: JsonObject): JsonObject | undefined {
  const text = annotationsOf(object)[LAST_APPLIED];
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    const value = JSON.parse(text) as JsonValue;
    return isObject(value) ? value : undefined;
  } catch {
    // An annotation that somebody has edited by hand allows nothing.
    return undefined;
  }
}

/** The object with its annotation, when it has one, saying what has just been applied. */
export function withLastApplied(object: JsonObject, config: JsonObject): JsonObject {
  const annotations = annotationsOf(object);
  const current = annotations[LAST_APPLIED];
  if (typeof current !== 'string' || current === '') return object;
  const { [LAST_APPLIED]: _, ...others } = annotationsOf(config);
  const metadata = { ...(config['metadata'] as JsonObject), annotations: others };
  const text = `${JSON.stringify(sorted({ ...config, metadata }))}\n`;
  if (text === current) return object;
  const { [LAST_APPLIED]: __, ...rest } = annotations;
  const next = { ...annotations, [LAST_APPLIED]: text };
  return {
    ...object,
    metadata: { ...(object['metadata'] as JsonObject), annotations: isTooLarge(next) ? rest : next },
  };
}

function isTooLarge(annotations: JsonObject): boolean {
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) bytes += Buffer.byteLength(key + String(value));
  return bytes > ANNOTATIONS_BYTES_MAX;
}

/** As Go writes maps. */
function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(sorted);
  if (!isObject(value)) return value;
  const keys = Object.keys(value).toSorted();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key] ?? null)]));
}
