/** For tests of what reads informers: collections that the test fills itself. */

import { objectKey, type KubernetesObject, type ResourceType } from '../../api/meta/object.ts';
import { IndexedCache } from './indexed-cache.ts';
import type { ChangeHandler, IndexFunction, Informer, Informers } from './informer.ts';

export class ListedInformers implements Informers {
  readonly #byKind = new Map<string, ListedInformer<KubernetesObject>>();

  /** Objects by their kind; later ones replace earlier ones of the same name. */
  set(...objects: readonly KubernetesObject[]): this {
    for (const object of objects) this.#get(object.kind).set(object);
    return this;
  }

  delete(object: KubernetesObject): void {
    this.#get(object.kind).delete(object);
  }

  of<T extends KubernetesObject>({ kind }: ResourceType<T>): Informer<T> {
    return this.#get(kind) as unknown as Informer<T>;
  }

  index<T extends KubernetesObject>({ kind }: ResourceType<T>, name: string, keys: IndexFunction<T>): void {
    this.#get(kind).cache.addIndex(name, keys as unknown as IndexFunction<KubernetesObject>);
  }

  follow<T extends KubernetesObject>(
    type: ResourceType<T>,
    heard: (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T) => void,
  ): void {
    this.of(type).subscribe((next, old) => {
      if (next !== undefined) heard(old === undefined ? 'ADDED' : 'MODIFIED', next);
      else if (old !== undefined) heard('DELETED', old);
    });
  }

  waitForSync(): Promise<void> {
    return Promise.resolve();
  }

  #get(kind: string): ListedInformer<KubernetesObject> {
    let informer = this.#byKind.get(kind);
    if (informer === undefined) this.#byKind.set(kind, (informer = new ListedInformer()));
    return informer;
  }
}

class ListedInformer<T extends KubernetesObject> implements Informer<T> {
  readonly cache = new IndexedCache<T>();
  readonly revision = 0;
  readonly #handlers = new Set<ChangeHandler<T>>();

  get size(): number {
    return this.cache.size;
  }

  /** All is listed from the beginning. */
  whenListed(): void {}

  set(object: T): void {
    const old = this.cache.set(object);
    for (const handler of this.#handlers) handler(object, old, objectKey(object));
  }

  delete(object: T): void {
    const old = this.cache.remove(objectKey(object));
    if (old !== undefined) for (const handler of this.#handlers) handler(undefined, old, objectKey(old));
  }

  get(namespace: string, name: string): T | undefined {
    return this.cache.get(objectKey({ metadata: { namespace, name } }));
  }

  getByKey(key: string): T | undefined {
    return this.cache.get(key);
  }

  list(namespace = ''): readonly T[] {
    return namespace === '' ? this.cache.all() : this.cache.inNamespace(namespace);
  }

  byIndex(index: string, value: string): readonly T[] {
    return this.cache.byIndex(index, value);
  }

  synced(): boolean {
    return true;
  }

  subscribe(onChange: ChangeHandler<T>): () => void {
    this.#handlers.add(onChange);
    this.cache.forEach((object, key) => onChange(object, undefined, key));
    return () => this.#handlers.delete(onChange);
  }
}
