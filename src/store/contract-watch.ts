/** The part of the stores' contract that is about watching. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commit, del, put, type TestValue, type WithStore } from './contract-fixture.ts';
import { keyRange, prefixRange, type StoreEvent, type StoreWatch } from './store.ts';

/** The next `count` events of a watch that has nothing else to tell. */
async function take(watch: StoreWatch<TestValue>, count: number): Promise<StoreEvent<TestValue>[]> {
  const events: StoreEvent<TestValue>[] = [];
  while (events.length < count) {
    const item = await watch.next();
    assert(item?.type === 'events', `${item?.type} instead of events`);
    events.push(...item.events);
  }
  assert.equal(events.length, count);
  return events;
}

const told = (events: readonly StoreEvent<TestValue>[]): string[] =>
  events.map(
    (e) => `${e.revision} ${e.type} ${e.key} ${e.previous?.text ?? '-'}>${e.value.text}@${e.value.revision}`,
  );

export function watchContract(withStore: WithStore): void {
  void test(
    'from an old revision on, through the present, in order',
    withStore(async (store) => {
      await commit(store, put('/r/a', '1'));
      await commit(store, put('/r/a', '2'));
      await commit(store, put('/r/b', '1'), put('/s/x', '1'));
      const watch = store.watch(prefixRange('/r/'), 1);
      const waiting = take(watch, 5);
      await commit(store, del('/r/a'));
      await commit(store, put('/s/x', '2'));
      await commit(store, put('/r/a', '3'), del('/r/b'));
      assert.deepEqual(told(await waiting), [
        '2 put /r/a 1>2@2',
        '3 put /r/b ->1@3',
        '4 delete /r/a 2>2@4',
        '6 put /r/a ->3@6',
        '6 delete /r/b 1>1@6',
      ]);
      watch.stop();
    }),
  );

  void test(
    'watchers of one change share its event and its bytes',
    withStore(async (store) => {
      const first = store.watch(prefixRange('/r/'), 0);
      const second = store.watch(keyRange('/r/a'), 0);
      await commit(store, put('/r/a', '1'));
      const [a] = await take(first, 1);
      const [b] = await take(second, 1);
      assert.equal(a, b);
      assert.equal(a?.bytes(), b?.bytes());
      assert.deepEqual(JSON.parse(Buffer.from(a?.bytes() ?? []).toString()), { text: '1', revision: 1 });
    }),
  );

  void test(
    'each range sees its keys and no others',
    withStore(async (store) => {
      const keys = ['/r/a/x', '/r/a/y', '/r/ab/x', '/r/b', '/r/a'];
      const ranges = {
        '/': prefixRange('/'),
        '/r/a/': prefixRange('/r/a/'),
        '/r/a*': prefixRange('/r/a'),
        '/r/b only': keyRange('/r/b'),
        odd: { start: '/r/a/y', end: '/r/b' },
      };
      const watches = Object.entries(ranges).map(([name, range]) => ({
        name,
        range,
        watch: store.watch(range, 0),
      }));
      for (const key of keys) await commit(store, put(key, key));
      for (const { name, range, watch } of watches) {
        const expected = keys.filter((key) => key >= range.start && key < range.end);
        const events = await take(watch, expected.length);
        assert.deepEqual(
          events.map((event) => event.key),
          expected,
          name,
        );
        watch.stop();
      }
    }),
  );

  void test(
    'outside the window there is only gone',
    withStore(
      async (store) => {
        for (let i = 0; i < 30; i++) await commit(store, put('/r/a', String(i)));
        for (const from of [0, 19, 31]) {
          const watch = store.watch(prefixRange('/r/'), from);
          assert.deepEqual(await watch.next(), { type: 'gone' });
          assert.equal(await watch.next(), undefined);
        }
        assert.equal((await take(store.watch(prefixRange('/r/'), 20), 10)).length, 10);
      },
      { historyRevisions: 10 },
    ),
  );

  void test(
    'a slow watcher is dropped, and the others go on',
    withStore(
      async (store) => {
        const slow = store.watch(prefixRange('/r/'), 0);
        const fast = store.watch(prefixRange('/r/'), 0);
        for (let i = 0; i < 30; i++) {
          await commit(store, put('/r/a', String(i)));
          assert.equal((await take(fast, 1))[0]?.revision, i + 1);
        }
        assert.deepEqual(await slow.next(), { type: 'gone' });
        assert.equal(await slow.next(), undefined);
        fast.stop();
      },
      { watchBufferMax: 10 },
    ),
  );

  void test(
    'progress stands behind everything that was delivered',
    withStore(async (store) => {
      const watch = store.watch(prefixRange('/r/'), 0);
      watch.progress();
      assert.deepEqual(await watch.next(), { type: 'progress', revision: 0 });
      await commit(store, put('/r/a', '1'));
      await commit(store, put('/s/a', '1'));
      watch.progress();
      watch.progress();
      await commit(store, put('/r/a', '2'));
      assert.equal((await take(watch, 1))[0]?.revision, 1);
      assert.deepEqual(await watch.next(), { type: 'progress', revision: 2 });
      assert.equal((await take(watch, 1))[0]?.revision, 3);
      const waiting = watch.next();
      watch.progress();
      assert.deepEqual(await waiting, { type: 'progress', revision: 3 });
      watch.stop();
    }),
  );

  void test(
    'a watch ends when it is stopped and when the store closes',
    withStore(async (store) => {
      const stopped = store.watch(prefixRange('/r/'), 0);
      const waiting = stopped.next();
      stopped.stop();
      assert.equal(await waiting, undefined);
      await commit(store, put('/r/a', '1'));
      assert.equal(await stopped.next(), undefined);
      const open = store.watch(prefixRange('/r/'), 1);
      const last = open.next();
      await store.close();
      assert.equal(await last, undefined);
    }),
  );
}
