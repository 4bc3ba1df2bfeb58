/** Official tests of [sig-api-machinery] Garbage collector, Namespaces and OrderedNamespaceDeletion. */

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
  api = await startApi();
});
after(() => api.cluster.stop());

interface Place {
  readonly controllers: string;
  readonly deployments: string;
  readonly sets: string;
  readonly pods: string;
}

async function place(name: string): Promise<Place> {
  const namespace = await api.namespace(name);
  return {
    controllers: `/api/v1/namespaces/${namespace}/replicationcontrollers`,
    deployments: `/apis/apps/v1/namespaces/${namespace}/deployments`,
    sets: `/apis/apps/v1/namespaces/${namespace}/replicasets`,
    pods: `/api/v1/namespaces/${namespace}/pods`,
  };
}

const controller = (name: string, replicas: number, labels: { readonly [key: string]: string }): object => ({
  metadata: { name },
  spec: { replicas, selector: labels, template: template(labels) },
});
const counted = (url: string, replicas: number): Promise<Fields> =>
  api.eventually(async () => {
    const object = await api.get(url);
    includes(object.status, { replicas });
    return object;
  });
const deletion = (object: Fields, propagationPolicy: string): object => ({
  propagationPolicy,
  preconditions: { uid: object.metadata?.uid },
});

test('Garbage collector should delete pods created by rc when not orphaning', async () => {
  const { controllers, pods } = await place('rc-background');
  const url = `${controllers}/simpletest.rc`;
  await api.post(controllers, controller('simpletest.rc', 2, { app: 'gc' }));
  await api.delete(url, deletion(await counted(url, 2), 'Background'));
  await api.gone(url, 0);
  await api.eventually(async () => assert.deepEqual(await api.list(pods), []));
});

test('Garbage collector should orphan pods created by rc if delete options say so', async () => {
  const { controllers, pods } = await place('rc-orphan');
  const url = `${controllers}/simpletest.rc`;
  await api.post(controllers, controller('simpletest.rc', 20, { app: 'gc' }));
  await api.delete(url, deletion(await counted(url, 20), 'Orphan'));
  await api.gone(url);
  await api.cluster.clock.advance('30s');
  const left = await api.list(pods);
  assert.equal(left.length, 20);
  assert.ok(left.every(({ metadata }) => each(metadata?.ownerReferences).length === 0));
});

test('Garbage collector should delete RS created by deployment when not orphaning', async () => {
  const { deployments, sets, pods } = await place('deployment-background');
  const spec = { replicas: 2, selector: { matchLabels: { app: 'gc' } }, template: template({ app: 'gc' }) };
  const made = await api.post(deployments, { metadata: { name: 'simpletest.deployment' }, spec });
  await api.eventually(async () => assert.equal((await api.list(sets)).length, 1));
  await api.delete(`${deployments}/simpletest.deployment`, deletion(made, 'Background'));
  await api.eventually(async () => {
    assert.deepEqual(await api.list(sets), []);
    assert.deepEqual(await api.list(pods), []);
  });
});

test('Garbage collector should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan', async () => {
  const { deployments, sets } = await place('deployment-orphan');
  const spec = { replicas: 2, selector: { matchLabels: { app: 'gc' } }, template: template({ app: 'gc' }) };
  const made = await api.post(deployments, { metadata: { name: 'simpletest.deployment' }, spec });
  await api.eventually(async () => includes((await api.list(sets))[0]?.status, { replicas: 2 }));
  await api.delete(`${deployments}/simpletest.deployment`, deletion(made, 'Orphan'));
  await api.gone(`${deployments}/simpletest.deployment`);
  await api.cluster.clock.advance('30s');
  const [set, ...more] = await api.list(sets);
  assert.deepEqual(more, []);
  assert.deepEqual(each(set?.metadata?.ownerReferences), []);
  assert.equal(set?.spec?.replicas, 2);
});

