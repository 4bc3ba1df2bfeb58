/** Official tests of [sig-api-machinery] ResourceQuota and [sig-scheduling] LimitRange. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { each, includes, nameOf, refusal, startApi, type Api, type Fields } from './api.fixture.ts';

let api: Api;
before(async () => {
  api = await startApi({ nodes: 1 });
});
after(() => api.cluster.stop());

interface Place {
  readonly quotas: string;
  readonly quota: string;
  readonly core: string;
}

async function place(name: string): Promise<Place> {
  const core = `/api/v1/namespaces/${await api.namespace(name)}`;
  return { core, quotas: `${core}/resourcequotas`, quota: `${core}/resourcequotas/test-quota` };
}

const HARD = {
  pods: '5',
  services: '10',
  'services.nodeports': '1',
  'services.loadbalancers': '1',
  replicationcontrollers: '10',
  resourcequotas: '1',
  secrets: '10',
  configmaps: '10',
  persistentvolumeclaims: '10',
  cpu: '1',
  memory: '500Mi',
  'ephemeral-storage': '50Gi',
  'requests.storage': '10Gi',
  'count/replicasets.apps': '5',
  'requests.example.com/dongle': '3',
};

async function quotaOf(
  quotas: string,
  hard: object = HARD,
  more: object = {},
  name = 'test-quota',
): Promise<void> {
  await api.post(quotas, { metadata: { name }, spec: { hard, ...more } });
  await used(`${quotas}/${name}`, {});
}
const used = (url: string, part: object): Promise<Fields> =>
  api.eventually(async () => {
    const quota = await api.get(url);
    assert.deepEqual(quota.status?.hard, quota.spec?.hard);
    includes(quota.status?.used, part);
    return quota;
  });
const podOf = (name: string, requests: object = {}, spec: object = {}): object => ({
  metadata: { name },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'pause', image: 'pause', resources: { requests, limits: (spec as Fields).limits } }],
    ...Object.fromEntries(Object.entries(spec).filter(([key]) => key !== 'limits')),
  },
});

test('ResourceQuota should create a ResourceQuota and ensure its status is promptly calculated.', async () => {
  const { quotas, quota } = await place('prompt');
  await quotaOf(quotas);
  await used(quota, { resourcequotas: '1', pods: '0', cpu: '0' });
});

test('ResourceQuota should create a ResourceQuota and capture the life of a service.', async () => {
  const { quotas, quota, core } = await place('service');
  await quotaOf(quotas);
  const ports = [{ port: 80 }];
  await api.post(`${core}/services`, { metadata: { name: 'test-service' }, spec: { ports } });
  await api.post(`${core}/services`, { metadata: { name: 'nodeport' }, spec: { type: 'NodePort', ports } });
  await used(quota, { services: '2', 'services.nodeports': '1', 'services.loadbalancers': '0' });
  const second = { metadata: { name: 'second' }, spec: { type: 'NodePort', ports } };
  assert.equal((await refusal(api.post(`${core}/services`, second))).code, 403);
  const balancer = { metadata: { name: 'lb' }, spec: { type: 'LoadBalancer', ports } };
  assert.equal(
    (await refusal(api.post(`${core}/services`, balancer))).code,
    403,
    'it would take a node port, too',
  );
  for (const name of ['test-service', 'nodeport']) await api.delete(`${core}/services/${name}`);
  await used(quota, { services: '0', 'services.nodeports': '0' });
});

test('ResourceQuota should create a ResourceQuota and capture the life of a secret.', async () => {
  const { quotas, quota, core } = await place('secret');
  const before = String((await api.list(`${core}/secrets`)).length);
  await quotaOf(quotas);
  await api.post(`${core}/secrets`, { metadata: { name: 'test-secret' }, stringData: { data: 'value' } });
  await used(quota, { secrets: String(Number(before) + 1) });
  await api.delete(`${core}/secrets/test-secret`);
  await used(quota, { secrets: before });
});

test('ResourceQuota should create a ResourceQuota and capture the life of a pod.', async () => {
  const { quotas, quota, core } = await place('pod');
  await quotaOf(quotas);
  const dongle = { 'example.com/dongle': '2' };
  const first = { cpu: '500m', memory: '252Mi', 'ephemeral-storage': '30Gi', ...dongle };
  await api.post(`${core}/pods`, podOf('test-pod', first, { limits: dongle }));
  const charged = {
    pods: '1',
    ...{ cpu: '500m', memory: '252Mi', 'ephemeral-storage': '30Gi', 'requests.example.com/dongle': '2' },
  };
  await used(quota, charged);
  const tooMuch = await refusal(
    api.post(`${core}/pods`, podOf('fail-pod', { cpu: '600m', memory: '100Mi', 'ephemeral-storage': '1Gi' })),
  );
  assert.equal(tooMuch.code, 403);
  const extended = podOf(
    'fail-extended',
    { ...first, cpu: '100m', memory: '1Mi', 'ephemeral-storage': '1Gi' },
    { limits: dongle },
  );
  assert.equal((await refusal(api.post(`${core}/pods`, extended))).code, 403);
  await api.patch(`${core}/pods/test-pod`, { metadata: { labels: { changed: 'yes' } } });
  await used(quota, charged);
  await api.delete(`${core}/pods/test-pod`, { gracePeriodSeconds: 0 });
  await used(quota, {
    pods: '0',
    cpu: '0',
    memory: '0',
    'ephemeral-storage': '0',
    'requests.example.com/dongle': '0',
  });
});

test('ResourceQuota should create a ResourceQuota and capture the life of a configMap.', async () => {
  const { quotas, quota, core } = await place('config-map');
  await quotaOf(quotas);
  // The root certificate is in every namespace.
  await used(quota, { configmaps: '1' });
  await api.post(`${core}/configmaps`, { metadata: { name: 'test-configmap' }, data: { a: 'b' } });
  await used(quota, { configmaps: '2' });
  await api.delete(`${core}/configmaps/test-configmap`);
  await used(quota, { configmaps: '1' });
});

async function controllerLife(name: string, counted: string, path: string, object: object): Promise<void> {
  const { quotas, quota } = await place(name);
  await quotaOf(quotas);
  await used(quota, { [counted]: '0' });
  await api.post(path, object);
  await used(quota, { [counted]: '1' });
  await api.delete(`${path}/test`, { propagationPolicy: 'Background' });
  await used(quota, { [counted]: '0' });
}
const TEMPLATE = {
  metadata: { labels: { name: 'test' } },
  spec: { containers: [{ name: 'c', image: 'i' }] },
};

test('ResourceQuota should create a ResourceQuota and capture the life of a replication controller.', async () => {
  const path = '/api/v1/namespaces/controller/replicationcontrollers';
  const spec = { replicas: 0, selector: { name: 'test' }, template: TEMPLATE };
  await controllerLife('controller', 'replicationcontrollers', path, { metadata: { name: 'test' }, spec });
});

test('ResourceQuota should create a ResourceQuota and capture the life of a replica set.', async () => {
  const path = '/apis/apps/v1/namespaces/set/replicasets';
  const spec = { replicas: 0, selector: { matchLabels: { name: 'test' } }, template: TEMPLATE };
  await controllerLife('set', 'count/replicasets.apps', path, { metadata: { name: 'test' }, spec });
});

test('ResourceQuota should verify ResourceQuota with terminating scopes.', async () => {
  const { quotas, core } = await place('terminating');
  const hard = { pods: '5', 'requests.cpu': '1', 'limits.cpu': '2' };
  await quotaOf(quotas, hard, { scopes: ['Terminating'] }, 'quota-terminating');
  await quotaOf(quotas, hard, { scopes: ['NotTerminating'] }, 'quota-not-terminating');
  const limits = { cpu: '1' };
  await api.post(`${core}/pods`, podOf('test-pod', { cpu: '500m' }, { limits }));
  const charged = { pods: '1', 'requests.cpu': '500m', 'limits.cpu': '1' };
  const free = { pods: '0', 'requests.cpu': '0', 'limits.cpu': '0' };
  await used(`${quotas}/quota-not-terminating`, charged);
  await used(`${quotas}/quota-terminating`, free);
  await api.delete(`${core}/pods/test-pod`, { gracePeriodSeconds: 0 });
  await used(`${quotas}/quota-not-terminating`, free);
  await api.post(
    `${core}/pods`,
    podOf('terminating-pod', { cpu: '500m' }, { limits, activeDeadlineSeconds: 3600 }),
  );
  await used(`${quotas}/quota-terminating`, charged);
  await used(`${quotas}/quota-not-terminating`, free);
  await api.delete(`${core}/pods/terminating-pod`, { gracePeriodSeconds: 0 });
  await used(`${quotas}/quota-terminating`, free);
});

test('ResourceQuota should verify ResourceQuota with best effort scope.', async () => {
  const { quotas, core } = await place('best-effort');
  await quotaOf(quotas, { pods: '5' }, { scopes: ['BestEffort'] }, 'quota-besteffort');
  await quotaOf(quotas, { pods: '5' }, { scopes: ['NotBestEffort'] }, 'quota-not-besteffort');
  const counts = async (best: string, notBest: string): Promise<void> => {
    await used(`${quotas}/quota-besteffort`, { pods: best });
    await used(`${quotas}/quota-not-besteffort`, { pods: notBest });
  };
  await api.post(`${core}/pods`, podOf('pod'));
  await counts('1', '0');
  await api.delete(`${core}/pods/pod`, { gracePeriodSeconds: 0 });
  await counts('0', '0');
  await api.post(`${core}/pods`, podOf('burstable', { cpu: '500m' }));
  await counts('0', '1');
  await api.delete(`${core}/pods/burstable`, { gracePeriodSeconds: 0 });
  await counts('0', '0');
});

test('ResourceQuota should be able to update and delete ResourceQuota.', async () => {
  const { quotas, quota } = await place('update');
  await api.post(quotas, { metadata: { name: 'test-quota' }, spec: { hard: { cpu: '1', memory: '500Mi' } } });
  includes(await api.get(quota), { spec: { hard: { cpu: '1', memory: '500Mi' } } });
  const hard = { cpu: '2', memory: '1Gi' };
  includes(await api.change(quota, (object) => ({ ...object, spec: { hard } })), { spec: { hard } });
  includes(await api.get(quota), { spec: { hard } });
  await api.delete(quota);
  await api.gone(quota, 0);
});

test('ResourceQuota should manage the lifecycle of a ResourceQuota', async () => {
  const { quotas } = await place('lifecycle');
  const labels = { 'e2e-rq-label': 'lifecycle' };
  const selector = 'labelSelector=e2e-rq-label%3Dlifecycle';
  await api.post(quotas, {
    metadata: { name: 'e2e-quota', labels },
    spec: { hard: { cpu: '1', memory: '500Mi' } },
  });
  includes(await api.get(`${quotas}/e2e-quota`), { spec: { hard: { cpu: '1', memory: '500Mi' } } });
  assert.equal((await api.list(`/api/v1/resourcequotas?${selector}`)).length, 1);
  const patch = { metadata: { labels: { 'e2e-quota': 'patched' } }, spec: { hard: { memory: '750Mi' } } };
  includes(await api.patch(`${quotas}/e2e-quota`, patch, 'strategic'), patch);
  await api.delete(`${quotas}?${selector}`);
  assert.deepEqual(await api.list(`${quotas}?${selector}`), []);
});

test('ResourceQuota should apply changes to a resourcequota status', async () => {
  const { quotas } = await place('status');
  const url = `${quotas}/e2e-rq-status`;
  const hard = { cpu: '500m', memory: '500Mi' };
  await api.post(quotas, { metadata: { name: 'e2e-rq-status', labels: { e2e: 'rq' } }, spec: { hard } });
  await api.eventually(async () =>
    includes((await api.get(url)).status, { hard, used: { cpu: '0', memory: '0' } }),
  );
  const watch = api.watch(`${quotas}?labelSelector=e2e%3Drq`);
  const wider = { cpu: '1', memory: '1Gi' };
  await api.change(`${url}/status`, (object) => ({ ...object, status: { ...object.status, hard: wider } }));
  const sawHard = (cpu: string): Promise<void> =>
    api
      .eventually(() => watch.events.some(({ object }) => String(object.status?.hard?.cpu) === cpu))
      .then(() => undefined);
  await sawHard('1');
  // The controller puts it right again.
  await api.eventually(async () => includes((await api.get(url)).status, { hard }));
  await api.patch(
    `${url}/status`,
    { metadata: { labels: { x: 'y' } }, status: { hard: { cpu: '2' } } },
    'merge',
  );
  await sawHard('2');
  await api.eventually(async () => includes((await api.get(url)).status, { hard }));
  includes(await api.get(url), { spec: { hard } });
  watch.stop();
});

const LIMITS = {
  type: 'Container',
  min: { cpu: '50m', memory: '100Mi', 'ephemeral-storage': '100Gi' },
  max: { cpu: '500m', memory: '500Mi', 'ephemeral-storage': '500Gi' },
  default: { cpu: '500m', memory: '500Mi', 'ephemeral-storage': '500Gi' },
  defaultRequest: { cpu: '100m', memory: '200Mi', 'ephemeral-storage': '200Gi' },
};
const resourcesOf = (pod: Fields): Fields | undefined => each(pod.spec?.containers)[0]?.resources;

test('LimitRange should create a LimitRange with defaults and ensure pod has those defaults applied.', async () => {
  const { core } = await place('limits');
  const ranges = `${core}/limitranges`;
  const watch = api.watch(`${ranges}?labelSelector=time%3Dnow`);
  await api.post(ranges, {
    metadata: { name: 'limit-range', labels: { time: 'now' } },
    spec: { limits: [LIMITS] },
  });
  await api.eventually(() => watch.seen().join() === 'ADDED limit-range');
  includes(await api.get(`${ranges}/limit-range`), { spec: { limits: [LIMITS] } });
  const none = await api.post(`${core}/pods`, podOf('pod-no-resources'));
  includes(resourcesOf(none), { requests: LIMITS.defaultRequest, limits: LIMITS.default });
  const partial = await api.post(
    `${core}/pods`,
    podOf(
      'pod-partial',
      { cpu: '300m', memory: '150Mi', 'ephemeral-storage': '150Gi' },
      { limits: { cpu: '300m', 'ephemeral-storage': '500Gi' } },
    ),
  );
  includes(resourcesOf(partial), {
    requests: { cpu: '300m', memory: '150Mi', 'ephemeral-storage': '150Gi' },
    limits: { cpu: '300m', memory: '500Mi', 'ephemeral-storage': '500Gi' },
  });
  const tooSmall = podOf('too-small', { cpu: '10m', memory: '50Mi', 'ephemeral-storage': '50Gi' });
  assert.equal((await refusal(api.post(`${core}/pods`, tooSmall))).code, 403);
  const tooLarge = podOf('too-large', { cpu: '600m', memory: '600Mi', 'ephemeral-storage': '600Gi' });
  assert.equal(
    (await refusal(api.post(`${core}/pods`, tooLarge))).code,
    422,
    'its requests are above its default limits',
  );
  const min = { cpu: '9m', memory: '49Mi', 'ephemeral-storage': '49Gi' };
  await api.change(`${ranges}/limit-range`, (object) => ({
    ...object,
    spec: { limits: [{ ...LIMITS, min }] },
  }));
  await api.post(`${core}/pods`, tooSmall);
  const larger = podOf('too-large', { cpu: '600m' }, { limits: { cpu: '600m' } });
  assert.equal((await refusal(api.post(`${core}/pods`, larger))).code, 403);
  await api.delete(`${ranges}/limit-range`);
  await api.eventually(() => watch.seen().at(-1) === 'DELETED limit-range');
  await api.post(`${core}/pods`, larger);
  watch.stop();
});

test('LimitRange should list, patch and delete a LimitRange by collection', async () => {
  const first = await place('limits-1');
  const second = await place('limits-2');
  const labels = { 'e2e-limitrange': 'collection' };
  const selector = 'labelSelector=e2e-limitrange%3Dcollection';
  for (const { core } of [first, second])
    await api.post(`${core}/limitranges`, {
      metadata: { name: 'e2e-limit', labels },
      spec: { limits: [LIMITS] },
    });
  assert.equal((await api.list(`${first.core}/limitranges?${selector}`)).length, 1);
  assert.equal((await api.list(`/api/v1/limitranges?${selector}`)).length, 2);
  const patch = {
    metadata: { labels: { 'e2e-limit': 'patched' } },
    spec: { limits: [{ ...LIMITS, min: { ...LIMITS.min, cpu: '40m' } }] },
  };
  const patched = await api.patch(`${first.core}/limitranges/e2e-limit`, patch, 'strategic');
  includes(patched, { metadata: patch.metadata });
  includes(each(patched.spec?.limits)[0], { min: { cpu: '40m' } });
  await api.delete(`${first.core}/limitranges?${selector}`);
  assert.deepEqual((await api.list(`${first.core}/limitranges`)).map(nameOf), []);
  assert.equal((await api.list(`/api/v1/limitranges?${selector}`)).length, 1);
});
