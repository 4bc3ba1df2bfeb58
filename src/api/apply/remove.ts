/**
 * Taking fields out of an object. What loses all its content becomes null, so that a caller can tell it
 * from what was never there; decoding drops it.
 */

import { setKey } from '../meta/own-key.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';
import { fieldStep, isEmptySet, type FieldSet } from './field-set.ts';
import { childType, deduce, isList, isObject, itemStep, type OwnedType } from './field-type.ts';

export function removeFields(type: OwnedType, object: JsonObject, fields: FieldSet): JsonObject {
  if (isEmptySet(fields)) return object;
  const result = removeFrom(type, object, fields);
  return isObject(result) ? result : {};
}

function removeFrom(declared: OwnedType, value: JsonValue, fields: FieldSet): JsonValue {
  const type = deduce(declared, value);
  switch (type.form) {
    case 'piece':
    case 'deduced':
      // A path below one piece cannot be taken out of it; a whole list or map goes, as upstream has it.
      return typeof value === 'object' ? null : value;
    case 'struct':
    case 'map': {
      if (!isObject(value)) return null;
      const result: { [key: string]: JsonValue | undefined } = {};
      let size = 0;
      let isChanged = false;
      for (const key in value) {
        const child = value[key];
        if (child === undefined) continue;
        const below = fields.children.get(fieldStep(key));
        isChanged ||= below !== undefined;
        if (below?.self === true) continue;
        const left = below === undefined ? child : removeFrom(childType(type, key).type, child, below);
        setKey(result, key, left);
        size++;
      }
      if (!isChanged) return value;
      return size === 0 ? null : result;
    }
    case 'set':
    case 'keyedList': {
      if (!isList(value)) return null;
      const items: OwnedType = type.form === 'set' ? { form: 'piece' } : type.items;
      const kept: JsonValue[] = [];
      for (const item of value) {
        const step = itemStep(type, item);
        const below = typeof step === 'string' ? fields.children.get(step) : undefined;
        if (below?.self === true) continue;
        kept.push(below === undefined ? item : removeFrom(items, item, below));
      }
      if (kept.length === 0) return null;
      return kept.length === value.length && kept.every((item, i) => item === value[i]) ? value : kept;
    }
  }
}
