/** Official tests of [sig-apps] Daemon set and ControllerRevision. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { condition, each, includes, nameOf, startApi, type Api, type Fields } from './api.fixture.ts';

let api: Api;
before(async () => {
  api = await startApi();
});
after(() => api.cluster.stop());

const OLD = 'httpd:2.4.38';
const NEW = 'agnhost:2.53';
const NODES = ['node-1', 'node-2'];
const LABELS = { 'daemonset-name': 'daemon-set' };

interface Place {
  readonly sets: string;
  readonly url: string;
  readonly pods: string;
  readonly revisions: string;
}

async function place(name: string): Promise<Place> {
  const namespace = await api.namespace(name);
  const apps = `/apis/apps/v1/namespaces/${namespace}`;
  return {
    sets: `${apps}/daemonsets`,
    url: `${apps}/daemonsets/daemon-set`,
    pods: `/api/v1/namespaces/${namespace}/pods`,
    revisions: `${apps}/controllerrevisions`,
  };
}

const setOf = (pod: object = {}, more: object = {}): object => ({
  metadata: { name: 'daemon-set', labels: LABELS },
  spec: {
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'app', image: OLD }], ...pod },
    },
    ...more,
  },
});
const isReady = (pod: Fields): boolean => String(condition(pod, 'Ready')?.status) === 'True';

/** One available pod on each of these nodes, and no other. */
const runsOn = (pods: string, nodes: readonly string[]): Promise<readonly Fields[]> =>
  api.eventually(async () => {
    const list = (await api.list(pods)).filter((pod) => pod.metadata?.deletionTimestamp === undefined);
    assert.deepEqual(
      list
        .filter(isReady)
        .map(({ spec }) => String(spec?.nodeName))
        .toSorted(),
      nodes,
    );
    return list;
  });
const setImage = (url: string, image: string): Promise<Fields> =>
  api.patch(url, { spec: { template: { spec: { containers: [{ name: 'app', image }] } } } }, 'strategic');
const imagesOf = (pods: readonly Fields[]): readonly string[] =>
  pods.map((pod) => String(each(pod.spec?.containers)[0]?.image));

test('Daemon set should run and stop simple daemon', async () => {
  const { sets, url, pods } = await place('simple');
  await api.post(sets, setOf());
  const [first] = await runsOn(pods, NODES);
  await api.eventually(async () => {
    const { status } = await api.get(url);
    includes(status, { desiredNumberScheduled: 2, currentNumberScheduled: 2, numberReady: 2 });
  });
  await api.delete(`${pods}/${nameOf(first)}`);
  const after = await runsOn(pods, NODES);
  assert.ok(!after.some((pod) => nameOf(pod) === nameOf(first)));
});

test('Daemon set should run and stop complex daemon', async () => {
  const { sets, url, pods } = await place('complex');
  await api.post(sets, setOf({ nodeSelector: { color: 'blue' } }));
  await api.cluster.clock.advance('10s');
  await runsOn(pods, []);
  const label = (color: string | null): Promise<Fields> =>
    api.patch('/api/v1/nodes/node-1', { metadata: { labels: { color } } });
  await label('blue');
  await runsOn(pods, ['node-1']);
  await label('green');
  await runsOn(pods, []);
  const updateStrategy = { type: 'RollingUpdate' };
  await api.patch(url, {
    spec: { updateStrategy, template: { spec: { nodeSelector: { color: 'green' } } } },
  });
  await runsOn(pods, ['node-1']);
  await label(null);
  await runsOn(pods, []);
});

test('Daemon set should retry creating failed daemon pods', async () => {
  const { sets, pods } = await place('failed');
  await api.post(sets, setOf());
  const [pod] = await runsOn(pods, NODES);
  await api.patch(`${pods}/${nameOf(pod)}/status`, { status: { phase: 'Failed' } });
  await api.gone(`${pods}/${nameOf(pod)}`);
  await runsOn(pods, NODES);
});

async function revision(url: string, revisions: string, number: number): Promise<unknown> {
  const found = await api.eventually(async () => {
    const [owner, list] = [await api.get(url), await api.list(revisions)];
    const ours = list.filter((one) => each(one.metadata?.ownerReferences)[0]?.uid === owner.metadata?.uid);
    const newest = ours.find((one) => Number(one.revision) === number);
    assert.ok(newest !== undefined, `no revision ${number}`);
    return newest;
  });
  return found.metadata?.labels?.['controller-revision-hash'];
}

