/**
 * Reading one's own writes. A controller that decides on a cache which does not show its last writes yet
 * creates and deletes twice; so it notes what it wrote, and waits until the cache has caught up.
 *
 * Example: reconcile of `web` creates pods a (version 7) and b (version 8): `wrote` twice. The cache is at 7,
 * so `caughtUp('web')` is false and the controller leaves; the event of b wakes it up again, now `caughtUp`
 * is true.
 *
 * Bound: a note is dropped when the cache shows it, and after `NOTE_MAX_AGE_MS` in any case (a relist may
 * have stepped over an object that came and went).
 */

import { objectKey, type KubernetesObject } from '../../api/meta/object.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type { Clock } from '../../host/host.ts';

const NOTE_MAX_AGE_MS = 30_000;
/** How soon to look again while the cache lags; its events usually come first. */
export const CATCH_UP_MS = 1_000;

interface Note {
  readonly uid: string;
  /** Of the write; undefined for a deletion. */
  readonly version: number | undefined;
  readonly atMs: number;
  /** The cache knew the object then, so that its absence later means that it is gone. */
  readonly wasKnown: boolean;
}

export class OwnWrites<T extends KubernetesObject> {
  readonly #informer: Informer<T>;
  readonly #clock: Clock;
  /** By owner, then by the written object's key. */
  readonly #notes = new Map<string, Map<string, Note>>();
  #latest = 0;

  constructor(informer: Informer<T>, clock: Clock) {
    this.#informer = informer;
    this.#clock = clock;
    informer.subscribe((next) => {
      if (next !== undefined) this.#latest = Math.max(this.#latest, versionOf(next));
    });
  }

  /** A creation or a change was acknowledged. */
  wrote(owner: string, written: T): void {
    this.#note(owner, written, versionOf(written));
  }

  /** A deletion was acknowledged; `object` is what was deleted. */
  deleted(owner: string, object: T): void {
    this.#note(owner, object, undefined);
  }

  /** The server said that there is no such object any more. */
  gone(owner: string, object: T): void {
    if (this.#knows(object)) this.#note(owner, object, Infinity);
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

  #note(owner: string, object: T, version: number | undefined): void {
    let notes = this.#notes.get(owner);
    if (notes === undefined) {
      notes = new Map();
      this.#notes.set(owner, notes);
    }
    const { uid = '' } = object.metadata;
    const wasKnown = this.#knows(object);
    notes.set(objectKey(object), { uid, version, atMs: this.#clock.monotonicMs(), wasKnown });
  }

  #knows(object: T): boolean {
    return this.#informer.getByKey(objectKey(object))?.metadata.uid === object.metadata.uid;
  }

  #shows(key: string, { uid, version, wasKnown }: Note): boolean {
    const cached = this.#informer.getByKey(key);
    if (version !== undefined) {
      if (wasKnown && cached?.metadata.uid !== uid) return true;
      // Events come in order, so a later one means that this one was seen, even if the object is gone again.
      return this.#latest >= version || (cached !== undefined && versionOf(cached) >= version);
    }
    return cached?.metadata.uid !== uid || cached.metadata.deletionTimestamp !== undefined;
  }
}

function versionOf(object: KubernetesObject): number {
  return Number(object.metadata.resourceVersion ?? 0);
}
