/** Snapshots made from files: the same as the state in memory, whatever happened; and what damage does. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { silentLogger } from '../../base/log.ts';
import { createSimulatedHost, type SimulatedHost } from '../../host/simulated/simulated.ts';
import { contents, del, put, testCodec, type TestValue } from '../contract-fixture.ts';
import { prefixRange, type Change, type Revision, type Store } from '../store.ts';
import { openEmbeddedStore, type EmbeddedStoreOptions } from './embedded.ts';
import { fileName, parseFileName } from './files.ts';
import { mergeHere, mergeSnapshot, type MergeOrder, type MergeOutcome } from './merge.ts';
import { readSnapshotEntries } from './snapshot-reader.ts';

const FOLDER = '/data';
const never = new AbortController().signal;

/** UTF-8 sorts the last two the other way round than the store does. */
const NAMES = ['a', 'b', 'b/c', 'ä', 'é/ü', '\u{10000}', '\uff5e'];
const name = fc.constantFrom(...NAMES);
const change: fc.Arbitrary<Change<TestValue>> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(name, fc.string({ maxLength: 60 })).map(([k, text]) => put(`/${k}`, text)),
  },
  { weight: 2, arbitrary: name.map((k) => del(`/${k}`)) },
);
const commits = fc.array(fc.uniqueArray(change, { selector: (c) => c.key, minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 60,
  size: 'max',
});

/** Segments of a few commits each; snapshots only by order. */
async function written(
  host: SimulatedHost,
  list: readonly (readonly Change<TestValue>[])[],
): Promise<{ readonly store: Store<TestValue>; readonly segments: readonly Revision[] }> {
  const limits = { segmentBytes: 300, snapshotEveryBytes: 1e9 };
  const store = await openEmbeddedStore({ codec: testCodec, host, folder: FOLDER, limits });
  for (const changes of list) await store.commit(changes, []);
  const files = (await host.disk.list(FOLDER)).map(parseFileName).filter((file) => file !== undefined);
  return { store, segments: files.map(({ revision }) => revision) };
}

/** All finished segments after `base`, up to that before `open`. */
function orderOf(segments: readonly Revision[], open: Revision, base?: Revision): MergeOrder {
  const logs = segments.filter((revision) => revision > (base ?? 0) && revision < open);
  return { folder: FOLDER, base, logs, revision: open - 1 };
}

async function entriesOf(host: SimulatedHost, revision: Revision): Promise<unknown[]> {
  const entries: unknown[] = [];
  for await (const some of readSnapshotEntries(host.disk, join(FOLDER, fileName('snapshot', revision)))) {
    for (const { value, ...rest } of some) entries.push({ ...rest, value: value.toString() });
  }
  return entries;
}

function stateOf(store: Store<TestValue>, at: Revision): unknown[] {
  const page = store.list(prefixRange('/'), { at });
  assert(page.ok);
  return page.result.entries.map((entry) => ({ ...entry, value: testCodec.encode(entry.value) }));
}

test('a snapshot from files is the state in memory', async () => {
  let [merges, fromBase] = [0, 0];
  const property = fc.asyncProperty(fc.nat(), commits, fc.nat(), async (seed, list, pick) => {
    const host = createSimulatedHost(seed);
    const { store, segments } = await written(host, list);
    const opens = segments.slice(1);
    const first = opens[pick % Math.max(1, opens.length)];
    if (first === undefined) return;
    assert.equal((await mergeSnapshot(host, orderOf(segments, first), never)).ok, true);
    assert.deepEqual(await entriesOf(host, first - 1), stateOf(store, first - 1));
    merges++;
    for (const open of opens) {
      if (open <= first) continue;
      const outcome = await mergeSnapshot(host, orderOf(segments, open, first - 1), never);
      const path = join(FOLDER, fileName('snapshot', open - 1));
      assert.deepEqual(outcome, {
        ok: true,
        file: {
          type: 'snapshot',
          revision: open - 1,
          bytes: await host.disk.size(path),
          timeMs: host.clock.now(),
        },
      });
      assert.deepEqual(await entriesOf(host, open - 1), stateOf(store, open - 1));
      fromBase++;
    }
  });
  await fc.assert(property, games(100));
  assert(merges > 50 && fromBase > 100, `${merges} merges, ${fromBase} with a snapshot before`);
});

/** Thirty commits, a snapshot in the middle, and the order that goes on from it. */
async function half(host: SimulatedHost): Promise<MergeOrder> {
  const list = Array.from({ length: 30 }, (_, i) => [put(`/${i % 7}`, `value ${i} ${'x'.repeat(20)}`)]);
  const { store, segments } = await written(host, list);
  await store.close();
  const base = segments[2] ?? 0;
  assert.equal((await mergeSnapshot(host, orderOf(segments, base), never)).ok, true);
  return orderOf(segments, segments.at(-1) ?? 0, base - 1);
}

test('damage anywhere in what is read ends a merge and is named', async () => {
  const host = createSimulatedHost(3);
  const order = await half(host);
  const inputs = [
    join(FOLDER, fileName('snapshot', order.base ?? 0)),
    ...order.logs.map((log) => join(FOLDER, fileName('log', log))),
  ];
  assert(inputs.length > 3, 'several segments');
  for (const path of inputs) {
    const size = (await host.disk.size(path)) ?? 0;
    for (let offset = 0; offset < size; offset += 7) {
      host.disk.corrupt(path, offset);
      const outcome = await mergeSnapshot(host, order, never);
      assert(!outcome.ok, `${path} with a wrong bit at ${offset}`);
      assert(outcome.damage.startsWith(`${path} is damaged at offset `), outcome.damage);
      host.disk.corrupt(path, offset);
    }
  }
  assert.equal((await mergeSnapshot(host, order, never)).ok, true);
});

test('a missing file and a missing end end a merge', async () => {
  const host = createSimulatedHost(3);
  const order = await half(host);
  const damage = async (changed: Partial<MergeOrder>): Promise<string> => {
    const outcome = await mergeSnapshot(host, { ...order, ...changed }, never);
    return outcome.ok ? 'none' : outcome.damage;
  };
  assert.match(
    await damage({ logs: order.logs.slice(1) }),
    /begins at revision \d+, but the file before it ends at \d+$/,
  );
  assert.match(
    await damage({ logs: order.logs.slice(0, -1) }),
    /the log ends at revision \d+ instead of \d+$/,
  );
  assert.match(await damage({ base: (order.base ?? 0) - 1 }), /begins at revision \d+, but the file/);
  await host.disk.remove(join(FOLDER, fileName('snapshot', order.base ?? 0)));
  assert.match(await damage({}), /snapshot is missing$/);
});

test('an abort at any moment ends a merge, and its input stays', async () => {
  const host = createSimulatedHost(3);
  const order = await half(host);
  const files = await host.disk.list(FOLDER);
  let reads = 0;
  for (let at = 0; at <= reads; at++) {
    const abort = new AbortController();
    const disk = new Proxy(host.disk, {
      get: (target, name) => {
        if (name === 'openRead' && reads++ === at) abort.abort();
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
    reads = 0;
    const made = await mergeSnapshot({ ...host, disk }, order, abort.signal).then(
      ({ ok }) => ok,
      (error: Error) => error.name,
    );
    assert.equal(made, abort.signal.aborted ? 'AbortError' : true, `at read ${at} of ${reads}`);
  }
  assert(reads > 6, `${reads} reads`);
  await host.disk.remove(join(FOLDER, fileName('snapshot', order.revision)));
  assert.deepEqual(await host.disk.list(FOLDER), files);
});

const SMALL_FILES = { segmentBytes: 300, snapshotEveryBytes: 900 };

/** A store whose snapshots are made by `merge`, and what it has to say about them. */
async function opened(
  host: SimulatedHost,
  merge?: EmbeddedStoreOptions<TestValue>['merge'],
): Promise<{ readonly store: Store<TestValue>; readonly said: string[] }> {
  const said: string[] = [];
  const say = (message: string): void => void said.push(message);
  const logger = { ...silentLogger, warn: say, error: say };
  const store = await openEmbeddedStore({
    codec: testCodec,
    host,
    folder: FOLDER,
    limits: SMALL_FILES,
    logger,
    ...(merge && { merge }),
  });
  return { store, said };
}

const fill = async (store: Store<TestValue>, count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await store.commit([put(`/${i % 7}`, `value ${i}`)], []);
};

async function snapshotsOf(host: SimulatedHost): Promise<string[]> {
  return (await host.disk.list(FOLDER)).filter((file) => file.endsWith('.snapshot'));
}

test('after damage to a file the next snapshot comes from memory, and the store opens', async () => {
  for (const type of ['log', 'snapshot'] as const) {
    const host = createSimulatedHost(4);
    const { store, said } = await opened(host);
    await fill(store, 60);
    const newest = (await host.disk.list(FOLDER)).filter((file) => file.endsWith(type)).at(-1);
    host.disk.corrupt(join(FOLDER, newest ?? ''), 50);
    await fill(store, 60);
    assert.deepEqual(said, ['part of the store is damaged; the next snapshot is taken from memory'], type);
    const expected = contents(store);
    host.disk.crash();
    const { store: again } = await opened(host);
    assert.deepEqual(contents(again), expected);
    assert.equal(again.revision, 120);
  }
});

test('a merge that fails leaves nothing behind and is tried again', async () => {
  const host = createSimulatedHost(5);
  let tries = 0;
  const { store, said } = await opened(host, async (order, signal) => {
    const outcome = await mergeHere(host)(order, signal);
    if (++tries < 3) throw new Error('the thread ended with 1');
    return outcome;
  });
  await fill(store, 15);
  assert.deepEqual([tries, await snapshotsOf(host)], [1, []]);
  await fill(store, 20);
  assert(tries >= 3, `${tries} tries`);
  assert.deepEqual(said, ['no snapshot was taken', 'no snapshot was taken']);
  assert((await snapshotsOf(host)).length > 0);
});

test('closing the store ends a merge', async () => {
  const host = createSimulatedHost(5);
  const begun = Promise.withResolvers<void>();
  const { store, said } = await opened(host, async (order, signal): Promise<MergeOutcome> => {
    await (await host.disk.openAppend(join(FOLDER, fileName('snapshot', order.revision)))).sync();
    begun.resolve();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    throw new Error('the thread ended with 1');
  });
  await fill(store, 30);
  await begun.promise;
  await store.close();
  assert.deepEqual([said, await snapshotsOf(host)], [[], []]);
});
