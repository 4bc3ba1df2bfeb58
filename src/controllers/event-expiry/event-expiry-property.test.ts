/**
 * Events under trouble: written again at the last moment, deleted by others, made under the same name once
 * more; streams that break, lists that tell all again, processes that die at any call.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { events } from '../../api/groups/core/event/event.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { formatTime } from '../../api/time/time.ts';
import type { Event } from '../../api/types.gen.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { Lifetimes } from '../lifetimes.fixture.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { eventExpiryController, expiresAtMs } from './event-expiry.ts';

const name = fc.constantFrom<string>('a', 'b', 'c', 'd');
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('create' as const), name }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('repeat' as const), name }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('delete' as const), name }) },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('wait' as const),
      by: fc.constantFrom('5m', '29m', '59m', '70m'),
    }),
  },
  { weight: 5, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 4, maxLength: 30, size: 'max' }),
});

class World {
  readonly #cluster: TestCluster;
  readonly #events: Lifetimes<Event>;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#events = new Lifetimes(cluster, events, (event, nowMs) => expiresAtMs(event) <= nowMs);
  }

  check(): void {
    this.#events.check();
  }

  async perform(what: Step): Promise<void> {
    const { client, host } = this.#cluster;
    const lastTimestamp = formatTime(host.clock.now());
    switch (what.type) {
      case 'create': {
        const involvedObject = { kind: 'Pod', namespace: 'default', name: 'web' };
        const metadata = { name: what.name, namespace: 'default' };
        return unlessThere(client.create(events, { metadata, involvedObject, lastTimestamp }));
      }
      case 'repeat': {
        const path = { namespace: 'default', name: what.name };
        return unlessGone(client.patch(events, path, { type: 'merge', body: { lastTimestamp } }));
      }
      case 'delete':
        await this.#events.excuse(what.name);
        return unlessGone(client.delete(events, { namespace: 'default', name: what.name }));
      case 'wait':
        return this.#cluster.advance(what.by);
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  stop(): void {
    this.#events.stop();
  }

  async checkEnd(): Promise<void> {
    await endTrouble(this.#cluster);
    await this.perform({ type: 'create', name: 'last' });
    await this.#cluster.advance('50m');
    await this.perform({ type: 'repeat', name: 'last' });
    await this.#cluster.advance('50m');
    this.check();
    assert.ok(
      this.#events.living.some(({ metadata }) => metadata.name === 'last'),
      'written again, kept',
    );
    // However far a clock was put back meanwhile.
    const furthestMs = Math.max(0, ...this.#events.living.map(expiresAtMs));
    const leftMs = Math.max(0, furthestMs - this.#cluster.host.clock.now());
    await this.#cluster.host.clock.advance(leftMs + 3_700_000);
    this.check();
    assert.equal(this.#events.living.length, 0, 'an event stays past its time');
  }
}

async function unlessThere(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
}

test('an event goes an hour after it was last written, and not before', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const cluster = await startTestCluster([eventExpiryController], { lagMs });
      await liveThrough(cluster, new World(cluster), steps);
    }),
    games(40),
  );
});
