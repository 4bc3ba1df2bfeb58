/**
 * Informers: one shared, indexed, always-current copy of a collection per process. Controllers read here
 * and never list the server while reconciling.
 *
 * Invariants: `get` and `list` return the shared immutable objects; handlers run synchronously after the
 * cache changed and must not block; after `synced()` is true it stays true; a broken stream is resumed, and
 * a relist reports differences as ordinary changes.
 */

import type { KubernetesObject, ResourceType } from '../../api/meta/object.ts';

export interface Informer<T extends KubernetesObject> {
  get(namespace: string, name: string): T | undefined;
  /** By `namespace/name` (or `name`). */
  getByKey(key: string): T | undefined;
  /** All objects, or those of one namespace; in no particular order. */
  list(namespace?: string): readonly T[];
  /** Objects for which the index function yields `value`. */
  byIndex(index: string, value: string): readonly T[];
  readonly size: number;
  /** Up to which resource version this copy is current, deletions included; 0 before the first list. */
  readonly revision: number;
  synced(): boolean;
  /**
   * Calls `onChange` for every object that is there, then for every change. Returns the unsubscribe
   * function.
   */
  subscribe(onChange: ChangeHandler<T>): () => void;
  /** Calls `run` after every list: what came and went since the last event is no change to anybody. */
  whenListed(run: () => void): void;
}

/** `old` undefined: new object; `next` undefined: deleted. `key` is `namespace/name`. */
export type ChangeHandler<T> = (next: T | undefined, old: T | undefined, key: string) => void;

/** The values under which an object is found; pure. */
export type IndexFunction<T> = (object: T) => readonly string[];

export interface Informers {
  /**
   * The informer of a type; asking twice returns the same one. Must be asked for before `start`, or starts
   * at once after.
   */
  of<T extends KubernetesObject>(type: ResourceType<T>): Informer<T>;
  /**
   * Calls `heard` for every object that is there, as added, then for every change. Nothing is kept: for kinds of
   * which there are many, and of which little has to be known. After a new list all are told as added again.
   */
  follow<T extends KubernetesObject>(
    type: ResourceType<T>,
    heard: (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T) => void,
  ): void;
  /** Adds an index; harmless when an index of that name exists. */
  index<T extends KubernetesObject>(type: ResourceType<T>, name: string, keys: IndexFunction<T>): void;
  /** Resolves when every informer asked for so far is synced, and everyone who follows has heard what is there. */
  waitForSync(signal: AbortSignal): Promise<void>;
}
