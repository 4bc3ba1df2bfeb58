/** Keys that clients choose, `__proto__` among them, which plain access would take for the prototype. */

import { withRoom } from '../../base/room.ts';

type Open<V> = { [key: string]: V };

export function ownValue<V>(object: Readonly<Open<V>> | undefined, key: string): V | undefined {
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

export function setKey<V>(object: Open<V>, key: string, value: V): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * The same in the engine's compact form, with room for `more` keys. An object from which a key was deleted is a
 * hash table from then on: it takes several times the memory, and its encoding twice the time. One that has
 * grown consists of two pieces.
 */
export function packed<T extends object>(object: T, more = 0): Writable<T> {
  const copy = withRoom(countKeys(object) + more) as Writable<T>;
  for (const key in object) setKey(copy as Open<unknown>, key, object[key]);
  return copy;
}

function countKeys(object: object): number {
  let count = 0;
  for (const _ in object) count++;
  return count;
}
