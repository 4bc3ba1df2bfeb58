/** The bounds of the state in memory, and of what waits to become durable. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSimulatedHost } from '../../host/simulated/simulated.ts';
import { commit, contents, put, testCodec, type TestValue } from '../contract-fixture.ts';
import { createMemoryStore } from '../memory/memory.ts';
import { prefixRange, type Store } from '../store.ts';
import { present } from '../../base/assert.ts';
import type { Commit } from './change.ts';
import { HotEncoder } from './hot-encoder.ts';
import { LocalStore, type Journal } from './local-store.ts';
import { MVCC_LIMITS, MvccState } from './mvcc.ts';

/** A journal whose flushes end when the test says so. */
class HeldJournal implements Journal<TestValue> {
  readonly batches: number[] = [];
  #release = Promise.withResolvers<void>();

  async write(commits: readonly Commit<TestValue>[]): Promise<void> {
    this.batches.push(commits.length);
    await this.#release.promise;
  }

  release(): void {
    this.#release.resolve();
  }

  async close(): Promise<void> {}
}

function heldStore(limits: Partial<typeof MVCC_LIMITS> = {}): {
  store: Store<TestValue>;
  journal: HeldJournal;
} {
  const all = { ...MVCC_LIMITS, ...limits };
  const journal = new HeldJournal();
  const { clock } = createSimulatedHost(1);
  const encoder = new HotEncoder(testCodec, all.hotMaxBytes);
  return { store: new LocalStore(clock, new MvccState<TestValue>(all), encoder, journal), journal };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('history expires with age', async () => {
  const { clock } = createSimulatedHost(1);
  const store = createMemoryStore({ codec: testCodec, clock, limits: { historyAgeMs: 60_000 } });
  await commit(store, put('/r/a', '1'));
  await clock.advance('50s');
  await commit(store, put('/r/a', '2'));
  assert.equal(store.oldestRevision, 0);
  await clock.advance('20s');
  await commit(store, put('/r/a', '3'));
  assert.equal(store.oldestRevision, 1);
  assert.deepEqual(contents(store, 1), { '/r/a': '1' });
});

test('history is bounded by the bytes of its values', async () => {
  const { store, journal } = heldStore({ historyMaxBytes: 10_000 });
  journal.release();
  for (let i = 0; i < 50; i++) await commit(store, put('/r/a', 'x'.repeat(970)));
  assert.equal(store.oldestRevision, 40);
});

test('a store says that commits cannot be made durable, until they can', async () => {
  const { clock } = createSimulatedHost(1);
  let isFull = false;
  const journal: Journal<TestValue> = {
    write: async () => {
      if (isFull) throw new Error('no space left');
    },
    close: async () => {},
  };
  const encoder = new HotEncoder(testCodec, MVCC_LIMITS.hotMaxBytes);
  const store = new LocalStore(clock, new MvccState<TestValue>(MVCC_LIMITS), encoder, journal);
  await commit(store, put('/r/a', '1'));
  assert.equal(store.problem, undefined);
  isFull = true;
  await assert.rejects(commit(store, put('/r/a', '2')));
  assert.equal(store.problem, 'no space left');
  isFull = false;
  await commit(store, put('/r/a', '2'));
  assert.equal(store.problem, undefined);
});

test('nothing is visible before it is durable', async () => {
  const { store, journal } = heldStore();
  const watch = store.watch(prefixRange('/'), 0);
  let seen = false;
  void watch.next().then(() => {
    seen = true;
  });
  const first = store.commit([put('/r/a', '1')], [{ key: '/r/a', modRevision: 0 }]);
  let answered = false;
  const loser = store.commit([put('/r/a', '2')], [{ key: '/r/a', modRevision: 0 }]).then((outcome) => {
    answered = true;
    return outcome;
  });
  const nothing = store.commit([{ type: 'delete', key: '/r/none' }], [{ key: '/r/a', modRevision: 1 }]);
  await turn();
  await turn();
  assert.deepEqual([store.revision, store.get('/r/a'), seen, answered], [0, undefined, false, false]);
  journal.release();
  assert((await first).ok);
  assert.deepEqual(await loser, { ok: false, key: '/r/a', current: store.get('/r/a') });
  assert.deepEqual(await nothing, { ok: true, revision: 1, entries: [undefined] });
  await turn();
  assert(seen);
});

test('commits that come during a flush share the next one', async () => {
  const { store, journal } = heldStore();
  const all = Array.from({ length: 10 }, (_, i) => commit(store, put(`/r/${i}`, 'x')));
  await turn();
  all.push(...Array.from({ length: 3000 }, (_, i) => commit(store, put(`/r/${i}`, 'y'))));
  journal.release();
  await Promise.all(all);
  assert.deepEqual(journal.batches, [10, 1024, 1024, 952]);
});

test('more commits in flight than the bound are refused', async () => {
  const { store, journal } = heldStore();
  const all = Array.from({ length: 20_001 }, () => store.commit([put('/r/a', 'x')], []));
  await assert.rejects(all.at(-1) ?? Promise.resolve(), /StoreFailure: more than 20000 commits wait/);
  journal.release();
  await Promise.all(all.slice(0, -1));
  assert.equal(store.revision, 20_000);
  assert.equal(await commit(store, put('/r/a', 'y')), 20_001);
});

test('a value that cannot be encoded is refused alone', async () => {
  const { store, journal } = heldStore();
  journal.release();
  const cyclic: { text: string; self?: unknown } = { text: 'x' };
  cyclic.self = cyclic;
  const [bad, good] = await Promise.allSettled([
    store.commit([{ type: 'put', key: '/r/a', value: cyclic }], []),
    store.commit([put('/r/b', '1')], []),
  ]);
  assert.equal(bad.status, 'rejected');
  assert(good.status === 'fulfilled' && good.value.ok);
  assert.deepEqual([store.revision, contents(store)], [1, { '/r/b': '1' }]);
});

test('what waits for the disk is encoded once, however much waits', async () => {
  const { clock } = createSimulatedHost(1);
  let encoded = 0;
  const codec = {
    ...testCodec,
    encode: (value: TestValue) => {
      encoded++;
      return testCodec.encode(value);
    },
  };
  const journal: Journal<TestValue> = {
    write: async (commits) => {
      for (const change of commits.flatMap(({ changes }) => changes)) change.bytes();
    },
    close: async () => {},
  };
  const limits = { ...MVCC_LIMITS, hotMaxBytes: 1000 };
  const encoder = new HotEncoder(codec, limits.hotMaxBytes);
  const store = new LocalStore(clock, new MvccState<TestValue>(limits), encoder, journal);
  await Promise.all(Array.from({ length: 500 }, (_, i) => commit(store, put(`/r/${i}`, `value ${i}`))));
  assert.equal(encoded, 500);
});

test('bytes are made again after they have cooled', async () => {
  const { clock } = createSimulatedHost(1);
  const store = createMemoryStore({ codec: testCodec, clock, limits: { hotMaxBytes: 1000 } });
  const watch = store.watch(prefixRange('/'), 0);
  for (let i = 0; i < 20; i++) await commit(store, put('/r/a', String(i)));
  const item = await watch.next();
  assert(item?.type === 'events' && item.events.length === 20);
  const bytes = item.events.map((event) => Buffer.from(event.bytes()));
  assert.deepEqual(
    item.events.map((event) => Buffer.from(event.bytes())),
    bytes,
  );
  const last = present(item.events[19], 'the last event');
  assert.equal(last.bytes(), last.bytes());
  assert.equal(store.bytesOf(last.value), last.bytes());
});
