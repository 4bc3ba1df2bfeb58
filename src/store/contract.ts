/**
 * What every store must do, as tests. A backend's own test file calls `storeContract` with a way to open it.
 */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  commit,
  contents,
  del,
  plain,
  put,
  type StoreHarness,
  type TestValue,
  VALUE_MAX_BYTES,
  type WithStore,
} from './contract-fixture.ts';
import { readContract } from './contract-reads.ts';
import { watchContract } from './contract-watch.ts';
import { prefixRange, ValueTooLarge, type Entry } from './store.ts';

export function storeContract(name: string, makeHarness: () => Promise<StoreHarness>): void {
  const withStore: WithStore = (run, limits) => async () => {
    const harness = await makeHarness();
    const store = await harness.open(limits);
    try {
      await run(store, harness);
    } finally {
      await store.close();
      await harness.remove?.();
    }
  };
  void describe(`${name}: commits`, () => commitContract(withStore));
  void describe(`${name}: reads`, () => readContract(withStore));
  void describe(`${name}: watches`, () => watchContract(withStore));
  void describe(`${name}: closing and opening`, () => lifeContract(withStore));
}

function commitContract(withStore: WithStore): void {
  void test(
    'create, update and delete under preconditions',
    withStore(async (store) => {
      assert.equal(store.revision, 0);
      const created = await store.commit([put('/r/a', 'one')], [{ key: '/r/a', modRevision: 0 }]);
      assert.deepEqual(created, { ok: true, revision: 1, entries: [store.get('/r/a')] });
      const one: Entry<TestValue> = {
        key: '/r/a',
        value: { text: 'one', revision: 1 },
        createRevision: 1,
        modRevision: 1,
      };
      assert.deepEqual(store.get('/r/a'), one);
      const updated = await store.commit([put('/r/a', 'two')], [{ key: '/r/a', modRevision: 1 }]);
      assert(updated.ok);
      assert.deepEqual(store.get('/r/a'), { ...one, value: { text: 'two', revision: 2 }, modRevision: 2 });
      const deleted = await store.commit([del('/r/a')], [{ key: '/r/a', modRevision: 2 }]);
      assert(deleted.ok);
      assert.deepEqual(deleted.entries, [{ ...one, value: { text: 'two', revision: 3 }, modRevision: 3 }]);
      assert.equal(store.get('/r/a'), undefined);
      await commit(store, put('/r/a', 'again'));
      assert.equal(store.get('/r/a')?.createRevision, 4);
      assert.equal(await store.sync(), 4);
    }),
  );

  void test(
    'a precondition that does not hold changes nothing and shows what stands',
    withStore(async (store) => {
      await commit(store, put('/r/a', 'one'));
      const changes = [put('/r/a', 'x'), put('/r/b', 'x')];
      const stale = await store.commit(changes, [
        { key: '/r/b', modRevision: 0 },
        { key: '/r/a', modRevision: 9 },
      ]);
      assert.deepEqual(stale, { ok: false, key: '/r/a', current: store.get('/r/a') });
      const absent = await store.commit(changes, [{ key: '/r/c', modRevision: 1 }]);
      assert.deepEqual(absent, { ok: false, key: '/r/c', current: undefined });
      assert.equal(store.revision, 1);
      assert.deepEqual(contents(store), { '/r/a': 'one' });
    }),
  );

  void test(
    'the changes of a commit take effect together, at one revision',
    withStore(async (store) => {
      const outcome = await store.commit([put('/r/a', '1'), put('/r/b', '2'), del('/r/none')], []);
      assert(outcome.ok);
      assert.deepEqual(
        outcome.entries.map((entry) => entry?.modRevision),
        [1, 1, undefined],
      );
      assert.equal(store.revision, 1);
      assert.equal(store.get('/r/b')?.modRevision, 1);
    }),
  );

  void test(
    'deleting what is not there takes no revision',
    withStore(async (store) => {
      await commit(store, put('/r/a', '1'));
      const outcome = await store.commit([del('/r/none')], [{ key: '/r/a', modRevision: 1 }]);
      assert.deepEqual(outcome, { ok: true, revision: 1, entries: [undefined] });
      assert.equal(store.revision, 1);
    }),
  );

  void test(
    'a value that is too long is refused, with all that was to be committed along with it',
    withStore(async (store) => {
      const most = 'x'.repeat(VALUE_MAX_BYTES - JSON.stringify({ text: '', revision: 1 }).length);
      assert.equal(await commit(store, put('/r/a', most)), 1);
      await assert.rejects(commit(store, put('/r/b', '1'), put('/r/a', `${most}x`)), ValueTooLarge);
      assert.deepEqual(contents(store), { '/r/a': most });
      assert.equal(await commit(store, put('/r/b', '1')), 2);
    }),
  );

  void test(
    'writers that race for one key lose no update',
    withStore(async (store) => {
      const writer = async (): Promise<void> => {
        for (let done = 0; done < 5;) {
          const before = store.get('/r/n');
          const next = put('/r/n', String(Number(before?.value.text ?? 0) + 1));
          const outcome = await store.commit(
            [next],
            [{ key: '/r/n', modRevision: before?.modRevision ?? 0 }],
          );
          if (outcome.ok) done++;
          // What stood in the way is visible by the time it is shown.
          else assert(outcome.current !== undefined && store.revision >= outcome.current.modRevision);
        }
      };
      await Promise.all(Array.from({ length: 20 }, writer));
      assert.equal(store.get('/r/n')?.value.text, '100');
      assert.equal(store.revision, 100);
    }),
  );

  void test(
    'commits take effect in the order in which they are called',
    withStore(async (store) => {
      const outcomes = await Promise.all(
        Array.from({ length: 300 }, (_, i) => store.commit([put(`/r/${i % 7}`, String(i))], [])),
      );
      assert.deepEqual(
        outcomes.map((outcome) => outcome.ok && outcome.revision),
        Array.from({ length: 300 }, (_, i) => i + 1),
      );
      assert.equal(store.get('/r/0')?.value.text, '294');
      // A put and a delete of the same key, both on their way at once.
      const [, deleted] = await Promise.all([
        store.commit([put('/r/new', 'x')], []),
        store.commit([del('/r/new')], [{ key: '/r/new', modRevision: 301 }]),
      ]);
      assert(deleted.ok);
      assert.equal(store.get('/r/new'), undefined);
    }),
  );

  void test(
    'a commit that names a key twice is refused',
    withStore(async (store) => {
      await assert.rejects(store.commit([put('/r/a', '1'), put('/r/a', '2')], []), /twice/);
      assert.equal(store.revision, 0);
      assert.equal(await commit(store, put('/r/a', '1')), 1);
    }),
  );
}

