/**
 * Watches: the store's events of a collection, filtered by selectors. An object that begins to match is
 * ADDED, one that stops matching is DELETED, whatever the store called the change.
 *
 * The stream begins with the present objects when no version is given (or with `sendInitialEvents`), then
 * follows from exactly that revision. Bookmarks tell the client how far it has come.
 */

import { badRequestError, invalidError } from '../../api/meta/api-error.ts';
import { forbidden } from '../../api/field/field-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import type { Operation, RequestContext, WatchBatch, WatchFrame } from '../../client/operation.ts';
import type { Clock } from '../../host/host.ts';
import { prefixRange, type Store, type StoreEvent, type StoreWatch } from '../../store/store.ts';
import { collectionPrefix } from './keys.ts';
import { parseVersion, unwrap, waitForRevision } from './read.ts';
import { compileSelection } from './selection.ts';
import { fromStored } from './stored-form.ts';

const BOOKMARK_PERIOD_MS = 60_000;
const INITIAL_CHUNK = 500;

type WatchOperation = Extract<Operation, { verb: 'watch' }>;
type Predicate = ((object: KubernetesObject) => boolean) | undefined;

export async function watchObjects(
  store: Store<KubernetesObject>,
  resource: Resource,
  operation: WatchOperation,
  clock: Clock,
  context: Pick<RequestContext, 'signal' | 'watchInitialized'>,
): Promise<AsyncIterable<WatchBatch>> {
  const selection = compileSelection(resource, operation.selection);
  const namespace = operation.target.namespace || (selection.namespace ?? '');
  const prefix = collectionPrefix(resource, resource.definition.namespaced ? namespace : '');
  const version = parseVersion(operation.resourceVersion ?? '');
  const initial = wantsInitialEvents(operation, version);
  await waitForRevision(store, version);
  if (initial && operation.resourceVersion !== '0') await store.sync();
  const page = initial ? unwrap(store.list(prefixRange(prefix))) : undefined;
  const watch = store.watch(prefixRange(prefix), page?.revision ?? version);
  const stored = page?.entries.map((entry) => entry.value) ?? [];
  const present = await fromStored(resource, stored);
  const { allowWatchBookmarks, sendInitialEvents = false } = operation;
  const start: WatchStart = {
    present,
    revision: page?.revision ?? version,
    endsWithBookmark: sendInitialEvents && allowWatchBookmarks,
    initialized: context.watchInitialized,
  };
  const { resourceVersion = '' } = operation;
  const batches = new WatchBatches(watch, resource, selection.predicate, start, resourceVersion);
  batches.begin(context.signal, allowWatchBookmarks ? clock : undefined);
  return batches;
}

