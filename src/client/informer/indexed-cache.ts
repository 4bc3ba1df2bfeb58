/** The data structure behind an informer: objects by key, by namespace and by any number of indexes. */

import { objectKey, type KubernetesObject } from '../../api/meta/object.ts';
import type { IndexFunction } from './informer.ts';

const NOTHING: readonly never[] = [];

/** Where an object lies, however often it changes: all maps hold this, and most changes touch none of them. */
interface Place<T> {
  object: T;
}

interface Index<T> {
  readonly keys: IndexFunction<T>;
  readonly buckets: Buckets<T>;
}

type Buckets<T> = Map<string, Set<Place<T>>>;

export class IndexedCache<T extends KubernetesObject> {
  readonly #places = new Map<string, Place<T>>();
  readonly #namespaces: Buckets<T> = new Map();
  readonly #indexes = new Map<string, Index<T>>();

  get size(): number {
    return this.#places.size;
  }

  get(key: string): T | undefined {
    return this.#places.get(key)?.object;
  }

  all(): readonly T[] {
    return objectsOf(this.#places);
  }

  keys(): IterableIterator<string> {
    return this.#places.keys();
  }

  forEach(visit: (object: T, key: string) => void): void {
    for (const [key, { object }] of this.#places) visit(object, key);
  }

  inNamespace(namespace: string): readonly T[] {
    return objectsOf(this.#namespaces.get(namespace));
  }

  byIndex(name: string, value: string): readonly T[] {
    return objectsOf(this.#indexes.get(name)?.buckets.get(value));
  }

  /** Harmless when the index exists. */
  addIndex(name: string, keys: IndexFunction<T>): void {
    if (this.#indexes.has(name)) return;
    const buckets: Buckets<T> = new Map();
    this.#indexes.set(name, { keys, buckets });
    for (const place of this.#places.values())
      for (const value of keys(place.object)) put(buckets, value, place);
  }

  /** Returns the object that was there. */
  set(object: T, key = objectKey(object)): T | undefined {
    const known = this.#places.get(key);
    const old = known?.object;
    const place = known ?? { object };
    place.object = object;
    if (old === undefined) {
      this.#places.set(key, place);
      put(this.#namespaces, object.metadata.namespace ?? '', place);
    }
    for (const { keys, buckets } of this.#indexes.values()) {
      const before = old === undefined ? NOTHING : keys(old);
      const values = keys(object);
      for (const value of before) if (!values.includes(value)) drop(buckets, value, place);
      for (const value of values) if (!before.includes(value)) put(buckets, value, place);
    }
    return old;
  }

  /** Returns the object that was there. */
  remove(key: string): T | undefined {
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    const { object } = place;
    this.#places.delete(key);
    drop(this.#namespaces, object.metadata.namespace ?? '', place);
    for (const { keys, buckets } of this.#indexes.values())
      for (const value of keys(object)) drop(buckets, value, place);
    return object;
  }
}

function objectsOf<T>(places: Map<string, Place<T>> | Set<Place<T>> | undefined): readonly T[] {
  if (places === undefined) return NOTHING;
  const objects: T[] = [];
  for (const place of places.values()) objects.push(place.object);
  return objects;
}

function put<T>(buckets: Buckets<T>, value: string, place: Place<T>): void {
  const bucket = buckets.get(value);
  if (bucket === undefined) buckets.set(value, new Set([place]));
  else bucket.add(place);
}

function drop<T>(buckets: Buckets<T>, value: string, place: Place<T>): void {
  const bucket = buckets.get(value);
  bucket?.delete(place);
  if (bucket?.size === 0) buckets.delete(value);
}
