/** Official tests of [sig-apps] Deployment. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  condition,
  each,
  includes,
  nameOf,
  startApi,
  template,
  type Api,
  type Fields,
} from './api.fixture.ts';

let api: Api;
before(async () => {
  api = await startApi();
});
after(() => api.cluster.stop());

const REVISION = 'deployment.kubernetes.io/revision';
const OLD = 'httpd:2.4.38';
const NEW = 'agnhost:2.53';

interface Place {
  readonly deployments: string;
  readonly sets: string;
  readonly pods: string;
}

async function place(name: string): Promise<Place> {
  const namespace = await api.namespace(name);
  return {
    deployments: `/apis/apps/v1/namespaces/${namespace}/deployments`,
    sets: `/apis/apps/v1/namespaces/${namespace}/replicasets`,
    pods: `/api/v1/namespaces/${namespace}/pods`,
  };
}

const deployment = (
  name: string,
  labels: { readonly [key: string]: string },
  image: string,
  spec: object = {},
): object => ({
  metadata: { name, labels },
  spec: { replicas: 1, selector: { matchLabels: labels }, template: template(labels, image), ...spec },
});
const set = (name: string, labels: { readonly [key: string]: string }, spec: object = {}): object =>
  deployment(name, labels, OLD, spec);

const isComplete = ({ spec, status, metadata }: Fields): boolean =>
  [status?.replicas, status?.updatedReplicas, status?.availableReplicas].every(
    (count) => count === spec?.replicas,
  ) && status?.observedGeneration === metadata?.generation;
const complete = (url: string): Promise<Fields> =>
  api.eventually(async () => {
    const object = await api.get(url);
    assert.ok(isComplete(object), JSON.stringify(object.status));
    return object;
  });
const running = (url: string, count: number): Promise<void> =>
  api.eventually(async () => {
    const pods = await api.list(url);
    assert.deepEqual(
      pods.map(({ status }) => status?.phase),
      Array.from({ length: count }, () => 'Running'),
    );
  });

test('Deployment RollingUpdateDeployment should delete old pods and create new ones', async () => {
  const { deployments, sets, pods } = await place('rolling');
  await api.post(sets, {
    ...set('adopted', { name: 'sample-pod', pod: 'httpd' }),
    metadata: {
      name: 'adopted',
      labels: { name: 'sample-pod', pod: 'httpd' },
      annotations: { [REVISION]: '3546343826724305832' },
    },
  });
  await running(pods, 1);
  await api.post(deployments, deployment('rolling', { name: 'sample-pod' }, NEW));
  const done = await complete(`${deployments}/rolling`);
  assert.equal(done.metadata?.annotations?.[REVISION], '3546343826724305833');
  const [old, ...more] = (await api.list(sets)).filter(({ spec }) => Number(spec?.replicas) === 0);
  assert.equal(nameOf(old), 'adopted');
  assert.deepEqual(more, []);
  includes(old, {
    metadata: { ownerReferences: [{ kind: 'Deployment', name: 'rolling', controller: true }] },
  });
});

test('Deployment RecreateDeployment should delete old pods and create new ones', async () => {
  const { deployments, pods } = await place('recreate');
  await api.post(deployments, deployment('recreate', { name: 'p' }, NEW, { strategy: { type: 'Recreate' } }));
  await complete(`${deployments}/recreate`);
  const watch = api.watch(pods);
  await api.change(`${deployments}/recreate`, (object) => ({
    ...object,
    spec: { ...object.spec, template: template({ name: 'p' }, OLD) },
  }));
  await complete(`${deployments}/recreate`);
  const imageOf = (object: Fields): string => String(each(object.spec?.containers)[0]?.image);
  const firstNew = watch.events.findIndex(({ object }) => imageOf(object) === OLD);
  const lastOld = watch.events.findLastIndex(({ object }) => imageOf(object) === NEW);
  assert.equal(watch.events[lastOld]?.type, 'DELETED');
  assert.ok(lastOld < firstNew, 'no new pod before the last old one has gone');
  watch.stop();
});

test('Deployment deployment should delete old replica sets', async () => {
  const { deployments, sets, pods } = await place('clean-up');
  await api.post(sets, set('cleanup-controller', { name: 'cleanup-pod', pod: 'httpd' }));
  await running(pods, 1);
  const version = (await api.get(pods)).metadata?.resourceVersion;
  const watch = api.watch(`${pods}?resourceVersion=${version}`);
  await api.post(
    deployments,
    deployment('cleanup', { name: 'cleanup-pod' }, NEW, { revisionHistoryLimit: 0 }),
  );
  await api.gone(`${sets}/cleanup-controller`);
  assert.equal((await api.list(sets)).length, 1);
  assert.equal(watch.seen().filter((event) => event.startsWith('ADDED')).length, 1);
  watch.stop();
});

test('Deployment deployment should support rollover', async () => {
  const { deployments, sets, pods } = await place('rollover');
  await api.post(sets, set('rollover-controller', { name: 'rollover-pod', pod: 'httpd' }));
  await running(pods, 1);
  // Never ready, so that this rollout does not end.
  const stuck = {
    metadata: { labels: { name: 'rollover-pod' } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: 'x', readinessProbe: { exec: { command: ['false'] } } }],
    },
  };
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
  const spec = { minReadySeconds: 10, strategy, template: stuck };
  await api.post(deployments, deployment('rollover', { name: 'rollover-pod' }, 'x', spec));
  await api.eventually(async () => {
    const { metadata, status } = await api.get(`${deployments}/rollover`);
    assert.equal(status?.updatedReplicas, 1);
    assert.equal(metadata?.annotations?.[REVISION], '1');
  });
  const [first] = (await api.list(sets)).filter((one) => nameOf(one) !== 'rollover-controller');
  await api.change(`${deployments}/rollover`, (object) => ({
    ...object,
    spec: { ...object.spec, template: template({ name: 'rollover-pod' }, NEW) },
  }));
  const done = await complete(`${deployments}/rollover`);
  assert.equal(done.metadata?.annotations?.[REVISION], '2');
  for (const name of [nameOf(first), 'rollover-controller']) {
    await api.eventually(async () => assert.equal((await api.get(`${sets}/${name}`)).status?.replicas, 0));
  }
});

test('Deployment deployment should support proportional scaling', async () => {
  const { deployments, sets } = await place('proportional');
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } };
  const url = `${deployments}/web`;
  await api.post(deployments, deployment('web', { name: 'httpd' }, OLD, { replicas: 10, strategy }));
  await complete(url);
  const [first] = await api.list(sets);
  await api.patch(url, {
    spec: {
      template: {
        spec: {
          containers: [{ name: 'main', image: 'y', readinessProbe: { exec: { command: ['false'] } } }],
        },
      },
    },
  });
  const replicasOf = async (): Promise<Readonly<Record<string, unknown>>> =>
    Object.fromEntries(
      (await api.list(sets)).map((one) => [
        nameOf(one) === nameOf(first) ? 'old' : 'new',
        one.spec?.replicas,
      ]),
    );
  // Eight stay available; three more than wanted may be there.
  await api.eventually(async () => assert.deepEqual(await replicasOf(), { old: 8, new: 5 }));
  await api.eventually(async () => assert.equal((await api.get(url)).status?.availableReplicas, 8));
  await api.change(url, (object) => ({ ...object, spec: { ...object.spec, replicas: 30 } }));
  await api.eventually(async () => assert.deepEqual(await replicasOf(), { old: 20, new: 13 }));
});

test('Deployment Deployment should have a working scale subresource', async () => {
  const { deployments } = await place('scale');
  const url = `${deployments}/web`;
  await api.post(deployments, deployment('web', { name: 'httpd' }, OLD));
  await complete(url);
  const scale = await api.get(`${url}/scale`);
  includes(scale, {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    spec: { replicas: 1 },
    status: { replicas: 1 },
  });
  const { resourceVersion: _, ...metadata } = scale.metadata as Record<string, Fields>;
  includes(await api.put(`${url}/scale`, { ...scale, metadata, spec: { replicas: 2 } }), {
    spec: { replicas: 2 },
  });
  assert.equal((await api.get(url)).spec?.replicas, 2);
  const scaled = { metadata: { creationTimestamp: null }, spec: { replicas: 4 }, status: { replicas: 0 } };
  await api.patch(`${url}/scale`, scaled, 'strategic');
  assert.equal((await api.get(url)).spec?.replicas, 4);
});

test('Deployment should run the lifecycle of a Deployment', async () => {
  const { deployments } = await place('lifecycle');
  const labels = { 'test-deployment-static': 'true' };
  const selector = 'labelSelector=test-deployment-static%3Dtrue';
  const url = `${deployments}/test`;
  const watch = api.watch(`${deployments}?${selector}`);
  const created = deployment('test', labels, NEW, { replicas: 2 }) as { metadata: object; spec: object };
  await api.post(deployments, created);
  await api.eventually(() => watch.events.some(({ object }) => Number(object.status?.readyReplicas) === 2));
  assert.equal(watch.events[0]?.type, 'ADDED');
  await api.patch(
    url,
    {
      metadata: { labels: { 'test-deployment': 'patched' } },
      spec: {
        replicas: 1,
        template: {
          spec: { terminationGracePeriodSeconds: 2, containers: [{ name: 'main', image: 'pause' }] },
        },
      },
    },
    'strategic',
  );
  const patched = await complete(url);
  includes(patched.spec?.template?.spec, { terminationGracePeriodSeconds: 2 });
  includes(patched.status, { readyReplicas: 1, updatedReplicas: 1 });
  assert.equal(patched.status?.unavailableReplicas, undefined);
  const listed = await api.list(`/apis/apps/v1/deployments?${selector}`);
  assert.deepEqual(listed.map(nameOf), ['test']);
  await api.put(url, {
    ...created,
    metadata: { name: 'test', labels: { ...labels, 'test-deployment': 'updated' } },
    spec: { ...created.spec, template: template(labels, OLD) },
  });
  includes(await api.get(`${url}/status`), {
    metadata: { labels: { 'test-deployment': 'updated' } },
    spec: { template: { spec: { containers: [{ image: OLD }] } } },
  });
  await complete(url);
  const zero = {
    metadata: { labels: { 'test-deployment': 'patched-status' } },
    status: { readyReplicas: 0, availableReplicas: 0 },
  };
  await api.patch(`${url}/status`, zero, 'strategic');
  includes(await api.get(`${url}/status`), { metadata: { labels: { 'test-deployment': 'updated' } } });
  await complete(url);
  await api.delete(`${deployments}?${selector}`, { gracePeriodSeconds: 1 });
  await api.eventually(() => watch.events.at(-1)?.type === 'DELETED');
  watch.stop();
});

test('Deployment should validate Deployment Status endpoints', async () => {
  const { deployments } = await place('status');
  const url = `${deployments}/web`;
  await api.post(deployments, deployment('web', { name: 'httpd', e2e: 'testing' }, OLD));
  const done = await complete(url);
  assert.equal(done.metadata?.annotations?.[REVISION], '1');
  const watch = api.watch(`${deployments}?labelSelector=e2e%3Dtesting`);
  const update = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test' };
  await api.change(`${url}/status`, (object) => ({
    ...object,
    status: { ...object.status, conditions: [...each(object.status?.conditions), update] },
  }));
  await api.eventually(() =>
    watch.events.some(({ object }) => condition(object, 'StatusUpdate') !== undefined),
  );
  const patch = { status: { conditions: [{ type: 'StatusPatched', status: 'True' }] } };
  const patched = await api.patch(`${url}/status`, patch);
  assert.equal(each(patched.status?.conditions).length, 1);
  await api.eventually(() =>
    watch.events.some(({ object }) => condition(object, 'StatusPatched') !== undefined),
  );
  watch.stop();
});