test('Daemon set should update pod when spec was updated and update strategy is RollingUpdate', async () => {
  const { sets, url, pods, revisions } = await place('update');
  await api.post(sets, setOf({}, { updateStrategy: { type: 'RollingUpdate' } }));
  const hashes = (list: readonly Fields[]): readonly unknown[] =>
    list.map(({ metadata }) => metadata?.labels?.['controller-revision-hash']);
  const before = await runsOn(pods, NODES);
  const first = await revision(url, revisions, 1);
  assert.deepEqual(hashes(before), [first, first]);
  await setImage(url, NEW);
  await api.eventually(async () => {
    const list = await runsOn(pods, NODES);
    assert.deepEqual(imagesOf(list), [NEW, NEW]);
  });
  const second = await revision(url, revisions, 2);
  assert.notEqual(second, first);
  assert.deepEqual(hashes(await runsOn(pods, NODES)), [second, second]);
});

test('Daemon set should rollback without unnecessary restarts', async () => {
  const { sets, url, pods } = await place('rollback');
  await api.post(sets, setOf({}, { updateStrategy: { type: 'RollingUpdate' } }));
  await runsOn(pods, NODES);
  const containers = [{ name: 'app', image: 'foo', readinessProbe: { exec: { command: ['false'] } } }];
  await api.patch(url, { spec: { template: { spec: { containers } } } });
  const half = await api.eventually(async () => {
    const list = await api.list(pods);
    assert.deepEqual(imagesOf(list).toSorted(), ['foo', OLD]);
    return list;
  });
  const kept = half.find((pod) => imagesOf([pod])[0] === OLD);
  await api.patch(url, { spec: { template: { spec: { containers: [{ name: 'app', image: OLD }] } } } });
  await api.eventually(async () => assert.deepEqual(imagesOf(await runsOn(pods, NODES)), [OLD, OLD]));
  const end = await api.get(`${pods}/${nameOf(kept)}`);
  assert.equal(end.metadata?.uid, kept?.metadata?.uid, 'what was not updated yet runs on');
});

test('Daemon set should list and delete a collection of DaemonSets', async () => {
  const { sets, pods } = await place('collection');
  await api.post(sets, setOf());
  await runsOn(pods, NODES);
  const selector = 'labelSelector=daemonset-name%3Ddaemon-set';
  const here = async (): Promise<number> =>
    (await api.list(`/apis/apps/v1/daemonsets?${selector}`)).filter(
      ({ metadata }) => String(metadata?.namespace) === 'collection',
    ).length;
  assert.equal(await here(), 1);
  await api.delete(`${sets}?${selector}`, { gracePeriodSeconds: 1 });
  assert.equal(await here(), 0);
});

test('Daemon set should verify changes to a daemon set status', async () => {
  const { sets, url, pods } = await place('status');
  const watch = api.watch(`${sets}?labelSelector=daemonset-name%3Ddaemon-set`);
  await api.post(sets, setOf());
  await runsOn(pods, NODES);
  includes(await api.get(`${url}/status`), { kind: 'DaemonSet', spec: { revisionHistoryLimit: 10 } });
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

test('ControllerRevision should manage the lifecycle of a ControllerRevision', async () => {
  const { sets, url, pods, revisions } = await place('revisions');
  await api.post(sets, setOf());
  await runsOn(pods, NODES);
  const selector = 'labelSelector=daemonset-name%3Ddaemon-set';
  const here = async (): Promise<readonly Fields[]> =>
    (await api.list(`/apis/apps/v1/controllerrevisions?${selector}`)).filter(
      ({ metadata }) => String(metadata?.namespace) === 'revisions',
    );
  const [initial, ...more] = await here();
  assert.deepEqual(more, []);
  const owner = await api.get(url);
  includes(each(initial?.metadata?.ownerReferences)[0], { kind: 'DaemonSet', uid: owner.metadata?.uid });
  const name = nameOf(initial);
  const label = { metadata: { labels: { [name]: 'patched' } } };
  includes(await api.patch(`${revisions}/${name}`, label, 'strategic'), label);
  const { ownerReferences } = initial?.metadata ?? {};
  await api.post(revisions, {
    metadata: {
      name: 'daemon-set-other',
      labels: { ...LABELS, 'controller-revision-hash': 'x' },
      ownerReferences,
    },
    data: initial?.data,
    revision: 2,
  });
  assert.equal((await here()).length, 2);
  await api.delete(`${revisions}/${name}`);
  const [current, ...rest] = await here();
  assert.deepEqual(rest, []);
  const updated = await api.change(`${revisions}/${nameOf(current)}`, (object) => ({
    ...object,
    metadata: { ...object.metadata, labels: { ...object.metadata?.labels, [nameOf(current)]: 'updated' } },
  }));
  includes(updated, { metadata: { labels: { [nameOf(current)]: 'updated' } } });
  await api.patch(url, { spec: { template: { spec: { terminationGracePeriodSeconds: 1 } } } }, 'strategic');
  await api.eventually(async () => assert.equal((await here()).length, 2));
  await api.delete(`${revisions}?labelSelector=${nameOf(current)}%3Dupdated`);
  const [last, ...none] = await here();
  assert.deepEqual(none, []);
  assert.equal(last?.revision, 3);
});
