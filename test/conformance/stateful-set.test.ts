/**
 * Official tests of [sig-apps] StatefulSet. Where those break and mend an HTTP probe in a container, these
 * say by a readiness gate whether a pod is healthy.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  condition,
  each,
  includes,
  nameOf,
  startApi,
  type Api,
  type Fields,
  type WatchEvent,
} from './api.fixture.ts';

let api: Api;
before(async () => {
  api = await startApi();
});
after(() => api.cluster.stop());

const BASIC = 'StatefulSet Basic StatefulSet functionality [StatefulSetBasic]';
const LABELS = { foo: 'bar', baz: 'blah' };
const HEALTHY = 'example.com/healthy';
const OLD = 'httpd:2.4.38';
const NEW = 'httpd:2.4.39';

interface Place {
  readonly sets: string;
  readonly pods: string;
  readonly namespace: string;
}

async function place(name: string): Promise<Place> {
  const namespace = await api.namespace(name);
  await api.post(`/api/v1/namespaces/${namespace}/services`, {
    metadata: { name: 'test' },
    spec: { clusterIP: 'None', selector: LABELS, ports: [{ port: 80 }] },
  });
  return {
    sets: `/apis/apps/v1/namespaces/${namespace}/statefulsets`,
    pods: `/api/v1/namespaces/${namespace}/pods`,
    namespace,
  };
}

const setOf = (name: string, replicas: number, spec: object = {}, pod: object = {}): object => ({
  metadata: { name },
  spec: {
    replicas,
    serviceName: 'test',
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'webserver', image: OLD }], ...pod },
    },
    ...spec,
  },
});
const GATED = { readinessGates: [{ conditionType: HEALTHY }] };

const say = (pods: string, name: string, isHealthy: boolean): Promise<Fields> =>
  api.patch(
    `${pods}/${name}/status`,
    { status: { conditions: [{ type: HEALTHY, status: isHealthy ? 'True' : 'False' }] } },
    'strategic',
  );
async function sayAll(pods: string, isHealthy: boolean): Promise<void> {
  for (const pod of await api.list(pods)) await say(pods, nameOf(pod), isHealthy);
}

const isReady = (pod: Fields): boolean => condition(pod, 'Ready')?.status === ('True' as unknown);
const ready = (pods: string, count: number): Promise<readonly Fields[]> =>
  api.eventually(async () => {
    const list = await api.list(pods);
    assert.equal(list.filter(isReady).length, count);
    assert.equal(list.length, count);
    return list;
  });
const status = (url: string, part: object): Promise<Fields> =>
  api.eventually(async () => {
    const set = await api.get(url);
    // Counts of zero are not written.
    includes({ readyReplicas: 0, ...set.status }, part);
    assert.equal(set.status?.observedGeneration, set.metadata?.generation);
    return set;
  });
const imagesOf = (pods: readonly Fields[]): readonly string[] =>
  pods.map((pod) => String(each(pod.spec?.containers)[0]?.image));
const revisionsOf = (pods: readonly Fields[]): readonly unknown[] =>
  pods.map((pod) => pod.metadata?.labels?.['controller-revision-hash']);
const setImage = (url: string, image: string): Promise<Fields> =>
  api.patch(
    url,
    { spec: { template: { spec: { containers: [{ name: 'webserver', image }] } } } },
    'strategic',
  );

async function rolledTo(url: string, pods: string, image: string): Promise<Fields> {
  const set = await status(url, { replicas: 3, readyReplicas: 3, updatedReplicas: 3, currentReplicas: 3 });
  assert.deepEqual(imagesOf(await api.list(pods)), [image, image, image]);
  assert.equal(set.status?.currentRevision, set.status?.updateRevision);
  return set;
}

test(`${BASIC} should perform rolling updates and roll backs of template modifications`, async () => {
  const { sets, pods, namespace } = await place('rolling');
  const url = `${sets}/ss2`;
  await api.post(sets, setOf('ss2', 3));
  await ready(pods, 3);
  const first = (await rolledTo(url, pods, OLD)).status?.currentRevision;
  const watch = api.watch(pods);
  const setWatch = api.watch(sets);
  await setImage(url, NEW);
  const second = (await rolledTo(url, pods, NEW)).status?.currentRevision;
  assert.notEqual(second, first);
  const isRolling = ({ object: { status: seen } }: WatchEvent): boolean =>
    seen?.updateRevision === second && seen?.currentRevision === first;
  assert.ok(setWatch.events.some(isRolling), 'the status shows both revisions while it rolls');
  assert.deepEqual(
    watch.seen().filter((event) => event.startsWith('DELETED')),
    ['DELETED ss2-2', 'DELETED ss2-1', 'DELETED ss2-0'],
    'updated in reverse order',
  );
  await setImage(url, OLD);
  const back = (await rolledTo(url, pods, OLD)).status?.currentRevision;
  assert.equal(back, first, 'a roll back is no new revision');
  const revisions = await api.list(`/apis/apps/v1/namespaces/${namespace}/controllerrevisions`);
  assert.deepEqual(revisions.map(nameOf).toSorted(), [String(first), String(second)].toSorted());
  setWatch.stop();
  watch.stop();
});

/** Pods become healthy as they come, until the set says so much. */
const healed = (url: string, pods: string, part: object): Promise<Fields> =>
  api.eventually(async () => {
    for (const pod of await api.list(pods)) if (!isReady(pod)) await say(pods, nameOf(pod), true);
    const set = await api.get(url);
    includes(set.status, part);
    return set;
  });