function wantsInitialEvents(operation: WatchOperation, version: number): boolean {
  const { sendInitialEvents, resourceVersionMatch } = operation;
  if (sendInitialEvents === undefined) {
    if (resourceVersionMatch !== undefined && resourceVersionMatch !== '') {
      throw invalidError({ group: 'meta.k8s.io', resource: 'ListOptions' }, '', [
        forbidden(
          'resourceVersionMatch',
          'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
        ),
      ]);
    }
    return version === 0;
  }
  if (resourceVersionMatch !== 'NotOlderThan') {
    throw badRequestError(
      'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    );
  }
  return sendInitialEvents;
}

/** What a watch begins with; forgotten when it has been sent. */
interface WatchStart {
  readonly present: readonly KubernetesObject[];
  readonly revision: number;
  readonly endsWithBookmark: boolean;
  readonly initialized: (() => void) | undefined;
}

/**
 * A class and no generator, since most watches wait most of the time and there are many: what has been sent
 * is not kept alive by the frame of a function.
 */
class WatchBatches implements AsyncIterable<WatchBatch>, AsyncIterator<WatchBatch, undefined> {
  readonly #watch: StoreWatch<KubernetesObject>;
  readonly #resource: Resource;
  readonly #predicate: Predicate;
  /** For the message to a client that asked for what is gone. */
  readonly #version: string;
  #start: WatchStart | undefined;
  #sent = 0;
  /** Whether the bookmark behind the initial objects has been sent. */
  #isMarked = false;
  #end: (() => void) | undefined;

  constructor(
    watch: StoreWatch<KubernetesObject>,
    resource: Resource,
    predicate: Predicate,
    start: WatchStart,
    version: string,
  ) {
    this.#watch = watch;
    this.#resource = resource;
    this.#predicate = predicate;
    this.#start = start;
    this.#version = version;
  }

  /** `clock`: for bookmarks, if there are to be any. */
  begin(signal: AbortSignal, clock: Clock | undefined): void {
    const watch = this.#watch;
    const stop = (): void => watch.stop();
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    const cancel = clock === undefined ? undefined : bookmarks(watch, clock);
    this.#end = () => {
      cancel?.();
      signal.removeEventListener('abort', stop);
      watch.stop();
    };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<WatchBatch, undefined>> {
    try {
      const value = this.#nextInitial() ?? (await this.#nextChanges());
      return value === undefined ? await this.return() : { done: false, value };
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#end?.();
    this.#end = undefined;
    this.#start = undefined;
    return { done: true, value: undefined };
  }

  #nextInitial(): WatchBatch | undefined {
    const start = this.#start;
    if (start === undefined) return undefined;
    while (this.#sent < start.present.length) {
      const chunk = start.present.slice(this.#sent, this.#sent + INITIAL_CHUNK);
      this.#sent += chunk.length;
      const frames = chunk.filter((object) => this.#predicate?.(object) ?? true).map(addedFrame);
      if (frames.length > 0) return { type: 'frames', frames };
    }
    if (start.endsWithBookmark && !this.#isMarked) {
      this.#isMarked = true;
      return { type: 'bookmark', resourceVersion: String(start.revision), initialEventsEnd: true };
    }
    this.#start = undefined;
    start.initialized?.();
    return undefined;
  }

  async #nextChanges(): Promise<WatchBatch | undefined> {
    for (let item = await this.#watch.next(); item !== undefined; item = await this.#watch.next()) {
      if (item.type === 'gone') {
        return { type: 'expired', message: `too old resource version: ${this.#version}` };
      }
      if (item.type === 'progress') {
        return { type: 'bookmark', resourceVersion: String(item.revision), initialEventsEnd: false };
      }
      const { events } = item;
      const changes = this.#resource.stored === undefined ? events : await asServed(this.#resource, events);
      const frames = changes
        .map((event) => toFrame(event, this.#predicate))
        .filter((frame) => frame !== undefined);
      if (frames.length > 0) return { type: 'frames', frames };
    }
    return undefined;
  }
}

/** Asks for one every minute; returns what ends it. */
function bookmarks(watch: StoreWatch<KubernetesObject>, clock: Clock): () => void {
  const tick = (): void => {
    watch.progress();
    timer = clock.after(BOOKMARK_PERIOD_MS, tick);
  };
  let timer = clock.after(BOOKMARK_PERIOD_MS, tick);
  return () => timer.cancel();
}

function addedFrame(object: KubernetesObject): WatchFrame {
  return { type: 'ADDED', object, bytes: () => Buffer.from(JSON.stringify(object)) };
}

type Change = Pick<StoreEvent<KubernetesObject>, 'type' | 'value' | 'previous' | 'bytes'>;

/** Events of objects that are stored otherwise than they are served. */
async function asServed(
  resource: Resource,
  events: readonly StoreEvent<KubernetesObject>[],
): Promise<readonly Change[]> {
  const values = await fromStored(
    resource,
    events.map((event) => event.value),
  );
  const before = events.map((event) => event.previous).filter((value) => value !== undefined);
  const previous = await fromStored(resource, before);
  let next = 0;
  return events.map((event, i) => {
    const value = values[i] ?? event.value;
    const bytes = (): Uint8Array =>
      value === event.value ? event.bytes() : Buffer.from(JSON.stringify(value));
    return { type: event.type, value, previous: event.previous && previous[next++], bytes };
  });
}

function toFrame(event: Change, predicate: Predicate): WatchFrame | undefined {
  const { value, previous } = event;
  const bytes = (): Uint8Array => event.bytes();
  if (event.type === 'delete') {
    const wasThere = previous !== undefined && (predicate?.(previous) ?? true);
    return wasThere ? { type: 'DELETED', object: value, bytes } : undefined;
  }
  const matchesNow = predicate?.(value) ?? true;
  const matchedBefore = previous !== undefined && (predicate?.(previous) ?? true);
  if (matchesNow) return { type: matchedBefore ? 'MODIFIED' : 'ADDED', object: value, bytes };
  if (matchedBefore) return { type: 'DELETED', object: value, bytes };
  return undefined;
}
