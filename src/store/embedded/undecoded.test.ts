import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSimulatedHost } from '../../host/simulated/simulated.ts';
import { commit, del, put, testCodec } from '../contract-fixture.ts';
import { prefixRange, type ValueCodec } from '../store.ts';
import { openEmbeddedStore } from './embedded.ts';
import { Packer } from '../mvcc/packed.ts';
import { UndecodedEntries } from './undecoded.ts';

test('a value is decoded when it is asked for, once, in any order, from its own bytes', () => {
  const decoded: number[] = [];
  const decode = (bytes: Uint8Array): Buffer => {
    decoded.push(bytes.length);
    return Buffer.from(bytes);
  };
  const entries = new UndecodedEntries({ decode, isSeldomRead: () => false, packer: new Packer(decode) });
  const read = Buffer.alloc(40_000_000);
  // Some do not fit what is left of a piece, one is larger than any, one has nothing in it.
  const sizes = [0, 10, 20_000_000, 20_000_000, 40_000_000, 5, 33 * 1024 * 1024, 1];
  const made = sizes.map((size, i) => {
    const bytes = read.subarray(0, size).fill(`${i}`);
    return entries.entry(`/${i}`, bytes, i, i + 100);
  });
  entries.close();
  read.fill('x');
  assert.deepEqual(decoded, []);
  for (const i of [4, 7, 0, 2, 1, 3, 6, 5]) {
    const entry = made[i];
    assert(entry !== undefined);
    assert.equal(entry.value.length, sizes[i]);
    assert.ok(entry.value.equals(Buffer.alloc(sizes[i] ?? 0, `${i}`)));
    assert.equal(entry.value, entry.value);
    assert.deepEqual([entry.key, entry.createRevision, entry.modRevision], [`/${i}`, i, i + 100]);
  }
  assert.deepEqual(
    decoded,
    [4, 7, 0, 2, 1, 3, 6, 5].map((i) => sizes[i]),
  );
});

test('opening decodes nothing but what was deleted within the window', async () => {
  const host = createSimulatedHost(1);
  const decoded: string[] = [];
  const codec: ValueCodec<{ readonly text: string }> = {
    ...testCodec,
    decode: (bytes) => {
      const value = testCodec.decode(bytes);
      decoded.push(value.text);
      return value;
    },
  };
  const limits = { segmentBytes: 400, snapshotEveryBytes: 900, historyRevisions: 8 };
  const open = () => openEmbeddedStore({ codec, host, folder: '/data', limits });
  const store = await open();
  for (let i = 0; i < 40; i++) await commit(store, put(`/r/${i % 10}`, `v${i}`));
  await commit(store, del('/r/5'));
  await store.close();

  const again = await open();
  assert.deepEqual(decoded, ['v35']);
  const watch = again.watch(prefixRange('/r/'), again.revision - 2);
  const item = await watch.next();
  assert(item?.type === 'events');
  assert.deepEqual(
    item.events.map(({ type, key, value }) => `${type} ${key} ${value.text}`),
    ['put /r/9 v39', 'delete /r/5 v35'],
  );
  assert.equal(again.get('/r/7')?.value.text, 'v37');
  assert.deepEqual(decoded, ['v35', 'v39', 'v37']);
  await again.close();
});