test('a rollout and a roll back of a StatefulSet wait for a pod that is not healthy', async () => {
  const { sets, pods } = await place('halted');
  const url = `${sets}/ss2`;
  await api.post(sets, setOf('ss2', 3, {}, GATED));
  const first = (await healed(url, pods, { readyReplicas: 3, updatedReplicas: 3 })).status?.currentRevision;
  const halts = async (image: string, from: readonly string[]): Promise<string> => {
    await say(pods, 'ss2-1', false);
    await status(url, { readyReplicas: 2 });
    await setImage(url, image);
    await api.cluster.clock.advance('30s');
    const { status: halted } = await api.get(url);
    assert.notEqual(halted?.currentRevision, halted?.updateRevision);
    assert.deepEqual(imagesOf(await api.list(pods)), from);
    return String(halted?.updateRevision);
  };
  const next = await halts(NEW, [OLD, OLD, OLD]);
  await healed(url, pods, { readyReplicas: 3, updatedReplicas: 3, currentRevision: next });
  assert.equal(await halts(OLD, [NEW, NEW, NEW]), first);
  await healed(url, pods, { readyReplicas: 3, updatedReplicas: 3, currentRevision: first });
});

test(`${BASIC} should perform canary updates and phased rolling updates of template modifications`, async () => {
  const { sets, pods } = await place('canary');
  const url = `${sets}/ss2`;
  const partitioned = (partition: number): object => ({
    spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition } } },
  });
  await api.post(sets, setOf('ss2', 3, (partitioned(3) as { spec: object }).spec));
  await ready(pods, 3);
  const first = String((await rolledTo(url, pods, OLD)).status?.currentRevision);
  await setImage(url, NEW);
  const { status: updated } = await api.eventually(async () => {
    const set = await api.get(url);
    assert.notEqual(set.status?.updateRevision, set.status?.currentRevision);
    return set;
  });
  const next = String(updated?.updateRevision);
  await api.cluster.clock.advance('30s');
  assert.deepEqual(
    imagesOf(await api.list(pods)),
    [OLD, OLD, OLD],
    'a partition above the replicas holds all',
  );
  const expected = (partition: number): readonly string[] =>
    [0, 1, 2].map((i) => (i < partition ? first : next));
  for (const partition of [2, 1, 0]) {
    await api.patch(url, partitioned(partition));
    await api.eventually(async () => {
      const list = await ready(pods, 3);
      assert.deepEqual(revisionsOf(list), expected(partition));
      assert.deepEqual(
        imagesOf(list),
        expected(partition).map((revision) => (revision === first ? OLD : NEW)),
      );
    });
    if (partition !== 2) continue;
    for (const name of ['ss2-0', 'ss2-2']) await api.delete(`${pods}/${name}`);
    await api.cluster.clock.advance('5s');
    assert.deepEqual(revisionsOf(await ready(pods, 3)), expected(2), 'restored at the revision they had');
  }
  await status(url, { currentRevision: next, updateRevision: next });
});

test(`${BASIC} Scaling should happen in predictable order and halt if any stateful pod is unhealthy`, async () => {
  const { sets, pods } = await place('order');
  const url = `${sets}/ss`;
  const watch = api.watch(pods);
  const names = (type: string): readonly string[] =>
    watch.events.filter((event) => event.type === type).map(({ object }) => nameOf(object));
  await api.post(sets, setOf('ss', 1, {}, GATED));
  await api.eventually(() => say(pods, 'ss-0', true));
  await ready(pods, 1);
  await say(pods, 'ss-0', false);
  await status(url, { replicas: 1, readyReplicas: 0 });
  await api.patch(url, { spec: { replicas: 3 } });
  await api.cluster.clock.advance('10s');
  assert.equal((await api.list(pods)).length, 1, 'halted');
  for (const name of ['ss-0', 'ss-1', 'ss-2']) await api.eventually(() => say(pods, name, true));
  await ready(pods, 3);
  assert.deepEqual(names('ADDED'), ['ss-0', 'ss-1', 'ss-2']);
  await sayAll(pods, false);
  await status(url, { replicas: 3, readyReplicas: 0 });
  await api.patch(url, { spec: { replicas: 0 } });
  await api.cluster.clock.advance('10s');
  assert.equal((await api.list(pods)).length, 3, 'halted');
  await sayAll(pods, true);
  await api.eventually(async () => assert.equal((await api.list(pods)).length, 0));
  assert.deepEqual(names('DELETED'), ['ss-2', 'ss-1', 'ss-0']);
  watch.stop();
});

