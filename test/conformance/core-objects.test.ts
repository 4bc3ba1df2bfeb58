/**
 * Official tests of [sig-node] and [sig-instrumentation] that go through the life of one kind: ConfigMaps,
 * Secrets, PodTemplates, Leases, Nodes, RuntimeClasses, Events.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  condition,
  each,
  includes,
  nameOf,
  refusal,
  startApi,
  template,
  type Api,
  type Fields,
} from './api.fixture.ts';

let api: Api;
before(async () => {
  api = await startApi({ nodes: 1 });
});
after(() => api.cluster.stop());

const core = async (name: string): Promise<string> => `/api/v1/namespaces/${await api.namespace(name)}`;

test('ConfigMap should fail to create ConfigMap with empty key', async () => {
  const url = `${await core('map-key')}/configmaps`;
  const refused = await refusal(api.post(url, { metadata: { name: 'map' }, data: { '': 'value-1' } }));
  assert.deepEqual([refused.code, refused.reason], [422, 'Invalid']);
});

test('ConfigMap should update ConfigMap successfully', async () => {
  const url = `${await core('map-update')}/configmaps`;
  await api.post(url, { metadata: { name: 'map' }, data: {} });
  const updated = await api.change(`${url}/map`, (map) => ({ ...map, data: { data: 'value' } }));
  assert.deepEqual(updated.data, { data: 'value' });
  assert.deepEqual((await api.get(`${url}/map`)).data, { data: 'value' });
});

test('ConfigMap should run through a ConfigMap lifecycle', async () => {
  const url = `${await core('map-life')}/configmaps`;
  const selector = 'labelSelector=test-configmap-static%3Dtrue';
  const watch = api.watch(`${url}?${selector}`);
  const labels = { 'test-configmap-static': 'true' };
  await api.post(url, { metadata: { name: 'test-configmap', labels }, data: { valueName: 'value' } });
  const patch = { metadata: { labels: { 'test-configmap': 'patched' } }, data: { valueName: 'value1' } };
  includes(await api.patch(`${url}/test-configmap`, patch, 'strategic'), patch);
  includes(await api.get(`${url}/test-configmap`), patch);
  const listed = await api.list(`/api/v1/configmaps?${selector}`);
  assert.deepEqual(listed.map(nameOf), ['test-configmap']);
  await api.delete(`${url}?${selector}`);
  assert.deepEqual(await api.list(`${url}?${selector}`), []);
  await api.eventually(() =>
    assert.deepEqual(watch.seen(), [
      'ADDED test-configmap',
      'MODIFIED test-configmap',
      'DELETED test-configmap',
    ]),
  );
  watch.stop();
});

async function isImmutable(url: string): Promise<void> {
  await api.post(url, { metadata: { name: 'immutable' }, data: { 'data-1': 'dmFsdWU=' } });
  const set = (change: object): Promise<Fields> =>
    api.change(`${url}/immutable`, (object) => ({ ...object, ...change }));
  await set({ data: { 'data-1': 'dmFsdWUy' } });
  await set({ immutable: true });
  const changed = await refusal(set({ data: { 'data-1': 'dmFsdWU=' } }));
  assert.deepEqual([changed.code, changed.reason], [422, 'Invalid']);
  assert.match(changed.message, /data: Forbidden: field is immutable when `immutable` is set/);
  const freed = await refusal(set({ immutable: false }));
  assert.match(freed.message, /immutable: Forbidden: field is immutable when `immutable` is set/);
  await api.patch(`${url}/immutable`, { metadata: { labels: { still: 'free' } } });
  await api.delete(`${url}/immutable`);
}

test('ConfigMap should be immutable if `immutable` field is set', async () => {
  await isImmutable(`${await core('map-immutable')}/configmaps`);
});

test('Secrets should be immutable if `immutable` field is set', async () => {
  await isImmutable(`${await core('secret-immutable')}/secrets`);
});

test('Secrets should fail to create secret due to empty secret key', async () => {
  const url = `${await core('secret-key')}/secrets`;
  const refused = await refusal(
    api.post(url, { metadata: { name: 'secret' }, data: { '': 'dmFsdWUtMQ==' } }),
  );
  assert.deepEqual([refused.code, refused.reason], [422, 'Invalid']);
});

test('Secrets should patch a secret', async () => {
  const url = `${await core('secret-patch')}/secrets`;
  const labels = { 'testsecret-constant': 'true' };
  await api.post(url, { metadata: { name: 'secret', labels }, data: { key: 'dmFsdWU=' }, type: 'Opaque' });
  const selector = 'labelSelector=testsecret-constant%3Dtrue';
  assert.ok((await api.list(`/api/v1/secrets?${selector}`)).some((secret) => nameOf(secret) === 'secret'));
  const data = { key: Buffer.from('value1').toString('base64') };
  await api.patch(`${url}/secret`, { metadata: { labels: { testsecret: 'true' } }, data }, 'strategic');
  includes(await api.get(`${url}/secret`), { metadata: { labels: { ...labels, testsecret: 'true' } }, data });
  await api.delete(`${url}?${selector}`);
  assert.deepEqual(await api.list(`/api/v1/secrets?${selector}`), []);
});

test('PodTemplates should run the lifecycle of PodTemplates', async () => {
  const url = `${await core('template-life')}/podtemplates`;
  const podtemplate = { 'podtemplate-static': 'true' };
  await api.post(url, {
    metadata: { name: 'nginx', labels: podtemplate },
    template: template({ app: 'nginx' }),
  });
  includes(await api.get(`${url}/nginx`), { metadata: { name: 'nginx' } });
  const labels = { podtemplate: 'patched' };
  await api.patch(`${url}/nginx`, { metadata: { labels } }, 'strategic');
  includes(await api.get(`${url}/nginx`), { metadata: { labels: { ...podtemplate, ...labels } } });
  await api.delete(`${url}/nginx`);
  assert.deepEqual(await api.list('/api/v1/podtemplates?labelSelector=podtemplate%3Dpatched'), []);
});

test('PodTemplates should delete a collection of pod templates', async () => {
  const url = `${await core('template-set')}/podtemplates`;
  const labels = { 'podtemplate-set': 'true' };
  for (const i of [1, 2, 3])
    await api.post(url, { metadata: { name: `test-podtemplate-${i}`, labels }, template: template(labels) });
  const selector = 'labelSelector=podtemplate-set%3Dtrue';
  assert.equal((await api.list(`${url}?${selector}`)).length, 3);
  await api.delete(`${url}?${selector}`);
  assert.deepEqual(await api.list(`${url}?${selector}`), []);
});

test('PodTemplates should replace a pod template', async () => {
  const url = `${await core('template-replace')}/podtemplates`;
  await api.post(url, { metadata: { name: 'pt' }, template: template({ name: 'pt' }) });
  const replaced = await api.change(`${url}/pt`, (object) => ({
    ...object,
    metadata: { ...object.metadata, annotations: { updated: 'true' } },
  }));
  includes(replaced, { metadata: { annotations: { updated: 'true' } } });
});

test('Lease lease API should be available', async () => {
  const url = `/apis/coordination.k8s.io/v1/namespaces/${await api.namespace('lease')}/leases`;
  const spec = {
    holderIdentity: 'holder',
    leaseDurationSeconds: 30,
    acquireTime: '2026-01-01T00:00:00.000000Z',
    renewTime: '2026-01-01T00:00:05.000000Z',
    leaseTransitions: 0,
  };
  await api.post(url, { metadata: { name: 'lease' }, spec });
  assert.deepEqual((await api.get(`${url}/lease`)).spec, spec);
  const next = { ...spec, holderIdentity: 'holder2', leaseDurationSeconds: 40, leaseTransitions: 1 };
  await api.change(`${url}/lease`, (lease) => ({ ...lease, spec: next }));
  assert.deepEqual((await api.get(`${url}/lease`)).spec, next);
  await api.patch(`${url}/lease`, { spec: { holderIdentity: 'holder3' } }, 'strategic');
  assert.equal((await api.get(`${url}/lease`)).spec?.holderIdentity, 'holder3');
  const labels = { deletecollection: 'true' };
  await api.post(url, { metadata: { name: 'lease2', labels }, spec });
  assert.equal((await api.list(url)).length, 2);
  await api.delete(`${url}?labelSelector=deletecollection%3Dtrue`);
  assert.equal((await refusal(api.get(`${url}/lease2`))).code, 404);
  await api.delete(`${url}/lease`);
  assert.equal((await refusal(api.get(`${url}/lease`))).code, 404);
});

test('Node Lifecycle should run through the lifecycle of a node', async () => {
  const url = '/api/v1/nodes/e2e-fake-node';
  const make = (): Promise<Fields> =>
    api.post('/api/v1/nodes', {
      metadata: { name: 'e2e-fake-node' },
      status: {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'True', reason: 'E2E', message: 'Set from an e2e test' }],
      },
    });
  includes(condition(await make(), 'Ready'), { status: 'True' });
  includes(await api.get(url), { metadata: { name: 'e2e-fake-node' } });
  const patch = { metadata: { labels: { 'e2e-fake-node': 'patched' } } };
  includes(await api.patch(url, patch, 'strategic'), patch);
  assert.equal((await api.list('/api/v1/nodes?labelSelector=e2e-fake-node%3Dpatched')).length, 1);
  const update = { type: 'E2E', status: 'True', reason: 'E2E', message: 'Set from an e2e test' };
  const updated = await api.change(url, (node) => ({
    ...node,
    metadata: { ...node.metadata, labels: { 'e2e-fake-node': 'updated' } },
  }));
  includes(updated.metadata?.labels, { 'e2e-fake-node': 'updated' });
  const withStatus = await api.change(`${url}/status`, (node) => ({
    ...node,
    status: { ...node.status, conditions: [...each(node.status?.conditions), update] },
  }));
  includes(condition(withStatus, 'E2E'), update);
  const patched = await api.patch(
    `${url}/status`,
    { status: { conditions: [{ ...update, reason: 'Patched' }] } },
    'strategic',
  );
  includes(condition(patched, 'E2E'), { reason: 'Patched' });
  await api.delete(url);
  await api.gone(url);
  await make();
  await api.delete('/api/v1/nodes?fieldSelector=metadata.name%3De2e-fake-node');
  await api.gone(url);
});

const runsWith = (runtimeClassName: string): object => ({
  metadata: { generateName: 'pod-' },
  spec: { runtimeClassName, containers: [{ name: 'c', image: 'busybox' }] },
});

test('RuntimeClass should reject a Pod requesting a non-existent RuntimeClass', async () => {
  const pods = `${await core('runtime-none')}/pods`;
  const refused = await refusal(api.post(pods, runsWith('nonexistent')));
  assert.equal(refused.code, 403);
  assert.match(refused.message, /pod rejected: RuntimeClass "nonexistent" not found/);
});

const CLASSES = '/apis/node.k8s.io/v1/runtimeclasses';

test('RuntimeClass should reject a Pod requesting a deleted RuntimeClass', async () => {
  const pods = `${await core('runtime-deleted')}/pods`;
  await api.post(CLASSES, { metadata: { name: 'deleted' }, handler: 'runc' });
  await api.delete(`${CLASSES}/deleted`);
  await api.gone(`${CLASSES}/deleted`);
  await api.eventually(async () =>
    assert.equal((await refusal(api.post(pods, runsWith('deleted')))).code, 403),
  );
});

test('RuntimeClass should schedule a Pod requesting a RuntimeClass and initialize its Overhead', async () => {
  const pods = `${await core('runtime-overhead')}/pods`;
  const podFixed = { cpu: '10m', memory: '1Mi' };
  await api.post(CLASSES, { metadata: { name: 'overhead' }, handler: 'runc', overhead: { podFixed } });
  const pod = await api.post(pods, runsWith('overhead'));
  assert.deepEqual(pod.spec?.overhead, podFixed);
  await api.eventually(async () =>
    assert.ok((await api.get(`${pods}/${nameOf(pod)}`)).spec?.nodeName !== undefined),
  );
});

test('RuntimeClass should schedule a Pod requesting a RuntimeClass without PodOverhead', async () => {
  const pods = `${await core('runtime-plain')}/pods`;
  await api.post(CLASSES, { metadata: { name: 'plain' }, handler: 'runc' });
  const pod = await api.post(pods, runsWith('plain'));
  assert.equal(pod.spec?.overhead, undefined);
  await api.eventually(async () =>
    assert.ok((await api.get(`${pods}/${nameOf(pod)}`)).spec?.nodeName !== undefined),
  );
});

const coreEvent = (name: string, labels: object): object => ({
  metadata: { name, labels },
  message: `This is ${name}`,
  reason: 'Test',
  type: 'Normal',
  count: 1,
  involvedObject: { namespace: 'events' },
});

test('Events should manage the lifecycle of an event', async () => {
  const url = `${await core('events')}/events`;
  const labels = { 'testevent-constant': 'true' };
  await api.post(url, coreEvent('event-test', labels));
  const all = '/api/v1/events?labelSelector=testevent-constant%3Dtrue';
  assert.deepEqual((await api.list(all)).map(nameOf), ['event-test']);
  await api.patch(`${url}/event-test`, { message: 'This is a test event - patched' }, 'strategic');
  assert.equal((await api.get(`${url}/event-test`)).message, 'This is a test event - patched');
  const updated = await api.change(`${url}/event-test`, (event) => ({
    ...event,
    series: { count: 100, lastObservedTime: '2026-01-01T00:00:00.000000Z' },
  }));
  includes(updated, { series: { count: 100 } });
  await api.delete(`${url}/event-test`);
  assert.deepEqual(await api.list(all), []);
});

test('Events should delete a collection of events', async () => {
  const url = `/api/v1/namespaces/${await api.namespace('event-set')}/events`;
  const labels = { 'testevent-set': 'true' };
  for (const i of [1, 2, 3])
    await api.post(url, {
      ...coreEvent(`test-event-${i}`, labels),
      involvedObject: { namespace: 'event-set' },
    });
  const selector = 'labelSelector=testevent-set%3Dtrue';
  assert.equal((await api.list(`${url}?${selector}`)).length, 3);
  await api.delete(`${url}?${selector}`);
  assert.deepEqual(await api.list(`${url}?${selector}`), []);
});

const newEvent = (namespace: string, name: string, labels: object): object => ({
  metadata: { name, labels },
  regarding: { namespace },
  eventTime: '2026-01-01T00:00:00.000000Z',
  note: `This is ${name}`,
  action: 'Do',
  reason: 'Test',
  type: 'Normal',
  reportingController: 'test-controller',
  reportingInstance: 'test-node',
});

test('Events API should ensure that an event can be fetched, patched, deleted, and listed', async () => {
  const url = `/apis/events.k8s.io/v1/namespaces/${await api.namespace('events-api')}/events`;
  const labels = { 'testevent-constant': 'api' };
  await api.post(url, newEvent('events-api', 'event-test', labels));
  const all = '/apis/events.k8s.io/v1/events?labelSelector=testevent-constant%3Dapi';
  assert.deepEqual((await api.list(all)).map(nameOf), ['event-test']);
  assert.equal((await api.list(`${url}?fieldSelector=reason%3DTest`)).length, 1);
  assert.equal((await api.list(`${url}?fieldSelector=reason%3DOther`)).length, 0);
  const { series } = await api.patch(
    `${url}/event-test`,
    { series: { count: 2, lastObservedTime: '2026-01-01T00:01:00.000000Z' } },
    'strategic',
  );
  includes(series, { count: 2 });
  includes(await api.get(`${url}/event-test`), { series: { count: 2 } });
  const updated = await api.change(`${url}/event-test`, (event) => ({
    ...event,
    series: { count: 100, lastObservedTime: '2026-01-01T00:02:00.000000Z' },
  }));
  includes(updated, { series: { count: 100 } });
  await api.delete(`${url}/event-test`);
  assert.deepEqual(await api.list(all), []);
});

test('Events API should delete a collection of events', async () => {
  const url = `/apis/events.k8s.io/v1/namespaces/${await api.namespace('events-api-set')}/events`;
  const labels = { 'testevent-set': 'api' };
  for (const i of [1, 2, 3]) await api.post(url, newEvent('events-api-set', `test-event-${i}`, labels));
  const selector = 'labelSelector=testevent-set%3Dapi';
  assert.equal((await api.list(`${url}?${selector}`)).length, 3);
  await api.delete(`${url}?${selector}`);
  assert.deepEqual(await api.list(`${url}?${selector}`), []);
});
