/** What the embedded store does when its disk is full, failing, damaged, or wanted by somebody else. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSimulatedHost, type SimulatedHost } from '../../host/simulated/simulated.ts';
import { commit, contents, put, testCodec, type TestValue } from '../contract-fixture.ts';
import type { Store } from '../store.ts';
import { openEmbeddedStore, type EmbeddedLimits } from './embedded.ts';

const open = (host: SimulatedHost, limits: Partial<EmbeddedLimits> = {}): Promise<Store<TestValue>> =>
  openEmbeddedStore({ codec: testCodec, host, folder: '/data', limits });

/** Files of a few commits each and no snapshots. */
const SMALL_SEGMENTS = { segmentBytes: 500, snapshotEveryBytes: 1e9 };

async function filled(
  host: SimulatedHost,
  limits: Partial<EmbeddedLimits> = {},
  commits = 30,
): Promise<void> {
  const store = await open(host, limits);
  for (let i = 0; i < commits; i++) await commit(store, put(`/r/${i % 10}`, `value ${i}`));
  await store.close();
}

test('a full disk refuses commits, keeps what it has, and recovers when space returns', async () => {
  const host = createSimulatedHost(1);
  const store = await open(host);
  await commit(store, put('/r/a', '1'));
  host.disk.capacity = host.disk.used + 150;
  const big = put('/r/a', 'x'.repeat(500));
  const both = await Promise.allSettled([store.commit([big], []), store.commit([put('/r/b', '2')], [])]);
  for (const result of both) {
    assert(result.status === 'rejected');
    assert.match(String(result.reason), /^StoreFailure/);
  }
  assert.deepEqual(contents(store), { '/r/a': '1' });
  assert.equal(store.revision, 1);
  await assert.rejects(store.commit([big], []), { name: 'StoreFailure' });
  assert.equal(await commit(store, put('/r/b', 'small')), 2);
  host.disk.capacity = Number.POSITIVE_INFINITY;
  assert.equal(await commit(store, big), 3);
  await store.close();
  const again = await open(host);
  assert.deepEqual(contents(again), { '/r/a': big.value.text, '/r/b': 'small' });
  assert.equal(again.revision, 3);
});

test('a conflict with a commit that then fails is tried again', async () => {
  const host = createSimulatedHost(1);
  const store = await open(host);
  host.disk.syncFault = new Error('EIO: bad sector');
  const first = store.commit([put('/r/a', 'first')], [{ key: '/r/a', modRevision: 0 }]);
  const second = store.commit([put('/r/a', 'second')], [{ key: '/r/a', modRevision: 0 }]);
  await assert.rejects(first, { name: 'StoreFailure' });
  host.disk.syncFault = undefined;
  const outcome = await second;
  assert(outcome.ok);
  assert.equal(outcome.revision, 1);
  assert.deepEqual(contents(store), { '/r/a': 'second' });
});

test('when syncs fail nothing is acknowledged, and nothing of it comes back', async () => {
  const host = createSimulatedHost(1);
  const store = await open(host);
  await commit(store, put('/r/a', '1'));
  host.disk.syncFault = new Error('EIO: bad sector');
  for (let i = 0; i < 3; i++)
    await assert.rejects(commit(store, put('/r/a', 'lost')), { name: 'StoreFailure' });
  host.disk.syncFault = undefined;
  assert.equal(await commit(store, put('/r/b', '2')), 2);
  host.disk.crash();
  assert.deepEqual(contents(await open(host)), { '/r/a': '1', '/r/b': '2' });
});

test('damage inside the log stops the start and says where', async () => {
  for (const [name, offset] of [
    ['0000000000000001.log', 100],
    ['0000000000000001.log', 3],
  ] as const) {
    const host = createSimulatedHost(1);
    await filled(host);
    host.disk.corrupt(`/data/${name}`, offset);
    await assert.rejects(open(host), new RegExp(`DamagedStore: /data/${name} is damaged at offset (40|0)`));
    // And again: the failed start has changed nothing and holds no lock.
    await assert.rejects(open(host), /DamagedStore/);
  }
});

