/** The data structure behind an informer: objects by key, by namespace and by any number of indexes. */

import { objectKey, type KubernetesObject } from '../../api/meta/object.ts';
import type { IndexFunction } from './informer.ts';

const NOTHING: readonly never[] = [];

interface Index<T> {
  readonly keys: IndexFunction<T>;
  readonly buckets: Buckets;
}

/** Keys of objects: most changes of an object touch none of them. */
type Buckets = Map<string, Set<string>>;

export class IndexedCache<T extends KubernetesObject> {
  readonly #objects = new Map<string, T>();
  readonly #namespaces: Buckets = new Map();
  readonly #indexes = new Map<string, Index<T>>();

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  all(): readonly T[] {
    return [...this.#objects.values()];
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys();
  }

  forEach(visit: (object: T, key: string) => void): void {
    for (const [key, object] of this.#objects) visit(object, key);
  }

  inNamespace(namespace: string): readonly T[] {
    return this.#objectsOf(this.#namespaces.get(namespace));
  }

  byIndex(name: string, value: string): readonly T[] {
    return this.#objectsOf(this.#indexes.get(name)?.buckets.get(value));
  }

  /** Harmless when the index exists. */
  addIndex(name: string, keys: IndexFunction<T>): void {
    if (this.#indexes.has(name)) return;
    const buckets: Buckets = new Map();
    this.#indexes.set(name, { keys, buckets });
    for (const [key, object] of this.#objects) for (const value of keys(object)) put(buckets, value, key);
  }

  /** `old`: the object that is there, which is returned. */
  set(object: T, key = objectKey(object), old = this.#objects.get(key)): T | undefined {
    this.#objects.set(key, object);
    if (old === undefined) put(this.#namespaces, object.metadata.namespace ?? '', key);
    for (const { keys, buckets } of this.#indexes.values()) {
      const before = old === undefined ? NOTHING : keys(old);
      const values = keys(object);
      for (const value of before) if (!values.includes(value)) drop(buckets, value, key);
      for (const value of values) if (!before.includes(value)) put(buckets, value, key);
    }
    return old;
  }

  /** Returns the object that was there. */
  remove(key: string): T | undefined {
    const object = this.#objects.get(key);
    if (object === undefined) return undefined;
    this.#objects.delete(key);
    drop(this.#namespaces, object.metadata.namespace ?? '', key);
    for (const { keys, buckets } of this.#indexes.values())
      for (const value of keys(object)) drop(buckets, value, key);
    return object;
  }

  #objectsOf(keys: ReadonlySet<string> | undefined): readonly T[] {
    if (keys === undefined) return NOTHING;
    const objects: T[] = [];
    for (const key of keys) objects.push(this.#objects.get(key) as T);
    return objects;
  }
}

function put(buckets: Buckets, value: string, key: string): void {
  const bucket = buckets.get(value);
  if (bucket === undefined) buckets.set(value, new Set([key]));
  else bucket.add(key);
}

function drop(buckets: Buckets, value: string, key: string): void {
  const bucket = buckets.get(value);
  bucket?.delete(key);
  if (bucket?.size === 0) buckets.delete(value);
}
