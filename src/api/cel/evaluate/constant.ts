/** What is computed once when all its parts are constants. */

import { isEqual } from '../values/equal.ts';
import { type CelValue, isList, itemsOf } from '../values/value.ts';
import type { Code } from './frame.ts';

const CONVERSIONS: ReadonlySet<string> = new Set([
  'bool', 'bytes', 'double', 'duration', 'dyn', 'int', 'string', 'timestamp', 'type', 'uint',
]); // prettier-ignore

export function isConversion(name: string): boolean {
  return CONVERSIONS.has(name);
}

/** `x in ['a', 'b']`; undefined when the list is no constant, or of other things than scalars. */
export function constantMembership(
  compiler: { readonly constant: (value: CelValue) => Code },
  [item]: readonly Code[],
  list: CelValue | undefined,
): Code | undefined {
  if (item === undefined || list === undefined || !isList(list)) return undefined;
  const items = itemsOf(list);
  if (items.length === 0) return compiler.constant(false);
  if (items.every((value) => typeof value === 'string')) {
    const set = new Set<CelValue>(items);
    return (frame) => set.has(item(frame));
  }
  if (items.some((value) => value instanceof Uint8Array || (typeof value === 'object' && value !== null))) {
    return undefined;
  }
  return (frame) => {
    const value = item(frame);
    return items.some((other) => isEqual(value, other));
  };
}
