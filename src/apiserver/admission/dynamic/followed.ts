/**
 * The objects that configure admission, followed in the store and compiled when they change, so that where
 * there are none a request costs a look at an empty list.
 *
 * Inputs: ranges of keys. Output: what `compile` makes of all objects in them, in the order of their keys.
 */

import type { KubernetesObject } from '../../../api/meta/object.ts';
import type { KeyRange, Store, StoreWatch } from '../../../store/store.ts';

export class Followed<T> {
  readonly #store: Store<KubernetesObject>;
  readonly #range: KeyRange;
  readonly #compile: (objects: readonly KubernetesObject[]) => T;
  #watch: StoreWatch<KubernetesObject> | undefined;
  #current: T;

  constructor(
    store: Store<KubernetesObject>,
    range: KeyRange,
    compile: (objects: readonly KubernetesObject[]) => T,
  ) {
    this.#store = store;
    this.#range = range;
    this.#compile = compile;
    this.#current = this.#start();
  }

  /** The same value until something changes. */
  get current(): T {
    return this.#current;
  }

  stop(): void {
    this.#watch?.stop();
    this.#watch = undefined;
  }

  #start(): T {
    const page = this.#store.list(this.#range);
    const entries = page.ok ? page.result.entries : [];
    const objects = new Map(entries.map(({ key, value }) => [key, value]));
    this.#watch = this.#store.watch(this.#range, page.ok ? page.result.revision : this.#store.revision);
    void this.#follow(this.#watch, objects);
    return this.#compiled(objects);
  }

  async #follow(watch: StoreWatch<KubernetesObject>, objects: Map<string, KubernetesObject>): Promise<void> {
    for (let item = await watch.next(); item !== undefined; item = await watch.next()) {
      // Too many changes at once: begin again from what is there.
      if (item.type === 'gone') {
        this.#current = this.#start();
        return;
      }
      if (item.type !== 'events') continue;
      for (const { key, type, value } of item.events) {
        if (type === 'delete') objects.delete(key);
        else objects.set(key, value);
      }
      this.#current = this.#compiled(objects);
    }
  }

  #compiled(objects: ReadonlyMap<string, KubernetesObject>): T {
    const sorted = [...objects].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return this.#compile(sorted.map(([, value]) => value));
  }
}
