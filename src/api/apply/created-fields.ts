/**
 * The fields that a creation sets, straight in their wire form: most writes of a busy cluster are creations,
 * and there is nobody yet to take a field from. The same as comparing with the empty object, writing down
 * what was added or modified, and leaving out what nobody owns; a test holds the two side by side.
 */

import { remembered, SHARED_OBJECTS_MAX } from '../../base/remembered.ts';
import { deepEqual } from '../meta/equal.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';
import { compareSteps, fieldStep, type FieldSet } from './field-set.ts';
import { childType, deduce, isList, isObject, itemStep, type OwnedType } from './field-type.ts';

type Fields = { [step: string]: JsonValue };

const NO_FIELDS: JsonObject = {};
const SPEC_STEP = 'f:spec';

/**
 * `zero`: the object before anything is said about it. `skipped`: paths that are left out with all below them;
 * `unowned`: paths that are left out by themselves. Undefined: nothing is set.
 */
export function createdFields(
  type: OwnedType,
  zero: JsonObject,
  object: JsonObject,
  skipped: FieldSet | undefined,
  unowned: FieldSet,
): JsonObject | undefined {
  const isUsual = at(skipped, SPEC_STEP) === undefined && at(unowned, SPEC_STEP) === undefined;
  const specFields = isUsual ? specFieldsOf(type, zero) : undefined;
  return fieldsOf(type, zero, object, skipped, unowned, specFields);
}

type SpecFields = (spec: JsonValue) => JsonObject | undefined;

const specFields = new WeakMap<OwnedType, SpecFields>();

/** Replicas share one specification. Kept by the type of the whole object: a kind has one zero. */
function specFieldsOf(type: OwnedType, zero: JsonObject): SpecFields | undefined {
  const known = specFields.get(type);
  if (known !== undefined || type.form !== 'struct') return known;
  const declared = type.field('spec');
  if (declared === undefined) return undefined;
  const compute = (spec: JsonValue): JsonObject | undefined =>
    fieldsOf(declared, zero['spec'], spec, undefined, undefined);
  const made = remembered(SHARED_OBJECTS_MAX, compute);
  specFields.set(type, made);
  return made;
}

function fieldsOf(
  declared: OwnedType,
  before: JsonValue | undefined,
  after: JsonValue,
  skipped: FieldSet | undefined,
  unowned: FieldSet | undefined,
  ofSpec?: SpecFields,
): JsonObject | undefined {
  if (before === after || skipped?.self === true) return undefined;
  const type = deduce(declared, after);
  const isOwn = before === undefined && unowned?.self !== true;
  switch (type.form) {
    case 'piece':
    case 'deduced':
      if (unowned?.self === true || (before !== undefined && deepEqual(before, after))) return undefined;
      return NO_FIELDS;
    case 'struct':
    case 'map': {
      if (!isObject(after)) return isOwn ? NO_FIELDS : undefined;
      const left = isObject(before) ? before : NO_FIELDS;
      const below: Fields = isOwn ? { '.': NO_FIELDS } : {};
      let isEmpty = true;
      const add = (name: string, step: string, inner: OwnedType): void => {
        const value = after[name];
        if (value === undefined) return;
        const child =
          ofSpec !== undefined && step === SPEC_STEP
            ? ofSpec(value)
            : fieldsOf(inner, left[name], value, at(skipped, step), at(unowned, step));
        if (child === undefined) return;
        below[step] = child;
        isEmpty = false;
      };
      const named = type.form === 'struct' ? type.named() : undefined;
      if (named !== undefined) for (const field of named) add(field.name, field.step, field.type);
      else for (const key of Object.keys(after).sort()) add(key, fieldStep(key), childType(type, key).type);
      return isEmpty ? (isOwn ? NO_FIELDS : undefined) : below;
    }
    case 'set':
    case 'keyedList':
      if (!isList(after)) return isOwn ? NO_FIELDS : undefined;
      return itemFields(type, after, isOwn);
  }
}

/** Items that occur twice are owned as a whole, under the key that they share. */
function itemFields(
  type: Extract<OwnedType, { form: 'set' | 'keyedList' }>,
  list: readonly JsonValue[],
  isOwn: boolean,
): JsonObject | undefined {
  const items = new Map<string, JsonObject>();
  for (const item of list) {
    const step = itemStep(type, item);
    if (typeof step !== 'string') continue;
    const isWhole = type.form === 'set' || items.has(step);
    const fields = isWhole ? undefined : fieldsOf(type.items, undefined, item, undefined, undefined);
    items.set(step, fields ?? NO_FIELDS);
  }
  if (items.size === 0) return isOwn ? NO_FIELDS : undefined;
  const below: Fields = isOwn ? { '.': NO_FIELDS } : {};
  for (const step of [...items.keys()].sort(compareSteps)) below[step] = items.get(step) ?? NO_FIELDS;
  return below;
}

function at(set: FieldSet | undefined, step: string): FieldSet | undefined {
  return set?.children.get(step);
}
