/** Official tests of [sig-api-machinery] Watchers, and of what lists and watches have in common. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { each, refusal, startApi, type Api, type Fields } from './api.fixture.ts';

let api: Api;
before(async () => {
  api = await startApi({ nodes: 0 });
});
after(() => api.cluster.stop());

const LABEL = 'watch-this-configmap';

async function maps(name: string): Promise<string> {
  return `/api/v1/namespaces/${await api.namespace(name)}/configmaps`;
}

const labelled = (name: string, value: string): object => ({
  metadata: { name, labels: { [LABEL]: value } },
});
const selecting = (...values: string[]): string =>
  `labelSelector=${encodeURIComponent(`${LABEL} in (${values.join(',')})`)}`;
/** Events are on their way: they have come when nothing is left to run. */
const delivered = (): Promise<void> => api.cluster.clock.advance(100);

test('Watchers should observe add, update, and delete watch notifications on configmaps', async () => {
  const url = await maps('several-watchers');
  const a = api.watch(`${url}?${selecting('a')}`);
  const b = api.watch(`${url}?${selecting('b')}`);
  const both = api.watch(`${url}?${selecting('a', 'b')}`);
  await api.post(url, labelled('map-a', 'a'));
  for (const mutation of ['1', '2'])
    await api.change(`${url}/map-a`, (map) => ({ ...map, data: { mutation } }));
  await api.delete(`${url}/map-a`);
  await api.post(url, labelled('map-b', 'b'));
  await api.delete(`${url}/map-b`);
  await delivered();
  const ofA = ['ADDED map-a', 'MODIFIED map-a', 'MODIFIED map-a', 'DELETED map-a'];
  const ofB = ['ADDED map-b', 'DELETED map-b'];
  assert.deepEqual(a.seen(), ofA);
  assert.deepEqual(b.seen(), ofB);
  assert.deepEqual(both.seen(), [...ofA, ...ofB]);
  assert.deepEqual(
    a.events.map(({ object }) => object.data?.mutation),
    [undefined, '1', '2', '2'],
  );
  for (const watch of [a, b, both]) watch.stop();
});

test('Watchers should be able to start watching from a specific resource version', async () => {
  const url = await maps('from-a-version');
  await api.post(url, labelled('map', 'v'));
  const first = await api.patch(`${url}/map`, { data: { mutation: '1' } });
  const second = await api.patch(`${url}/map`, { data: { mutation: '2' } });
  await api.delete(`${url}/map`);
  const watch = api.watch(`${url}?${selecting('v')}&resourceVersion=${first.metadata?.resourceVersion}`);
  await delivered();
  assert.deepEqual(watch.seen(), ['MODIFIED map', 'DELETED map']);
  assert.deepEqual(watch.events[0]?.object, second);
  const deleted = Number(watch.events[1]?.object.metadata?.resourceVersion);
  assert.ok(deleted > Number(second.metadata?.resourceVersion), 'a deletion has a version of its own');
  watch.stop();
});

test('Watchers should be able to restart watching from the last resource version observed by the previous watch', async () => {
  const url = await maps('restarted');
  const broken = api.watch(`${url}?${selecting('v')}`);
  await api.post(url, labelled('map', 'v'));
  await api.patch(`${url}/map`, { data: { mutation: '1' } });
  await delivered();
  assert.deepEqual(broken.seen(), ['ADDED map', 'MODIFIED map']);
  broken.stop();
  await api.patch(`${url}/map`, { data: { mutation: '2' } });
  const seenLast = broken.events[1]?.object.metadata?.resourceVersion;
  const restarted = api.watch(`${url}?${selecting('v')}&resourceVersion=${seenLast}`);
  await api.delete(`${url}/map`);
  await delivered();
  assert.deepEqual(restarted.seen(), ['MODIFIED map', 'DELETED map']);
  assert.equal(restarted.events[0]?.object.data?.mutation, '2');
  assert.equal(broken.events.length, 2, 'a stopped watch sees nothing more');
  restarted.stop();
});

test('Watchers should observe an object deletion if it stops meeting the requirements of the selector', async () => {
  const url = await maps('label-changed');
  const watch = api.watch(`${url}?${selecting('v')}`);
  await api.post(url, labelled('map', 'v'));
  await api.patch(`${url}/map`, { data: { mutation: '1' } });
  await api.patch(`${url}/map`, { metadata: { labels: { [LABEL]: 'other' } } });
  await api.patch(`${url}/map`, { data: { mutation: '2' } });
  await delivered();
  assert.deepEqual(watch.seen(), ['ADDED map', 'MODIFIED map', 'DELETED map']);
  await api.patch(`${url}/map`, { metadata: { labels: { [LABEL]: 'v' } } });
  await api.patch(`${url}/map`, { data: { mutation: '3' } });
  await api.delete(`${url}/map`);
  await delivered();
  assert.deepEqual(watch.seen().slice(3), ['ADDED map', 'MODIFIED map', 'DELETED map']);
  assert.equal(watch.events[3]?.object.data?.mutation, '2');
  watch.stop();
});