test('Garbage collector should keep the rc around until all its pods are deleted if the deleteOptions says so', async () => {
  const { controllers, pods } = await place('rc-foreground');
  const url = `${controllers}/simpletest.rc`;
  const made = controller('simpletest.rc', 10, { app: 'gc' }) as { spec: { template: { spec: object } } };
  Object.assign(made.spec.template.spec, { terminationGracePeriodSeconds: 30 });
  await api.post(controllers, made);
  const watch = api.watch(pods);
  const rcWatch = api.watch(controllers);
  await api.delete(url, deletion(await counted(url, 10), 'Foreground'));
  const waiting = await api.get(url);
  assert.ok(waiting.metadata?.deletionTimestamp !== undefined);
  assert.deepEqual(waiting.metadata?.finalizers, ['foregroundDeletion']);
  await api.gone(url);
  assert.deepEqual(await api.list(pods), []);
  const version = (one: Fields | undefined): number => Number(one?.metadata?.resourceVersion);
  assert.ok(
    version(rcWatch.events.at(-1)?.object) > version(watch.events.at(-1)?.object),
    'the rc went last',
  );
  watch.stop();
  rcWatch.stop();
});

test("Garbage collector should not delete dependents that have both valid owner and owner that's waiting for dependents to be deleted", async () => {
  const { controllers, pods } = await place('two-owners');
  const names = ['simpletest-rc-to-be-deleted', 'simpletest-rc-to-stay'] as const;
  const [going, staying] = names.map((name) => `${controllers}/${name}`);
  assert.ok(going !== undefined && staying !== undefined);
  await api.post(controllers, controller(names[0], 10, { gc: 'going' }));
  const stays = await api.post(controllers, controller(names[1], 0, { gc: 'staying' }));
  await counted(going, 10);
  const half = (await api.list(pods)).slice(0, 5).map(nameOf);
  const owner = {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    name: names[1],
    uid: stays.metadata?.uid,
  };
  for (const name of half) {
    await api.patch(`${pods}/${name}`, { metadata: { ownerReferences: [owner] } }, 'strategic');
    assert.equal(each((await api.get(`${pods}/${name}`)).metadata?.ownerReferences).length, 2);
  }
  await api.delete(going, deletion(await api.get(going), 'Foreground'));
  await api.gone(going);
  await api.cluster.clock.advance('30s');
  const left = await api.list(pods);
  assert.deepEqual(left.map(nameOf).toSorted(), half.toSorted());
  for (const { metadata } of left) {
    assert.equal(metadata?.deletionTimestamp, undefined);
    assert.deepEqual(
      each(metadata?.ownerReferences).map(({ name }) => name),
      [names[1]],
    );
  }
});

test('Garbage collector should not be blocked by dependency circle', async () => {
  const { pods } = await place('circle');
  const uids = new Map<string, Fields | undefined>();
  for (const name of ['pod1', 'pod2', 'pod3']) {
    const made = await api.post(pods, { ...template({ gc: 'circle' }), metadata: { name } });
    uids.set(name, made.metadata?.uid);
  }
  for (const [owned, owner] of [
    ['pod1', 'pod3'],
    ['pod2', 'pod1'],
    ['pod3', 'pod2'],
  ] as const) {
    const reference = { apiVersion: 'v1', kind: 'Pod', name: owner, uid: uids.get(owner) };
    const ownerReferences = [{ ...reference, controller: true, blockOwnerDeletion: true }];
    await api.patch(`${pods}/${owned}`, { metadata: { ownerReferences } }, 'strategic');
  }
  await api.delete(`${pods}/pod1`, { propagationPolicy: 'Foreground' });
  await api.eventually(async () => assert.deepEqual(await api.list(pods), []));
});

test('Namespaces should ensure that all pods are removed when a namespace is deleted', async () => {
  const { pods } = await place('nsdeletetest');
  await api.post(pods, { ...template({}), metadata: { name: 'test-pod' } });
  await api.eventually(async () =>
    includes(await api.get(`${pods}/test-pod`), { status: { phase: 'Running' } }),
  );
  await api.delete('/api/v1/namespaces/nsdeletetest');
  includes(await api.get('/api/v1/namespaces/nsdeletetest'), { status: { phase: 'Terminating' } });
  await api.gone('/api/v1/namespaces/nsdeletetest');
  const again = await place('nsdeletetest');
  assert.deepEqual(await api.list(again.pods), []);
});

test('Namespaces should ensure that all services are removed when a namespace is deleted', async () => {
  const services = `/api/v1/namespaces/${await api.namespace('nsservices')}/services`;
  const spec = { selector: { foo: 'bar' }, ports: [{ port: 80, targetPort: 80 }] };
  await api.post(services, { metadata: { name: 'test-service' }, spec });
  await api.delete('/api/v1/namespaces/nsservices');
  await api.gone('/api/v1/namespaces/nsservices');
  await api.namespace('nsservices');
  assert.deepEqual(await api.list(services), []);
});

