/** The part of the stores' contract that is about reading. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commit, contents, del, put, type WithStore } from './contract-fixture.ts';
import { keyRange, prefixRange } from './store.ts';

export function readContract(withStore: WithStore): void {
  void test(
    'pages of one list are consistent while writes go on',
    withStore(async (store) => {
      for (let i = 0; i < 25; i++) await commit(store, put(`/r/${String(i).padStart(2, '0')}`, 'old'));
      await commit(store, put('/s/other', 'x'));
      const range = prefixRange('/r/');
      const at = store.revision;
      const seen: string[] = [];
      for (let start = range.start; ;) {
        const page = store.list({ start, end: range.end }, { at, limit: 10 });
        assert(page.ok);
        assert.equal(page.result.revision, at);
        seen.push(...page.result.entries.map((entry) => `${entry.key}=${entry.value.text}`));
        assert.equal(page.result.remaining, 25 - seen.length);
        assert.equal(page.result.more, seen.length < 25);
        await commit(store, put(`/r/${seen.length + 1}`, 'new'), del('/r/24'));
        if (!page.result.more) break;
        start = `${page.result.entries.at(-1)?.key}\0`;
      }
      assert.deepEqual(
        seen,
        Array.from({ length: 25 }, (_, i) => `/r/${String(i).padStart(2, '0')}=old`),
      );
    }),
  );

  void test(
    'every revision of the window can be read',
    withStore(async (store) => {
      const then: Record<string, string>[] = [{}];
      for (let i = 1; i <= 300; i++) {
        const key = `/r/${(i * 7) % 31}`;
        if (i % 5 === 0 && store.get(key) !== undefined)
          await commit(store, del(key), put('/r/d', String(i)));
        else await commit(store, put(key, String(i)));
        then.push(contents(store));
      }
      for (const at of [0, 1, 63, 64, 65, 128, 200, 299, 300]) {
        assert.deepEqual(contents(store, at), then[at], `at ${at}`);
        const entry = store.getAt('/r/7', at);
        assert(entry.ok);
        assert.equal(entry.result?.value.text, then[at]?.['/r/7']);
      }
    }),
  );

  void test(
    'revisions outside the window are refused',
    withStore(
      async (store) => {
        for (let i = 0; i < 30; i++) await commit(store, put('/r/a', String(i)));
        assert.equal(store.oldestRevision, 20);
        assert.deepEqual(store.getAt('/r/a', 19), { ok: false, reason: 'compacted' });
        assert.deepEqual(store.list(prefixRange('/'), { at: 31 }), { ok: false, reason: 'future' });
        assert.deepEqual(contents(store, 20), { '/r/a': '19' });
      },
      { historyRevisions: 10 },
    ),
  );

  void test(
    'compaction forgets what is older, and nothing else',
    withStore(async (store) => {
      for (let i = 0; i < 200; i++) await commit(store, put(`/r/${i % 9}`, String(i)));
      const then = contents(store, 150);
      store.compact(150);
      assert.equal(store.oldestRevision, 150);
      assert.deepEqual(contents(store, 150), then);
      assert.deepEqual(store.getAt('/r/a', 149), { ok: false, reason: 'compacted' });
      store.compact(100);
      assert.equal(store.oldestRevision, 150);
      store.compact(999);
      assert.equal(store.oldestRevision, 200);
      assert.equal(store.get('/r/1')?.value.text, '199');
    }),
  );

  void test(
    'ranges and counts',
    withStore(async (store) => {
      for (const key of ['/r/a', '/r/a/1', '/r/a/2', '/r/ab', '/r/b', '/s/a'])
        await commit(store, put(key, key));
      assert.equal(store.count(prefixRange('/r/a/')), 2);
      assert.equal(store.count(prefixRange('/r/a')), 4);
      assert.equal(store.count(keyRange('/r/a')), 1);
      assert.equal(store.count({ start: '/s', end: '/r' }), 0);
      const page = store.list({ start: '/r/a/2', end: '/r/b' });
      assert(page.ok);
      assert.deepEqual(
        page.result.entries.map((entry) => entry.key),
        ['/r/a/2', '/r/ab'],
      );
    }),
  );

  void test(
    'a snapshot does not see later commits',
    withStore(async (store) => {
      for (let i = 0; i < 100; i++) await commit(store, put(`/r/${i}`, 'old'));
      const seen: string[] = [];
      for (const entry of store.snapshot()) {
        seen.push(entry.value.text);
        if (seen.length < 20)
          await commit(store, put(`/r/${100 - seen.length}`, 'new'), del(`/r/${seen.length}`));
      }
      assert.deepEqual(
        seen,
        Array.from({ length: 100 }, () => 'old'),
      );
    }),
  );

  void test(
    'equal reads return the same object',
    withStore(async (store) => {
      await commit(store, put('/r/a', '1'));
      const page = store.list(prefixRange('/r/'));
      assert(page.ok);
      assert.equal(page.result.entries[0], store.get('/r/a'));
    }),
  );
}
