/**
 * Reading one's own writes. A controller that decides on a cache which does not show its last writes yet
 * creates and deletes twice; so it notes what it wrote, and waits until the cache has caught up.
 *
 * Example: reconcile of `web` creates pods a (version 7) and b (version 8): `wrote` twice. The cache is at 7,
 * so `caughtUp('web')` is false and the controller leaves; the event of b wakes it up again, now `caughtUp`
 * is true.
 *
 * Bound: a note is dropped when the cache shows it, and after `NOTE_MAX_AGE_MS` in any case, so that nothing
 * holds a controller up for good.
 */

import { objectKey, type KubernetesObject } from '../../api/meta/object.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type { Clock } from '../../host/host.ts';

const NOTE_MAX_AGE_MS = 30_000;
/** How soon to look again while the cache lags; its events usually come first. */
export const CATCH_UP_MS = 1_000;

interface Note {
  readonly uid: string;
  /** The version written; or what has to happen to the object of this uid in the cache. */
  readonly awaits: number | 'deletion' | 'absence';
  readonly atMs: number;
}

export class OwnWrites<T extends KubernetesObject> {
  readonly #informer: Informer<T>;
  readonly #clock: Clock;
  /** By owner, then by the written object's key. */
  readonly #notes = new Map<string, Map<string, Note>>();

  /**
   * `wake`: what was created for this owner may have gone before the cache showed it. No event tells of that
   * when all is listed anew.
   */
  constructor(informer: Informer<T>, clock: Clock, wake?: (owner: string) => void) {
    this.#informer = informer;
    this.#clock = clock;
    if (wake === undefined) return;
    informer.whenListed(() => {
      for (const owner of this.#notes.keys()) wake(owner);
    });
  }

  /** A creation or a change was acknowledged. */
  wrote(owner: string, written: T): void {
    this.#note(owner, written, Number(written.metadata.resourceVersion ?? 0));
  }

  /** A deletion was acknowledged; `object` is what was deleted. */
  deleted(owner: string, object: T): void {
    this.#note(owner, object, 'deletion');
  }

  /** The server said that there is no such object any more. */
  gone(owner: string, object: T): void {
    this.#note(owner, object, 'absence');
  }

  /** Whether the cache shows everything that was written for `owner`. */
  caughtUp(owner: string): boolean {
    const notes = this.#notes.get(owner);
    if (notes === undefined) return true;
    const oldest = this.#clock.monotonicMs() - NOTE_MAX_AGE_MS;
    for (const [key, note] of notes) {
      if (note.atMs < oldest || this.#shows(key, note)) notes.delete(key);
    }
    if (notes.size > 0) return false;
    this.#notes.delete(owner);
    return true;
  }

  forget(owner: string): void {
    this.#notes.delete(owner);
  }

  #note(owner: string, object: T, awaits: Note['awaits']): void {
    let notes = this.#notes.get(owner);
    if (notes === undefined) {
      notes = new Map();
      this.#notes.set(owner, notes);
    }
    const { uid = '' } = object.metadata;
    notes.set(objectKey(object), { uid, awaits, atMs: this.#clock.monotonicMs() });
  }

  #shows(key: string, { uid, awaits }: Note): boolean {
    if (typeof awaits === 'number') return this.#informer.revision >= awaits;
    const cached = this.#informer.getByKey(key);
    if (cached?.metadata.uid !== uid) return true;
    return awaits === 'deletion' && cached.metadata.deletionTimestamp !== undefined;
  }
}