test(`${BASIC} Burst scaling should run to completion even with unhealthy pods`, async () => {
  const { sets, pods } = await place('burst');
  const url = `${sets}/ss`;
  await api.post(sets, setOf('ss', 1, { podManagementPolicy: 'Parallel' }, GATED));
  await api.eventually(() => say(pods, 'ss-0', true));
  await ready(pods, 1);
  await say(pods, 'ss-0', false);
  await status(url, { readyReplicas: 0 });
  await api.patch(url, { spec: { replicas: 3 } });
  await api.eventually(async () => assert.equal((await api.list(pods)).length, 3), 10_000);
  await sayAll(pods, true);
  await ready(pods, 3);
  await sayAll(pods, false);
  await status(url, { readyReplicas: 0 });
  await api.patch(url, { spec: { replicas: 0 } });
  await api.eventually(async () => assert.equal((await api.list(pods)).length, 0), 10_000);
  await status(url, { replicas: 0 });
});

test(`${BASIC} Should recreate evicted statefulset`, async () => {
  const { sets, pods } = await place('evicted');
  const ports = [{ name: 'conflict', hostPort: 21017, containerPort: 21017 }];
  const containers = [{ name: 'webserver', image: OLD, ports }];
  const nodeName = 'node-1';
  await api.post(pods, { metadata: { name: 'test-pod' }, spec: { nodeName, containers } });
  await api.eventually(async () =>
    includes(await api.get(`${pods}/test-pod`), { status: { phase: 'Running' } }),
  );
  const watch = api.watch(`${pods}?fieldSelector=metadata.name%3Dss-0`);
  await api.post(sets, setOf('ss', 1, {}, { nodeName, containers }));
  await api.eventually(() => watch.events.some(({ type }) => type === 'DELETED'));
  const failed = watch.events.find(({ object }) => object.status?.phase === ('Failed' as unknown));
  assert.ok(failed !== undefined, 'the kubelet refused it');
  await api.delete(`${pods}/test-pod`, { gracePeriodSeconds: 0 });
  await api.eventually(async () => {
    const pod = await api.get(`${pods}/ss-0`);
    assert.equal(pod.status?.phase, 'Running');
    assert.notEqual(pod.metadata?.uid, failed.object.metadata?.uid);
  });
  watch.stop();
});

test(`${BASIC} should have a working scale subresource`, async () => {
  const { sets, pods } = await place('scale');
  const url = `${sets}/ss`;
  await api.post(sets, setOf('ss', 1));
  await ready(pods, 1);
  await status(url, { replicas: 1 });
  const scale = await api.get(`${url}/scale`);
  includes(scale, { spec: { replicas: 1 }, status: { replicas: 1 } });
  const { name, namespace } = scale.metadata ?? {};
  const wanted = { ...scale, metadata: { name, namespace }, spec: { replicas: 2 } };
  includes(await api.put(`${url}/scale`, wanted), { spec: { replicas: 2 } });
  includes(await api.get(url), { spec: { replicas: 2 } });
  const patch = { metadata: { creationTimestamp: null }, spec: { replicas: 4 }, status: { replicas: 0 } };
  await api.patch(`${url}/scale`, patch, 'strategic');
  includes(await api.get(url), { spec: { replicas: 4 } });
});

test(`${BASIC} should list, patch and delete a collection of StatefulSets`, async () => {
  const { sets, pods } = await place('collection');
  const url = `${sets}/test-ss`;
  await api.post(sets, setOf('test-ss', 1));
  await ready(pods, 1);
  // The capital letter is upstream's mistake, and ignored there as a field that is not known.
  const spec = { TerminationGracePeriodSeconds: 1, containers: [{ name: 'test-ss', image: 'pause' }] };
  const patch = { metadata: { labels: { 'test-ss': 'patched' } }, spec: { replicas: 2, template: { spec } } };
  await api.patch(url, patch, 'strategic');
  const patched = await api.get(url);
  assert.equal(patched.spec?.replicas, 2);
  assert.deepEqual(
    each(patched.spec?.template?.spec?.containers).map(({ image }) => image),
    ['pause', OLD],
    'a container of another name is put first',
  );
  await api.eventually(async () => assert.equal((await ready(pods, 2)).length, 2));
  const all = '/apis/apps/v1/statefulsets?labelSelector=test-ss%3Dpatched';
  assert.equal((await api.list(all)).length, 1);
  await api.delete(`${sets}?labelSelector=test-ss%3Dpatched`, { gracePeriodSeconds: 1 });
  assert.equal((await api.list(all)).length, 0);
});

test(`${BASIC} should validate Statefulset Status endpoints`, async () => {
  const { sets, pods } = await place('status');
  const url = `${sets}/ss`;
  const watch = api.watch(`${sets}?labelSelector=e2e%3Dtesting`);
  await api.post(sets, setOf('ss', 1));
  await ready(pods, 1);
  await api.patch(url, { metadata: { labels: { e2e: 'testing' } } }, 'strategic');
  includes(await api.get(`${url}/status`), { kind: 'StatefulSet', status: { replicas: 1 } });
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
