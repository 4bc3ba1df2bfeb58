/**
 * Events are forgotten an hour after they were last written, as upstream's store lets them expire
 * (`--event-ttl`). Each waits in the queue for its own time; a repeated event waits anew.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { events } from '../../api/groups/core/event/event.ts';
import type { Event } from '../../api/types.gen.ts';
import type { ControllerDefinition } from '../../reconcile/controller.ts';

const TTL_MS = 3_600_000;

export const eventExpiryController: ControllerDefinition = {
  name: 'event-expiry-controller',
  permissions: [{ apiGroups: [''], resources: ['events'], verbs: ['delete', 'get', 'list', 'watch'] }],
  workers: 8,
  build: ({ client, informers, clock }, enqueue) => {
    const all = informers.of(events);
    all.subscribe((next, old, key) => {
      // One wait is enough: when it is over, the event says itself whether there is more to wait for.
      if (next !== undefined && old === undefined) enqueue(key, expiresAtMs(next) - clock.now());
    });
    return {
      reconcile: async (key) => {
        const event = all.getByKey(key);
        if (event === undefined) return {};
        const leftMs = expiresAtMs(event) - clock.now();
        if (leftMs > 0) return { requeueAfterMs: leftMs };
        const { namespace = '', name = '', resourceVersion = '' } = event.metadata;
        try {
          await client.delete(events, { namespace, name }, { preconditions: { resourceVersion } });
        } catch (error) {
          // Gone already, or written again a moment ago: then its change has waited anew.
          if (!isApiError(error, 'NotFound') && !isApiError(error, 'Conflict')) throw error;
          if (isApiError(error, 'Conflict')) return { requeueAfterMs: TTL_MS };
        }
        return {};
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