test('Watchers should receive events on concurrent watches in same order', async () => {
  const url = await maps('same-order');
  const first = api.watch(url);
  await Promise.all(Array.from({ length: 10 }, (_, i) => api.post(url, { metadata: { name: `map-${i}` } })));
  await Promise.all(
    Array.from({ length: 30 }, (_, i) => api.patch(`${url}/map-${i % 10}`, { data: { i: `${i}` } })),
  );
  await Promise.all(Array.from({ length: 5 }, (_, i) => api.delete(`${url}/map-${i}`)));
  await delivered();
  // The root certificate of the namespace may come first.
  const versions = first.events.map(({ object }) => String(object.metadata?.resourceVersion));
  assert.ok(versions.length >= 45);
  for (const [i, version] of versions.entries()) {
    const later = api.watch(`${url}?resourceVersion=${version}`);
    await api.eventually(() => later.events.length === versions.length - i - 1);
    assert.deepEqual(
      later.events.map(({ object }) => object.metadata?.resourceVersion),
      versions.slice(i + 1),
    );
    later.stop();
  }
  first.stop();
});

const TEMPLATES = 40;

async function templates(name: string): Promise<string> {
  const url = `/api/v1/namespaces/${await api.namespace(name)}/podtemplates`;
  for (let i = 0; i < TEMPLATES; i++) {
    const spec = { containers: [{ name: 'test', image: 'test2' }] };
    await api.post(url, {
      metadata: { name: `template-${String(i).padStart(4, '0')}` },
      template: { metadata: { labels: { pod: 'x' } }, spec },
    });
  }
  return url;
}

test('Servers with support for API chunking should return chunks of results for list calls', async () => {
  const url = await templates('chunks');
  const names: unknown[] = [];
  let version: unknown;
  for (let next = ''; ;) {
    const page = await api.get(`${url}?limit=17${next}`);
    names.push(...each(page.items).map(({ metadata }) => metadata?.name));
    version ??= page.metadata?.resourceVersion;
    assert.equal(page.metadata?.resourceVersion, version, 'every page is of one revision');
    if (page.metadata?.continue === undefined) {
      assert.equal(page.metadata?.remainingItemCount, undefined);
      break;
    }
    assert.equal(Number(page.metadata.remainingItemCount) + names.length, TEMPLATES);
    next = `&continue=${encodeURIComponent(String(page.metadata.continue))}`;
  }
  assert.equal(names.length, TEMPLATES);
  assert.deepEqual(names, names.toSorted());
  assert.equal((await api.list(`${url}?limit=100`)).length, TEMPLATES);
});

test('Servers with support for API chunking should support continue listing from the last key if the original version has been compacted away, though the list is inconsistent', async () => {
  const url = await templates('inconsistent-chunks');
  const limit = 17;
  const first = await api.get(`${url}?limit=${limit}`);
  const page = (token: unknown): Promise<Fields> =>
    api.get(`${url}?limit=${limit}&continue=${encodeURIComponent(String(token))}`);
  assert.equal(
    (await page(first.metadata?.continue)).metadata?.resourceVersion,
    first.metadata?.resourceVersion,
  );
  // In other clusters there is always somebody who writes.
  for (const name of ['one', 'other']) {
    await api.cluster.clock.advance('6m');
    await api.namespace(`written-${name}`);
  }
  const expired = await refusal(page(first.metadata?.continue));
  assert.deepEqual([expired.code, expired.reason], [410, 'Expired']);
  const names = each(first.items).map(({ metadata }) => metadata?.name);
  let version: unknown;
  for (let token = expired.status.metadata?.continue; token !== undefined;) {
    assert.notEqual(token, '');
    const next = await page(token);
    version ??= next.metadata?.resourceVersion;
    assert.equal(next.metadata?.resourceVersion, version);
    assert.notEqual(version, first.metadata?.resourceVersion);
    names.push(...each(next.items).map(({ metadata }) => metadata?.name));
    token = next.metadata?.continue;
    const left = token === undefined ? undefined : TEMPLATES - names.length;
    assert.equal(next.metadata?.remainingItemCount, left);
  }
  assert.equal(new Set(names).size, TEMPLATES);
  assert.deepEqual(names, names.toSorted());
});

test('Servers with support for Table transformation should return a 406 for a backend which does not implement metadata', async () => {
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { namespace: 'default', verb: 'list', resource: 'pods' } },
  };
  const answer = await api.ask('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    headers: { accept, 'content-type': 'application/json' },
    body,
  });
  assert.equal(answer.status, 406, answer.text);
});

test('server version should find the server version', async () => {
  const version = await api.get('/version');
  assert.match(String(version.major), /^1$/);
  assert.match(String(version.minor), /^[0-9]+\+?$/);
  assert.match(String(version.gitVersion), /^v1\./);
  assert.equal((await refusal(api.get('/versions'))).code, 404);
});