test('a missing segment stops the start', async () => {
  const host = createSimulatedHost(1);
  await filled(host, SMALL_SEGMENTS);
  const logs = (await host.disk.list('/data')).filter((name) => name.endsWith('.log'));
  assert(logs.length > 3, 'several segments');
  await host.disk.remove(`/data/${logs[1]}`);
  await assert.rejects(open(host), /begins at revision \d+, but the file before it ends at \d+/);
  await host.disk.remove(`/data/${logs[0]}`);
  await assert.rejects(open(host), /the log begins here, but there is no snapshot/);
});

test('a damaged end of an older segment is no torn tail', async () => {
  const host = createSimulatedHost(1);
  await filled(host, SMALL_SEGMENTS);
  const size = await host.disk.size('/data/0000000000000001.log');
  host.disk.corrupt('/data/0000000000000001.log', (size ?? 0) - 1);
  await assert.rejects(open(host), /0000000000000001.log is damaged at offset/);
});

test('a damaged snapshot is passed over while the log still reaches back', async () => {
  const host = createSimulatedHost(1);
  const limits = { segmentBytes: 500, snapshotEveryBytes: 1000, historyRevisions: 5 };
  await filled(host, limits);
  const expected = contents(await reopened(host, limits));
  const newest = (await host.disk.list('/data')).findLast((name) => name.endsWith('.snapshot'));
  host.disk.corrupt(`/data/${newest}`, 60);
  assert.deepEqual(contents(await reopened(host, limits)), expected);
});

test('history beyond its bounds is removed, and the rest opens', async () => {
  const host = createSimulatedHost(1);
  const limits = {
    segmentBytes: 500,
    snapshotEveryBytes: 1000,
    historyRevisions: 5,
    retention: { maxBytes: 1500, maxAgeMs: 1e9 },
  };
  await filled(host, limits, 400);
  assert(host.disk.used < 6000, `${host.disk.used} bytes`);
  const store = await reopened(host, limits);
  assert.equal(store.revision, 400);
  assert.equal(contents(store)['/r/9'], 'value 399');
});

test('two processes cannot open one folder', async () => {
  const host = createSimulatedHost(1);
  const store = await open(host);
  await assert.rejects(open(host), /in use by another process/);
  await store.close();
  await (await open(host)).close();
});

test('what a killed process had written is made durable before anything follows it', async () => {
  const host = createSimulatedHost(1);
  await filled(host, {}, 3);
  const path = '/data/0000000000000001.log';
  const bytes = (await host.disk.readFile(path)) ?? new Uint8Array();
  // As it is when the process dies between the write and its end.
  await host.disk.remove(path);
  await (await host.disk.openAppend(path)).append([bytes]);
  await host.disk.syncFolder('/data');
  const store = await open(host);
  await commit(store, put('/r/last', 'one'));
  const expected = contents(store);
  host.disk.crash();
  const again = await open(host);
  assert.deepEqual([contents(again), again.revision], [expected, 4]);
});

test('files of a newer version are left alone', async () => {
  const host = createSimulatedHost(1);
  await host.disk.makeFolder('/data');
  const header = Buffer.alloc(40);
  header.write('k8ts-log', 'latin1');
  header.writeUInt32LE(2, 8);
  const { crc32 } = await import('node:zlib');
  header.writeUInt32LE(crc32(header.subarray(0, 32)), 32);
  await host.disk.writeFileAtomic('/data/0000000000000001.log', header);
  await assert.rejects(open(host), /newer version/);
});

test('a value that looks like a frame is not taken for one', async () => {
  const host = createSimulatedHost(1);
  await filled(host, {}, 1);
  const bytes = (await host.disk.readFile('/data/0000000000000001.log')) ?? new Uint8Array();
  // A frame of another file, behind this one as a torn write might leave it.
  const file = await host.disk.openAppend('/data/0000000000000001.log');
  const other = createSimulatedHost(2);
  await filled(other, {}, 2);
  const foreign = (await other.disk.readFile('/data/0000000000000001.log')) ?? new Uint8Array();
  await file.append([Buffer.from('torn'), foreign.subarray(40)]);
  const store = await reopened(host);
  assert.equal(store.revision, 1);
  assert.equal(await host.disk.size('/data/0000000000000001.log'), bytes.length);
});

async function reopened(
  host: SimulatedHost,
  limits: Partial<EmbeddedLimits> = {},
): Promise<Store<TestValue>> {
  const store = await open(host, limits);
  await store.close();
  return store;
}
