/**
 * A cache and what was written since: objects as they are now, as far as this process can know. The binder
 * writes four times, to two objects; on a cache that shows only the first of these writes it would bind
 * again, and perhaps another volume.
 *
 * Bound: one entry per write whose event has not come yet.
 */

import { objectKey, type KubernetesObject } from '../../api/meta/object.ts';
import type { Informer } from '../../client/informer/informer.ts';

export class Latest<T extends KubernetesObject> {
  readonly #informer: Informer<T>;
  readonly #written = new Map<string, T>();

  constructor(informer: Informer<T>) {
    this.#informer = informer;
  }

  /** A write was acknowledged. */
  wrote(object: T): void {
    this.#written.set(objectKey(object), object);
  }

  get(key: string): T | undefined {
    const written = this.#written.get(key);
    if (written !== undefined && this.#informer.revision < versionOf(written)) return written;
    this.#written.delete(key);
    return this.#informer.getByKey(key);
  }

  /** What the index holds, as it is now; and everything just written, which the index may not know yet. */
  byIndex(index: string, value: string): readonly T[] {
    const found = this.#informer.byIndex(index, value);
    if (this.#written.size === 0) return found;
    const keys = new Set([...found.map(objectKey), ...this.#written.keys()]);
    return [...keys].flatMap((key) => this.get(key) ?? []);
  }
}

function versionOf({ metadata }: KubernetesObject): number {
  return Number(metadata.resourceVersion ?? 0);
}
