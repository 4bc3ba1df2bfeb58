/** The fields that a value has: what its applier comes to own. */

import type { JsonObject, JsonValue } from '../schema/schema.ts';
import { EMPTY_SET, fieldStep, LEAF, nodeOf, type FieldSet } from './field-set.ts';
import { childType, deduce, isList, isObject, itemStep, type OwnedType } from './field-type.ts';

/** Items that occur twice are owned as a whole, under the key that they share. */
export function fieldsOf(type: OwnedType, value: JsonObject): FieldSet {
  return fieldsOfValue(type, value) ?? EMPTY_SET;
}

function fieldsOfValue(declared: OwnedType, value: JsonValue): FieldSet | undefined {
  const type = deduce(declared, value);
  switch (type.form) {
    case 'piece':
    case 'deduced':
      return LEAF;
    case 'struct':
    case 'map': {
      if (!isObject(value)) return undefined;
      const children = new Map<string, FieldSet>();
      for (const key in value) {
        const child = value[key];
        if (child === undefined) continue;
        const { type: below, isNamed } = childType(type, key);
        const fields = fieldsOfValue(below, child);
        const isSelf = (fields?.self ?? false) || !isNamed || isEmptyOrNull(child);
        const node = nodeOf(isSelf, fields?.children ?? EMPTY_SET.children);
        if (node !== undefined) children.set(fieldStep(key), node);
      }
      return nodeOf(false, children);
    }
    case 'set':
    case 'keyedList': {
      if (!isList(value)) return undefined;
      const children = new Map<string, FieldSet>();
      for (const item of value) {
        const step = itemStep(type, item);
        if (typeof step !== 'string') continue;
        const fields =
          type.form === 'set' || children.has(step) ? undefined : fieldsOfValue(type.items, item);
        children.set(step, fields === undefined ? LEAF : { self: true, children: fields.children });
      }
      return nodeOf(false, children);
    }
  }
}

function isEmptyOrNull(value: JsonValue): boolean {
  if (!isObject(value)) return value === null;
  for (const _ in value) return false;
  return true;
}

/**
 * The set with the structs on the way to its paths: who owns .spec.replicas owns .spec too, but who owns a
 * label does not own its map, nor an item's field the item.
 */
export function withNamedParents(set: FieldSet, declared: OwnedType): FieldSet {
  if (set.children.size === 0) return set;
  const children = new Map<string, FieldSet>();
  for (const [step, child] of set.children) {
    const { type, isNamed } = typeAfter(declared, step);
    const below = withNamedParents(child, type);
    children.set(step, isNamed && !below.self ? { self: true, children: below.children } : below);
  }
  return { self: set.self, children };
}

function typeAfter(
  declared: OwnedType,
  step: string,
): { readonly type: OwnedType; readonly isNamed: boolean } {
  switch (declared.form) {
    case 'struct':
    case 'map':
      return childType(declared, step.slice(2));
    case 'keyedList':
      return { type: declared.items, isNamed: false };
    case 'piece':
    case 'set':
      return { type: { form: 'piece' }, isNamed: false };
    case 'deduced':
      return { type: declared, isNamed: false };
  }
}
