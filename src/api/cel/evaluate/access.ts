/** Looking into values: fields, keys, indexes, and whether they are there. Pure. */

import { typeName } from '../types/type.ts';
import { printValue, typeOf } from '../values/kind.ts';
import {
  CelError,
  type CelValue,
  Double,
  isInt,
  isList,
  itemAt,
  type ListValue,
  MapValue,
  ObjectValue,
  Uint,
} from '../values/value.ts';

/** Undefined when it is not there. */
export function find(container: CelValue, key: CelValue): CelValue | undefined {
  if (container instanceof ObjectValue) return typeof key === 'string' ? container.get(key) : undefined;
  if (container instanceof MapValue) return container.get(key);
  if (isList(container)) {
    const index = indexOf(container, key);
    return index === undefined ? undefined : itemAt(container, index);
  }
  return undefined;
}

/** Undefined when it lies outside of the list. */
function indexOf(list: ListValue, key: CelValue): number | undefined {
  let index: number;
  if (isInt(key)) index = Number(key);
  else if (key instanceof Uint) index = Number(key.value);
  else if (key instanceof Double && Number.isInteger(key.value)) index = key.value;
  else if (key instanceof Double) throw new CelError(`unsupported index value ${key.value} in list`);
  else throw new CelError(`unsupported index type '${typeName(typeOf(key))}' in list`);
  return index >= 0 && index < list.length ? index : undefined;
}

export function get(container: CelValue, key: CelValue): CelValue {
  const value = find(container, key);
  if (value !== undefined) return value;
  if (isList(container)) throw new CelError(`index out of bounds: ${printValue(key)}`);
  throw new CelError(`no such key: ${printValue(key)}`);
}

/** `has(container.field)`. */
export function has(container: CelValue, field: string): boolean {
  return container instanceof ObjectValue || container instanceof MapValue ? container.has(field) : false;
}
