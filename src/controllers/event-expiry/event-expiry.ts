/**
 * Events are forgotten an hour after they were last written, as upstream's store lets them expire
 * (`--event-ttl`). There may be a million of them: of each only its name is kept here, with others whose hour is
 * over in the same minute. When that is past, the event itself is asked whether it was written again.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { objectKey, splitKey, type ObjectName } from '../../api/meta/object.ts';
import { flat } from '../../base/flat-text.ts';
import { events } from '../../api/groups/core/event/event.ts';
import type { Event } from '../../api/types.gen.ts';
import type { Client } from '../../client/client.ts';
import type { ControllerDefinition } from '../../reconcile/controller.ts';
import { Minutes } from './minutes.ts';

const TTL_MS = 3_600_000;
/** The one key: whatever is due. */
const DUE = 'due';
const AT_ONCE = 16;
/** Whatever could not be deleted keeps nobody else waiting. */
const RETRY_MS = 60_000;

export const eventExpiryController: ControllerDefinition = {
  name: 'event-expiry-controller',
  permissions: [{ apiGroups: [''], resources: ['events'], verbs: ['delete', 'get', 'list', 'watch'] }],
  build: ({ client, informers, clock }, enqueue) => {
    const waiting = new Minutes();
    informers.follow(events, (type, event) => {
      if (type !== 'ADDED') return;
      const before = waiting.nextMs ?? Number.POSITIVE_INFINITY;
      const atMs = waiting.add(flat(objectKey(event)), expiresAtMs(event));
      if (atMs < before) enqueue(DUE, Math.max(0, atMs - clock.now()));
    });
    const forget = async (key: string): Promise<void> => {
      let atMs: number | undefined = clock.now() + RETRY_MS;
      try {
        atMs = await expire(client, splitKey(key), clock.now());
      } finally {
        if (atMs !== undefined) waiting.add(key, atMs);
      }
    };
    return {
      reconcile: async () => {
        for (;;) {
          const due = waiting.takeDue(clock.now(), AT_ONCE);
          if (due.length === 0) break;
          await Promise.all(due.map((key) => forget(key)));
        }
        const { nextMs } = waiting;
        return nextMs === undefined ? {} : { requeueAfterMs: nextMs - clock.now() };
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

/** Deletes an event unless it was written again; when it is to be looked at then. Undefined: it is gone. */
async function expire(
  client: Client,
  { namespace, name }: ObjectName,
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
