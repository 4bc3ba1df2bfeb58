/** Official tests of [sig-apps] ReplicaSet and ReplicationController. */

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

interface Kind {
  readonly kind: string;
  readonly path: (namespace: string) => string;
  readonly spec: (labels: { readonly [key: string]: string }, replicas: number) => object;
}
const SET: Kind = {
  kind: 'ReplicaSet',
  path: (namespace) => `/apis/apps/v1/namespaces/${namespace}/replicasets`,
  spec: (labels, replicas) => ({ replicas, selector: { matchLabels: labels }, template: template(labels) }),
};
const CONTROLLER: Kind = {
  kind: 'ReplicationController',
  path: (namespace) => `/api/v1/namespaces/${namespace}/replicationcontrollers`,
  spec: (labels, replicas) => ({ replicas, selector: labels, template: template(labels) }),
};

const running = (pods: string, count: number): Promise<readonly Fields[]> =>
  api.eventually(async () => {
    const list = await api.list(pods);
    assert.equal(list.filter(({ status }) => String(status?.phase) === 'Running').length, count);
    return list;
  });
const status = (url: string, part: object): Promise<void> =>
  api.eventually(async () => includes((await api.get(url)).status, part));

async function serves(kind: Kind): Promise<void> {
  const namespace = await api.namespace(`${kind.kind.toLowerCase()}-basic`);
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const made = await api.post(kind.path(namespace), {
    metadata: { name: 'my-hostname' },
    spec: kind.spec({ name: 'my-hostname' }, 1),
  });
  const [pod] = await running(pods, 1);
  assert.match(nameOf(pod), /^my-hostname-[a-z0-9]{5}$/);
  assert.ok(String(pod?.status?.podIP).startsWith('10.42.'));
  const [owner] = each(pod?.metadata?.ownerReferences);
  includes(owner, { kind: kind.kind, name: 'my-hostname', uid: made.metadata?.uid, controller: true });
}

test('ReplicaSet should serve a basic image on each replica with a public image', () => serves(SET));
test('ReplicationController should serve a basic image on each replica with a public image', () =>
  serves(CONTROLLER));

async function adopts(kind: Kind, namespace: string): Promise<{ url: string; pod: string; uid: unknown }> {
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const labels = { name: 'pod-adoption' };
  await api.post(pods, { ...template(labels), metadata: { name: 'pod-adoption', labels } });
  await running(pods, 1);
  const made = await api.post(kind.path(namespace), { metadata: { name: 'rs' }, spec: kind.spec(labels, 1) });
  const uid = made.metadata?.uid;
  await api.eventually(async () => {
    const { metadata } = await api.get(`${pods}/pod-adoption`);
    includes(each(metadata?.ownerReferences)[0], { controller: true, uid });
  });
  return { url: pods, pod: 'pod-adoption', uid };
}

async function releases({ url, pod, uid }: { url: string; pod: string; uid: unknown }): Promise<void> {
  await api.change(`${url}/${pod}`, (object) => ({
    ...object,
    metadata: { ...object.metadata, labels: { name: 'not-matching-name' } },
  }));
  await api.eventually(async () => {
    const { metadata } = await api.get(`${url}/${pod}`);
    assert.ok(!each(metadata?.ownerReferences).some((owner) => owner.uid === uid));
  });
  await running(url, 2);
}

test('ReplicaSet should adopt matching pods on creation and release no longer matching pods', async () => {
  await releases(await adopts(SET, await api.namespace('rs-adoption')));
});

test('ReplicationController should adopt matching pods on creation', async () => {
  await adopts(CONTROLLER, await api.namespace('rc-adoption'));
});

test('ReplicationController should release no longer matching pods', async () => {
  const namespace = await api.namespace('rc-release');
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const labels = { name: 'pod-release' };
  const made = await api.post(CONTROLLER.path(namespace), {
    metadata: { name: 'pod-release' },
    spec: CONTROLLER.spec(labels, 1),
  });
  const [pod] = await running(pods, 1);
  await releases({ url: pods, pod: nameOf(pod), uid: made.metadata?.uid });
});

