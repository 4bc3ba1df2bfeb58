/** Reads over HTTP: resource versions, pages under writes, watches that resume, and what is too old. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../api/schema/schema.ts';
import { createTestFront, type Ask } from './front.fixture.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';

interface List {
  readonly kind: string;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

async function list(ask: Ask, query: string): Promise<List> {
  return JSON.parse((await ask(`${MAPS}${query}`)).body.toString()) as List;
}
const names = ({ items }: List): readonly string[] => items.map(({ metadata }) => metadata.name);

async function write(ask: Ask, method: string, name: string, data: JsonObject = {}): Promise<void> {
  const body = method === 'DELETE' ? '' : JSON.stringify({ metadata: { name }, data });
  const { status } = await ask(method === 'POST' ? MAPS : `${MAPS}/${name}`, { method, body });
  assert.ok(status < 300, `${method} ${name}: ${status}`);
}

test('pages are of one moment, whatever is written between them', async () => {
  const { ask } = createTestFront();
  for (const name of ['a', 'b', 'c', 'd']) await write(ask, 'POST', name);
  const first = await list(ask, '?limit=2');
  assert.deepEqual([names(first), first.metadata.remainingItemCount], [['a', 'b'], 2]);
  await write(ask, 'DELETE', 'd');
  await write(ask, 'POST', 'e');
  const second = await list(ask, `?limit=2&continue=${first.metadata.continue}`);
  assert.deepEqual(names(second), ['c', 'd']);
  assert.deepEqual(
    [second.metadata.continue, second.metadata.resourceVersion],
    [undefined, first.metadata.resourceVersion],
  );
  assert.deepEqual(names(await list(ask, '')), ['a', 'b', 'c', 'e']);
});

test('exact and minimal versions', async () => {
  const { ask } = createTestFront();
  await write(ask, 'POST', 'a');
  const before = (await list(ask, '')).metadata.resourceVersion;
  await write(ask, 'POST', 'b');
  assert.deepEqual(names(await list(ask, `?resourceVersion=${before}&resourceVersionMatch=Exact`)), ['a']);
  assert.deepEqual(names(await list(ask, `?resourceVersion=${before}&resourceVersionMatch=NotOlderThan`)), [
    'a',
    'b',
  ]);
  assert.deepEqual(names(await list(ask, `?resourceVersion=${before}`)), ['a', 'b']);
  assert.deepEqual(names(await list(ask, '?resourceVersion=0')), ['a', 'b']);
  const future = await list(ask, '?resourceVersion=999');
  assert.deepEqual([future.code, future.reason], [504, 'Timeout']);
  assert.match(future.message ?? '', /Too large resource version: 999, current: \d+/);
  const refusals: readonly (readonly [string, number])[] = [
    ['?resourceVersion=x', 400],
    ['?resourceVersionMatch=Exact', 422],
    ['?resourceVersion=0&resourceVersionMatch=Exact', 422],
    ['?resourceVersion=1&resourceVersionMatch=Newest', 422],
    ['?continue=x', 400],
    [`?continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":1,"start":"../a"}').toString('base64url')}`, 400],
  ];
  for (const [query, code] of refusals) assert.equal((await list(ask, query)).code, code, query);
});

test('a page that is too old is 410, with a token to go on without being consistent', async () => {
  const { ask, test: fixture } = createTestFront();
  for (const name of ['a', 'b', 'c']) await write(ask, 'POST', name);
  const first = await list(ask, '?limit=1');
  await write(ask, 'POST', 'd');
  fixture.store.compact(fixture.store.revision);
  const expired = await list(ask, `?limit=1&continue=${first.metadata.continue}`);
  assert.deepEqual([expired.code, expired.reason], [410, 'Expired']);
  const next = expired.metadata.continue;
  assert.ok(next !== undefined && next !== '', 'a token of the newest state comes with it');
  assert.deepEqual(names(await list(ask, `?continue=${next}`)), ['b', 'c', 'd']);
});

interface Event {
  readonly type: string;
  readonly object: {
    readonly code?: number;
    readonly metadata: {
      readonly name?: string;
      readonly annotations?: object;
      readonly resourceVersion?: string;
    };
  };
}

async function watch(ask: Ask, query: string, writes: number): Promise<readonly Event[]> {
  const { body } = await ask(`${MAPS}?watch=1&${query}`, { writesMax: writes });
  return body
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
}

test('a watch resumes where it stopped, sees objects leave its selector, and is told when it is too old', async () => {
  const { ask, test: fixture } = createTestFront();
  await write(ask, 'POST', 'a');
  const { resourceVersion } = (await list(ask, '')).metadata;
  await write(ask, 'POST', 'b');
  await write(ask, 'DELETE', 'a');
  const events = await watch(ask, `resourceVersion=${resourceVersion}`, 1);
  assert.deepEqual(
    events.map(({ type, object }) => `${type} ${object.metadata.name}`),
    ['ADDED b', 'DELETED a'],
  );
  const initial = await watch(
    ask,
    'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
    2,
  );
  assert.deepEqual(
    initial.map(({ type }) => type),
    ['ADDED', 'BOOKMARK'],
  );
  assert.deepEqual(initial[1]?.object.metadata.annotations, { 'k8s.io/initial-events-end': 'true' });
  fixture.store.compact(fixture.store.revision);
  const [gone] = await watch(ask, `resourceVersion=${resourceVersion}`, 1);
  assert.deepEqual([gone?.type, gone?.object.code], ['ERROR', 410]);
});
