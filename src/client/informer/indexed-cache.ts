/** The data structure behind an informer: objects by key, by namespace and by any number of indexes. */

import { objectKey, type KubernetesObject } from '../../api/meta/object.ts';
import type { IndexFunction } from './informer.ts';

const NOTHING: readonly never[] = [];

export class IndexedCache<T extends KubernetesObject> {
  readonly #objects = new Map<string, T>();
  readonly #namespaces = new Map<string, Map<string, T>>();
  readonly #indexes = new Map<string, { keys: IndexFunction<T>; entries: Map<string, Map<string, T>> }>();

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  all(): readonly T[] {
    return [...this.#objects.values()];
  }

  entries(): IterableIterator<[string, T]> {
    return this.#objects.entries();
  }

  inNamespace(namespace: string): readonly T[] {
    const found = this.#namespaces.get(namespace);
    return found === undefined ? NOTHING : [...found.values()];
  }

  byIndex(name: string, value: string): readonly T[] {
    const found = this.#indexes.get(name)?.entries.get(value);
    return found === undefined ? NOTHING : [...found.values()];
  }

  /** Harmless when the index exists. */
  addIndex(name: string, keys: IndexFunction<T>): void {
    if (this.#indexes.has(name)) return;
    const index = { keys, entries: new Map<string, Map<string, T>>() };
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects)
      for (const value of keys(object)) put(index.entries, value, key, object);
  }

  /** Returns the object that was there. */
  set(object: T, key = objectKey(object)): T | undefined {
    const old = this.#objects.get(key);
    this.#objects.set(key, object);
    put(this.#namespaces, object.metadata.namespace ?? '', key, object);
    for (const { keys, entries } of this.#indexes.values()) {
      const values = keys(object);
      for (const value of values) put(entries, value, key, object);
      for (const value of old === undefined ? NOTHING : keys(old))
        if (!values.includes(value)) drop(entries, value, key);
    }
    return old;
  }

  /** Returns the object that was there. */
  remove(key: string): T | undefined {
    const old = this.#objects.get(key);
    if (old === undefined) return undefined;
    this.#objects.delete(key);
    drop(this.#namespaces, old.metadata.namespace ?? '', key);
    for (const { keys, entries } of this.#indexes.values())
      for (const value of keys(old)) drop(entries, value, key);
    return old;
  }
}

function put<T>(entries: Map<string, Map<string, T>>, value: string, key: string, object: T): void {
  let bucket = entries.get(value);
  if (bucket === undefined) {
    bucket = new Map();
    entries.set(value, bucket);
  }
  bucket.set(key, object);
}

function drop<T>(entries: Map<string, Map<string, T>>, value: string, key: string): void {
  const bucket = entries.get(value);
  bucket?.delete(key);
  if (bucket?.size === 0) entries.delete(value);
}