async function scales(kind: Kind, namespace: string): Promise<string> {
  const url = `${kind.path(namespace)}/rs`;
  await api.post(kind.path(namespace), { metadata: { name: 'rs' }, spec: kind.spec({ name: 'p' }, 1) });
  await status(url, { replicas: 1 });
  const scale = await api.get(`${url}/scale`);
  includes(scale, { kind: 'Scale', spec: { replicas: 1 }, status: { replicas: 1, selector: 'name=p' } });
  const { name } = scale.metadata ?? {};
  includes(
    await api.put(`${url}/scale`, { ...scale, metadata: { name, namespace }, spec: { replicas: 2 } }),
    {
      spec: { replicas: 2 },
    },
  );
  await status(url, { replicas: 2 });
  return url;
}

test('ReplicaSet Replicaset should have a working scale subresource', async () => {
  const url = await scales(SET, await api.namespace('rs-scale'));
  await api.patch(
    `${url}/scale`,
    { metadata: {}, spec: { replicas: 4 }, status: { replicas: 0 } },
    'strategic',
  );
  includes(await api.get(url), { spec: { replicas: 4 } });
});

test('ReplicationController should get and update a ReplicationController scale', async () => {
  await scales(CONTROLLER, await api.namespace('rc-scale'));
});

test('ReplicaSet Replace and Patch tests', async () => {
  const namespace = await api.namespace('rs-replace');
  const url = `${SET.path(namespace)}/test-rs`;
  const watch = api.watch(`${SET.path(namespace)}?labelSelector=test-rs%3Dpatched`);
  await api.post(SET.path(namespace), { metadata: { name: 'test-rs' }, spec: SET.spec({ name: 'p' }, 1) });
  await running(`/api/v1/namespaces/${namespace}/pods`, 1);
  await api.change(url, (set) => ({ ...set, spec: { ...set.spec, replicas: 2 } }));
  const spec = { terminationGracePeriodSeconds: 0, containers: [{ name: 'test-rs', image: 'pause' }] };
  const patch = { metadata: { labels: { 'test-rs': 'patched' } }, spec: { replicas: 3, template: { spec } } };
  await api.patch(url, patch, 'strategic');
  await api.eventually(() =>
    watch.events.some(({ object }) => {
      const image = String(each(object.spec?.template?.spec?.containers)[0]?.image);
      return (
        [object.status?.readyReplicas, object.status?.availableReplicas].join() === '3,3' && image === 'pause'
      );
    }),
  );
  watch.stop();
});

test('ReplicaSet should list and delete a collection of ReplicaSets', async () => {
  const namespace = await api.namespace('rs-collection');
  const labels = { name: 'sample-pod', e2e: 'collection' };
  await api.post(SET.path(namespace), { metadata: { name: 'test-rs', labels }, spec: SET.spec(labels, 3) });
  await running(`/api/v1/namespaces/${namespace}/pods`, 3);
  const all = '/apis/apps/v1/replicasets?labelSelector=e2e%3Dcollection';
  assert.equal((await api.list(all)).length, 1);
  await api.delete(`${SET.path(namespace)}?labelSelector=e2e%3Dcollection`, { gracePeriodSeconds: 1 });
  assert.equal((await api.list(all)).length, 0);
});

