/** How many watches hear of a write: those of its collection, of its namespace, and of the very object. */

import type { Target } from '../../client/operation.ts';

export class WatchCount {
  readonly #counts = new Map<string, number>();

  /** `name`: of a watch for one object. Returns what forgets the watch. */
  add({ group, resource, namespace }: Target, name: string): () => void {
    const key = keyOf(group, resource, namespace, name);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    return () => {
      const left = (this.#counts.get(key) ?? 1) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
    };
  }

  interested({ group, resource, namespace, name }: Target): number {
    if (this.#counts.size === 0) return 0;
    const of = (space: string, object: string): number =>
      this.#counts.get(keyOf(group, resource, space, object)) ?? 0;
    return of('', '') + (namespace === '' ? 0 : of(namespace, '')) + (name === '' ? 0 : of(namespace, name));
  }
}

function keyOf(group: string, resource: string, namespace: string, name: string): string {
  return `${group}/${resource}/${namespace}/${name}`;
}