test('Namespaces should patch a Namespace', async () => {
  await api.namespace('nspatchtest');
  const patch = { metadata: { labels: { testLabel: 'testValue' } } };
  await api.patch('/api/v1/namespaces/nspatchtest', patch, 'strategic');
  includes(await api.get('/api/v1/namespaces/nspatchtest'), patch);
});

test('Namespaces should apply changes to a namespace status', async () => {
  await api.namespace('nsstatus');
  const url = '/api/v1/namespaces/nsstatus';
  includes(await api.get(`${url}/status`), { kind: 'Namespace', status: { phase: 'Active' } });
  const patch = { type: 'StatusPatch', status: 'True', reason: 'E2E', message: 'Patched by an e2e test' };
  const patched = await api.patch(`${url}/status`, { status: { conditions: [patch] } });
  includes(each(patched.status?.conditions)[0], patch);
  const update = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Updated by an e2e test' };
  const updated = await api.change(`${url}/status`, (object) => ({
    ...object,
    status: { ...object.status, conditions: [...each(object.status?.conditions), update] },
  }));
  assert.equal(each(updated.status?.conditions).length, 2);
  includes(condition(updated, 'StatusUpdate'), update);
});

test('Namespaces should apply an update to a Namespace', async () => {
  await api.namespace('nsupdate');
  const updated = await api.change('/api/v1/namespaces/nsupdate', (object) => ({
    ...object,
    metadata: { ...object.metadata, labels: { ...object.metadata?.labels, nsupdate: 'updated' } },
  }));
  includes(updated.metadata?.labels, { nsupdate: 'updated', 'kubernetes.io/metadata.name': 'nsupdate' });
});

test('Namespaces should apply a finalizer to a Namespace', async () => {
  const fake = 'e2e.example.com/fakeFinalizer';
  const url = '/api/v1/namespaces/e2e-ns';
  await api.namespace('e2e-ns');
  const finalize = (change: (finalizers: readonly unknown[]) => readonly unknown[]): Promise<Fields> =>
    api.get(url).then((object) =>
      api.put(`${url}/finalize`, {
        ...object,
        spec: { finalizers: change(each(object.spec?.finalizers)) },
      }),
    );
  const added = await finalize((finalizers) => [...finalizers, fake]);
  assert.deepEqual(added.spec?.finalizers, ['kubernetes', fake]);
  await api.delete(url);
  await api.cluster.clock.advance('10s');
  includes(await api.get(url), { status: { phase: 'Terminating' }, spec: { finalizers: [fake] } });
  await finalize((finalizers) => finalizers.filter((one) => one !== fake));
  await api.gone(url);
});

test('OrderedNamespaceDeletion namespace deletion should delete pod first', async () => {
  const { pods } = await place('ordered');
  const maps = '/api/v1/namespaces/ordered/configmaps';
  const finalizers = ['e2e.example.com/finalizer'];
  await api.post(pods, { ...template({}), metadata: { name: 'test-pod', finalizers } });
  await api.post(maps, { metadata: { name: 'test-configmap' }, data: { key: 'value' } });
  await api.delete('/api/v1/namespaces/ordered');
  await api.eventually(async () => {
    const { metadata } = await api.get(`${pods}/test-pod`);
    assert.ok(metadata?.deletionTimestamp !== undefined);
  });
  await api.cluster.clock.advance('20s');
  const waiting = await api.get('/api/v1/namespaces/ordered');
  includes(condition(waiting, 'NamespaceContentRemaining'), {
    status: 'True',
    reason: 'SomeResourcesRemain',
  });
  includes(condition(waiting, 'NamespaceFinalizersRemaining'), {
    status: 'True',
    reason: 'SomeFinalizersRemain',
  });
  assert.equal((await api.get(`${maps}/test-configmap`)).metadata?.deletionTimestamp, undefined);
  await api.patch(`${pods}/test-pod`, { metadata: { finalizers: null } });
  await api.gone('/api/v1/namespaces/ordered');
  assert.equal((await refusal(api.get(`${maps}/test-configmap`))).code, 404);
});
