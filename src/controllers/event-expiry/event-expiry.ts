/**
 * Events are forgotten an hour after they were last written, as upstream's store lets them expire
 * (`--event-ttl`). There may be a million of them: of each only its name and a time are kept here, and when that
 * has come the event itself is asked whether it was written again.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { Heap } from '../../base/heap.ts';
import { events } from '../../api/groups/core/event/event.ts';
import type { Event } from '../../api/types.gen.ts';
import type { Client } from '../../client/client.ts';
import type { ControllerDefinition } from '../../reconcile/controller.ts';

const TTL_MS = 3_600_000;
/** The one key: whatever is due. */
const DUE = 'due';
const AT_ONCE = 16;
/** Whatever could not be deleted keeps nobody else waiting. */
const RETRY_MS = 60_000;

interface Waiting {
  readonly namespace: string;
  readonly name: string;
  /** When it is looked at, in milliseconds since 1970. */
  readonly atMs: number;
}

export const eventExpiryController: ControllerDefinition = {
  name: 'event-expiry-controller',
  permissions: [{ apiGroups: [''], resources: ['events'], verbs: ['delete', 'get', 'list', 'watch'] }],
  build: ({ client, informers, clock }, enqueue) => {
    const waiting = new Heap<Waiting>((a, b) => a.atMs < b.atMs);
    informers.follow(events, (type, event) => {
      if (type !== 'ADDED') return;
      const before = waiting.peek()?.atMs ?? Number.POSITIVE_INFINITY;
      const { namespace = '', name = '' } = event.metadata;
      const atMs = expiresAtMs(event);
      waiting.push({ namespace, name, atMs });
      if (atMs < before) enqueue(DUE, Math.max(0, atMs - clock.now()));
    });
    const forget = async (one: Waiting): Promise<void> => {
      let atMs: number | undefined = clock.now() + RETRY_MS;
      try {
        atMs = await expire(client, one, clock.now());
      } finally {
        if (atMs !== undefined) waiting.push({ ...one, atMs });
      }
    };
    return {
      reconcile: async () => {
        for (;;) {
          const due = takeDue(waiting, clock.now());
          if (due.length === 0) break;
          await Promise.all(due.map((one) => forget(one)));
        }
        const next = waiting.peek();
        return next === undefined ? {} : { requeueAfterMs: next.atMs - clock.now() };
      },
    };
  },
};

/** Pure: an hour after the newest time that the event bears. */
export function expiresAtMs({ metadata, lastTimestamp, eventTime, series }: Event): number {
  const times = [metadata.creationTimestamp, lastTimestamp, eventTime, series?.lastObservedTime];
  const known = times.map((time) => Date.parse(time ?? '')).filter((time) => !Number.isNaN(time));
  return Math.max(0, ...known) + TTL_MS;
}

function takeDue(waiting: Heap<Waiting>, nowMs: number): readonly Waiting[] {
  const due: Waiting[] = [];
  for (let next = waiting.peek(); next !== undefined && next.atMs <= nowMs; next = waiting.peek()) {
    waiting.pop();
    due.push(next);
    if (due.length === AT_ONCE) break;
  }
  return due;
}

/** Deletes an event unless it was written again; when it is to be looked at then. Undefined: it is gone. */
async function expire(
  client: Client,
  { namespace, name }: Waiting,
  nowMs: number,
): Promise<number | undefined> {
  try {
    const event = await client.get(events, { namespace, name });
    const atMs = expiresAtMs(event);
    if (atMs > nowMs) return atMs;
    const { resourceVersion = '' } = event.metadata;
    await client.delete(events, { namespace, name }, { preconditions: { resourceVersion } });
    return undefined;
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    // Written again a moment ago.
    if (isApiError(error, 'Conflict')) return nowMs + TTL_MS;
    throw error;
  }
}
