/** Keys that clients choose, `__proto__` among them, which plain access would take for the prototype. */

type Open<V> = { [key: string]: V };

export function ownValue<V>(object: Readonly<Open<V>> | undefined, key: string): V | undefined {
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

export function setKey<V>(object: Open<V>, key: string, value: V): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

/**
 * The same in the engine's compact form. An object from which a key was deleted is a hash table from then on: it
 * takes several times the memory, and its encoding twice the time.
 */
export function packed<T extends object>(object: T): T {
  return { ...object };
}
