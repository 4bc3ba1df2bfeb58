/**
 * Random histories: the backends must agree with each other at every step, and the embedded one must lose
 * nothing that it acknowledged when its machine crashes in the middle.
 */

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../base/games.fixture.ts';
import { createSimulatedHost, type SimulatedHost } from '../host/simulated/simulated.ts';
import { plain, testCodec, type TestValue } from './contract-fixture.ts';
import { openEmbeddedStore } from './embedded/embedded.ts';
import { createMemoryStore } from './memory/memory.ts';
import { openSqliteStore } from './sqlite/sqlite.ts';
import { prefixRange, type Change, type Store } from './store.ts';

const key = fc.integer({ min: 0, max: 12 }).map((n) => `/r/${n}`);
const change: fc.Arbitrary<Change<TestValue>> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('put' as const), key, value: fc.record({ text: fc.string() }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('delete' as const), key }) },
);
/** The precondition asks for the revision that stands, shifted by `off`. */
const precondition = fc.record({ key, off: fc.constantFrom(0, 0, 0, -1) });
const commitStep = fc.record({
  type: fc.constant('commit' as const),
  changes: fc.uniqueArray(change, { selector: (c) => c.key, maxLength: 4 }),
  preconditions: fc.array(precondition, { maxLength: 2 }),
});
const reopenStep = fc.record({ type: fc.constant('reopen' as const) });
const steps = fc.array(
  fc.oneof({ weight: 12, arbitrary: commitStep }, { weight: 1, arbitrary: reopenStep }),
  { maxLength: 60, size: 'max' },
);

const SMALL_FILES = {
  segmentBytes: 400,
  snapshotEveryBytes: 900,
  retention: { maxBytes: 600, maxAgeMs: 3_600_000 },
  historyRevisions: 8,
};
const openEmbedded = (host: SimulatedHost): Promise<Store<TestValue>> =>
  openEmbeddedStore({ codec: testCodec, host, folder: '/data', limits: SMALL_FILES });

test('memory, embedded and sqlite agree', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'k8ts-agree-'));
  let run = 0;
  const property = fc.asyncProperty(steps, async (list) => {
    const host = createSimulatedHost(run);
    const path = join(folder, `${run++}.db`);
    const openSqlite = (): Store<TestValue> => openSqliteStore({ codec: testCodec, clock: host.clock, path });
    const memory = createMemoryStore({ codec: testCodec, clock: host.clock });
    let others = [await openEmbedded(host), openSqlite()];
    for (const step of list) {
      if (step.type === 'reopen') {
        await Promise.all(others.map((store) => store.close()));
        others = [await openEmbedded(host), openSqlite()];
      } else {
        const preconditions = step.preconditions.map(({ key: k, off }) => ({
          key: k,
          modRevision: (memory.get(k)?.modRevision ?? 0) + off,
        }));
        const expected = plain(await memory.commit(step.changes, preconditions));
        for (const store of others)
          assert.deepEqual(plain(await store.commit(step.changes, preconditions)), expected);
      }
      for (const store of others) {
        assert.equal(store.revision, memory.revision);
        assert.deepEqual(plain([...store.snapshot()]), plain([...memory.snapshot()]));
        assert.equal(store.count(prefixRange('/r/1')), memory.count(prefixRange('/r/1')));
        assert.deepEqual(
          plain(store.list(prefixRange('/r/'), { limit: 3 })),
          plain(memory.list(prefixRange('/r/'), { limit: 3 })),
        );
      }
    }
    await Promise.all(others.map((store) => store.close()));
  });
  await fc.assert(property, games(20));
  await rm(folder, { recursive: true });
});

test('a crash at any moment loses nothing acknowledged and brings nothing else', async () => {
  const property = fc.asyncProperty(
    fc.nat(),
    fc.array(fc.nat(40), { minLength: 1, maxLength: 6 }),
    async (seed, lives) => {
      const host = createSimulatedHost(seed);
      host.disk.delay = async () => {
        for (let i = host.random.integer(3); i > 0; i--)
          await new Promise((resolve) => setImmediate(resolve));
      };
      // By revision; the last write to a key wins.
      const ordered = new Map<number, { key: string; text: string }>();
      let acknowledged = 0;
      for (const [life, turns] of lives.entries()) {
        const store = await openEmbedded(host);
        assert(store.revision >= acknowledged, `seed ${seed}: ${store.revision} after ${acknowledged}`);
        assert.deepEqual(
          [...store.snapshot()].map(({ key: k, value }) => [k, value.text]),
          replay(ordered, store.revision),
        );
        for (const revision of ordered.keys()) if (revision > store.revision) ordered.delete(revision);
        let next = store.revision;
        const writes: Promise<unknown>[] = [];
        for (let turn = 0; turn < turns; turn++) {
          for (let i = host.random.integer(5); i >= 0; i--) {
            const put = {
              key: `/r/${host.random.integer(9)}`,
              text: `${life}.${turn}.${'x'.repeat(host.random.integer(80))}`,
            };
            ordered.set(++next, put);
            const done = store.commit([{ type: 'put', key: put.key, value: { text: put.text } }], []);
            const acknowledge = (outcome: Awaited<typeof done>): void => {
              assert(outcome.ok);
              acknowledged = Math.max(acknowledged, outcome.revision);
            };
            // After the crash the old process is gone; what it still hears does not matter.
            writes.push(done.then(acknowledge, () => {}));
          }
          if (host.random.integer(3) > 0) await new Promise((resolve) => setImmediate(resolve));
          for (let i = host.random.integer(12); i > 0; i--) await Promise.resolve();
        }
        host.disk.crash();
        await Promise.all(writes);
        // What is left of the old process finds its files dead and gives up.
        for (let i = 0; i < 5; i++) await host.clock.settle();
      }
      const store = await openEmbedded(host);
      assert(store.revision >= acknowledged);
      assert.deepEqual(
        [...store.snapshot()].map(({ key: k, value }) => [k, value.text]),
        replay(ordered, store.revision),
      );
      await store.close();
    },
  );
  await fc.assert(property, games(150));
});

function replay(
  ordered: ReadonlyMap<number, { key: string; text: string }>,
  upTo: number,
): [string, string][] {
  const state = new Map<string, string>();
  for (const [revision, { key: k, text }] of ordered) if (revision <= upTo) state.set(k, text);
  return [...state].sort(([a], [b]) => (a < b ? -1 : 1));
}
