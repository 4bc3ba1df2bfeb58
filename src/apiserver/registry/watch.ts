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
  const { predicate } = selection;
  return stream(watch, resource, present, page?.revision ?? version, predicate, operation, clock, context);
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

async function* stream(
  watch: StoreWatch<KubernetesObject>,
  resource: Resource,
  present: readonly KubernetesObject[],
  presentRevision: number,
  predicate: Predicate,
  operation: WatchOperation,
  clock: Clock,
  { signal, watchInitialized }: Pick<RequestContext, 'signal' | 'watchInitialized'>,
): AsyncGenerator<WatchBatch> {
  const stop = (): void => watch.stop();
  signal.addEventListener('abort', stop, { once: true });
  let timer = operation.allowWatchBookmarks ? clock.after(BOOKMARK_PERIOD_MS, tick) : undefined;
  function tick(): void {
    watch.progress();
    timer = clock.after(BOOKMARK_PERIOD_MS, tick);
  }
  try {
    for (let i = 0; i < present.length; i += INITIAL_CHUNK) {
      const frames = present.slice(i, i + INITIAL_CHUNK).filter((o) => predicate?.(o) ?? true);
      if (frames.length > 0) yield { type: 'frames', frames: frames.map(addedFrame) };
    }
    if (operation.sendInitialEvents === true && operation.allowWatchBookmarks) {
      yield { type: 'bookmark', resourceVersion: String(presentRevision), initialEventsEnd: true };
    }
    watchInitialized?.();
    for (let item = await watch.next(); item !== undefined; item = await watch.next()) {
      if (item.type === 'gone') {
        const message = `too old resource version: ${operation.resourceVersion ?? ''}`;
        yield { type: 'expired', message };
        return;
      }
      if (item.type === 'progress') {
        yield { type: 'bookmark', resourceVersion: String(item.revision), initialEventsEnd: false };
        continue;
      }
      const changes = resource.stored === undefined ? item.events : await asServed(resource, item.events);
      const frames = changes.map((event) => toFrame(event, predicate)).filter((f) => f !== undefined);
      if (frames.length > 0) yield { type: 'frames', frames };
    }
  } finally {
    timer?.cancel();
    signal.removeEventListener('abort', stop);
    watch.stop();
  }
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