function lifeContract(withStore: WithStore): void {
  void test(
    'a closed store refuses commits',
    withStore(async (store) => {
      const last = store.commit([put('/r/a', '1')], []);
      await store.close();
      assert((await last).ok, 'what was ordered before is finished');
      await assert.rejects(store.commit([put('/r/a', '1')], []), { name: 'StoreFailure' });
    }),
  );

  void test(
    'what was committed is there after opening again',
    withStore(async (store, harness) => {
      if (!harness.durable) return;
      for (let i = 0; i < 200; i++) await commit(store, put(`/r/${i % 40}`, `value ${i} ü`));
      await commit(store, del('/r/3'), put('/r/4', 'last'));
      const before = plain([...store.snapshot()]);
      const { revision } = store;
      await store.close();
      const again = await harness.open();
      assert.equal(again.revision, revision);
      assert.deepEqual(plain([...again.snapshot()]), before);
      if (harness.keepsHistory) {
        assert.equal(again.oldestRevision, 0);
        assert.equal(contents(again, 100)['/r/19'], 'value 99 ü');
        const item = await again.watch(prefixRange('/r/3'), 200).next();
        assert(item?.type === 'events' && item.events[0]?.type === 'delete');
      }
      assert.equal(await commit(again, put('/r/a', 'more')), revision + 1);
      await again.close();
    }),
  );
}
