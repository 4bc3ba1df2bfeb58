import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSimulatedHost } from '../../host/simulated/simulated.ts';
import { commit, del, put, testCodec, type TestValue } from '../contract-fixture.ts';
import { createMemoryStore } from '../memory/memory.ts';
import { prefixRange, type Store, type ValueCodec } from '../store.ts';
import { Packer } from './packed.ts';

interface Counted {
  readonly store: Store<TestValue>;
  /** Texts of what was decoded since the last call. */
  decoded(): readonly string[];
}

function openCounted(): Counted {
  let decoded: string[] = [];
  const codec: ValueCodec<TestValue> = {
    ...testCodec,
    isSeldomRead: ({ text }) => text.startsWith('seldom'),
    decode: (bytes) => {
      const value = testCodec.decode(bytes);
      decoded.push(value.text);
      return value;
    },
  };
  const { clock } = createSimulatedHost(1);
  return {
    store: createMemoryStore({ codec, clock, limits: { historyRevisions: 3, hotMaxBytes: 1000 } }),
    decoded: () => decoded.splice(0),
  };
}

async function fillHistory(store: Store<TestValue>): Promise<void> {
  for (let i = 0; i < 3; i++) await commit(store, put('/other', `o${i}`));
}

test('what is seldom read is an object while it is new, and bytes afterwards', async () => {
  const { store, decoded } = openCounted();
  await commit(store, put('/r/a', 'seldom a'), put('/r/b', 'often b'));
  const fresh = store.get('/r/a')?.value;
  assert.equal(store.get('/r/a')?.value, fresh);
  await fillHistory(store);
  assert.deepEqual(decoded(), []);
  assert.equal(store.get('/r/b')?.value, store.get('/r/b')?.value);
  assert.deepEqual(decoded(), []);
  const packed = store.get('/r/a')?.value;
  assert.deepEqual(packed, fresh);
  assert.notEqual(packed, fresh);
  assert.deepEqual(decoded(), ['seldom a']);
});

test('history has the bytes of what is not among the newest', async () => {
  const decoded: string[] = [];
  const codec: ValueCodec<TestValue> = {
    ...testCodec,
    isSeldomRead: ({ text }) => text.startsWith('seldom'),
    decode: (bytes) => {
      decoded.push(Buffer.from(bytes).toString());
      return testCodec.decode(bytes);
    },
  };
  const store = createMemoryStore({ codec, clock: createSimulatedHost(1).clock });
  await commit(store, put('/r/a', 'seldom a'));
  for (let i = 0; i < 256; i++) await commit(store, put('/other', `o${i}`));
  const watch = store.watch(prefixRange('/r/'), 0);
  const item = await watch.next();
  assert(item?.type === 'events');
  assert.deepEqual(JSON.parse(Buffer.from(item.events[0]?.bytes() ?? []).toString()), {
    text: 'seldom a',
    revision: 1,
  });
  assert.deepEqual(decoded, [], 'its bytes are sent as they are');
  assert.equal(item.events[0]?.value.text, 'seldom a');
  assert.equal(decoded.length, 1);
  assert.deepEqual(store.getAt('/r/a', 1), { ok: true, result: store.get('/r/a') });
});

test('what is packed changes, goes and is watched like everything else', async () => {
  const { store } = openCounted();
  await commit(store, put('/r/a', 'seldom 1'));
  const first = store.get('/r/a')?.modRevision;
  await fillHistory(store);
  const watch = store.watch(prefixRange('/r/'), store.revision);
  await commit(store, put('/r/a', 'seldom 2'));
  await commit(store, del('/r/a'));
  const item = await watch.next();
  assert(item?.type === 'events');
  assert.deepEqual(
    item.events.map(({ type, value, previous }) => [type, value.text, previous?.text, previous?.revision]),
    [
      ['put', 'seldom 2', 'seldom 1', first],
      ['delete', 'seldom 2', 'seldom 2', store.revision - 1],
    ],
  );
  assert.equal(store.get('/r/a'), undefined);
});

test('each value keeps its own bytes, whatever their length', () => {
  const packer = new Packer((bytes) => Buffer.from(bytes));
  const lengths = [0, 1, 200_000, 100_000, 262_144, 3, 1_000_000, 5];
  const source = Buffer.alloc(1_000_000);
  const packed = lengths.map((length, i) => packer.pack(source.subarray(0, length).fill(i + 1)));
  source.fill(99);
  for (const [i, length] of lengths.entries())
    assert.ok(packed[i]?.value().equals(Buffer.alloc(length, i + 1)), `value ${i}`);
});
