/**
 * Equal parts of different objects as the same parts: replicas of one template differ in a few fields, and a
 * client that sends a whole object changes a few. It saves memory, and everyone who compares references, or
 * remembers what a part means, works once instead of for each object.
 *
 * Input: a JSON value and one that may be alike. Output: an equal value that consists of the model's parts
 * wherever these are equal; the very same value when none is.
 */

import { ownValue, packed, setKey } from './own-key.ts';

type Fields = { readonly [key: string]: unknown };

export function withPartsOf<T>(value: T, model: unknown): T {
  if (value === model || typeof value !== 'object' || typeof model !== 'object') return value;
  if (value === null || model === null) return value;
  if (Array.isArray(value)) {
    return Array.isArray(model) ? (itemsWithPartsOf(value, model) as unknown as T) : value;
  }
  return Array.isArray(model) ? value : (fieldsWithPartsOf(value as Fields, model as Fields) as T);
}

function itemsWithPartsOf(list: readonly unknown[], model: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined;
  const longer = model.length - list.length;
  let isEqual = longer === 0;
  for (let i = 0; i < list.length; i++) {
    let item = withPartsOf(list[i], model[i]);
    if (item !== model[i]) {
      isEqual = false;
      // Owners are listed by name: one that writes later may have moved those before it along.
      if (longer !== 0 && item === list[i]) item = withPartsOf(item, model[i + longer]);
    }
    if (item !== list[i]) (copy ??= list.slice())[i] = item;
  }
  return isEqual ? model : (copy ?? list);
}

function fieldsWithPartsOf(fields: Fields, model: Fields): Fields {
  let copy: { [key: string]: unknown } | undefined;
  let isEqual = true;
  for (const key in fields) {
    const value = fields[key];
    const other = key === '__proto__' ? ownValue(model, key) : model[key];
    const part = withPartsOf(value, other);
    if (part !== other || part === undefined) isEqual = false;
    if (part !== value) setKey((copy ??= packed(fields)), key, part);
  }
  return isEqual && haveSameKeys(fields, model) ? model : (copy ?? fields);
}

/** The model stands for the whole only where its keys come in the same order: order shows in the encoding. */
function haveSameKeys(fields: Fields, model: Fields): boolean {
  const names = Object.keys(model);
  let at = 0;
  for (const key in fields) if (names[at++] !== key) return false;
  return at === names.length;
}