test('ReplicaSet should validate Replicaset Status endpoints', async () => {
  const namespace = await api.namespace('rs-status');
  const labels = { name: 'sample-pod', pod: 'httpd' };
  const url = `${SET.path(namespace)}/test-rs`;
  const watch = api.watch(`${SET.path(namespace)}?labelSelector=name%3Dsample-pod`);
  await api.post(SET.path(namespace), { metadata: { name: 'test-rs', labels }, spec: SET.spec(labels, 1) });
  await running(`/api/v1/namespaces/${namespace}/pods`, 1);
  includes(await api.get(`${url}/status`), { kind: 'ReplicaSet' });
  const update = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test' };
  await api.change(`${url}/status`, (set) => ({
    ...set,
    status: { ...set.status, conditions: [...each(set.status?.conditions), update] },
  }));
  await api.eventually(() =>
    watch.events.some(({ object }) => condition(object, 'StatusUpdate') !== undefined),
  );
  await api.patch(`${url}/status`, { status: { conditions: [{ type: 'StatusPatched', status: 'True' }] } });
  await api.eventually(() =>
    watch.events.some(({ object }) => condition(object, 'StatusPatched') !== undefined),
  );
  watch.stop();
});

test('ReplicationController should surface a failure condition on a common issue like exceeded quota', async () => {
  const namespace = await api.namespace('rc-quota');
  const url = `${CONTROLLER.path(namespace)}/condition-test`;
  const quotas = `/api/v1/namespaces/${namespace}/resourcequotas`;
  await api.post(quotas, { metadata: { name: 'condition-test' }, spec: { hard: { pods: '2' } } });
  await status(`${quotas}/condition-test`, { hard: { pods: '2' } });
  await api.post(CONTROLLER.path(namespace), {
    metadata: { name: 'condition-test' },
    spec: CONTROLLER.spec({ name: 'condition-test' }, 3),
  });
  const failure = await api.eventually(async () => {
    const found = condition(await api.get(url), 'ReplicaFailure');
    assert.ok(found !== undefined);
    return found;
  });
  includes(failure, { status: 'True', reason: 'FailedCreate' });
  await api.change(url, (object) => ({ ...object, spec: { ...object.spec, replicas: 2 } }));
  await api.eventually(async () => assert.equal(condition(await api.get(url), 'ReplicaFailure'), undefined));
});

test('ReplicationController should test the lifecycle of a ReplicationController', async () => {
  const namespace = await api.namespace('rc-lifecycle');
  const labels = { 'test-rc-static': 'true' };
  const selector = 'labelSelector=test-rc-static%3Dtrue';
  const url = `${CONTROLLER.path(namespace)}/rc-test`;
  const watch = api.watch(`${CONTROLLER.path(namespace)}?${selector}`);
  await api.post(CONTROLLER.path(namespace), {
    metadata: { name: 'rc-test', labels },
    spec: CONTROLLER.spec(labels, 1),
  });
  await status(url, { replicas: 1, readyReplicas: 1 });
  const labelled = await api.patch(url, { metadata: { labels: { 'test-rc': 'patched' } } }, 'strategic');
  includes(labelled, { metadata: { labels: { 'test-rc': 'patched' } } });
  const zero = { status: { readyReplicas: 0, availableReplicas: 0 } };
  const patched = await api.patch(`${url}/status`, zero, 'strategic');
  assert.equal(patched.status?.readyReplicas ?? 0, 0);
  await api.eventually(() => watch.events.at(-1)?.type === 'MODIFIED');
  includes(await api.get(`${url}/status`), { status: { replicas: 1 } });
  await api.patch(
    `${url}/scale`,
    { metadata: {}, spec: { replicas: 2 }, status: { replicas: 0 } },
    'strategic',
  );
  await status(url, { replicas: 2, readyReplicas: 2 });
  await api.change(`${url}/status`, (object) => ({
    ...object,
    status: { ...object.status, availableReplicas: 1, readyReplicas: 1 },
  }));
  await status(url, { replicas: 2, readyReplicas: 2, availableReplicas: 2 });
  const listed = await api.list(`/api/v1/replicationcontrollers?${selector}`);
  includes(listed[0], { metadata: { labels: { 'test-rc': 'patched' } } });
  await api.delete(`${CONTROLLER.path(namespace)}?${selector}`);
  await api.eventually(() => watch.events.at(-1)?.type === 'DELETED');
  assert.equal(watch.events[0]?.type, 'ADDED');
  watch.stop();
});
