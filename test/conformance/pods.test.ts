/** Official tests of [sig-node] Pods and what belongs to them, as far as simulated nodes can show it. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  condition,
  each,
  includes,
  nameOf,
  refusal,
  startApi,
  type Api,
  type Fields,
} from './api.fixture.ts';

let api: Api;
before(async () => {
  api = await startApi();
});
after(() => api.cluster.stop());

const podsOf = async (name: string): Promise<string> =>
  `/api/v1/namespaces/${await api.namespace(name)}/pods`;
const PAUSE = [{ name: 'pause', image: 'pause:3.10' }];
const pod = (name: string, spec: object = {}, labels: object = {}): object => ({
  metadata: { name, labels },
  spec: { containers: PAUSE, ...spec },
});
const reaches = (url: string, phase: string): Promise<Fields> =>
  api.eventually(async () => {
    const object = await api.get(url);
    assert.equal(object.status?.phase, phase);
    return object;
  });
const statusesOf = (object: Fields, kind = 'containerStatuses'): readonly Fields[] =>
  each(object.status?.[kind]);

test('Pods should get a host IP', async () => {
  const pods = await podsOf('host-ip');
  await api.post(pods, pod('pod-hostip'));
  const { status } = await reaches(`${pods}/pod-hostip`, 'Running');
  assert.match(String(status?.hostIP), /^\d+\.\d+\.\d+\.\d+$/);
  assert.deepEqual(status?.hostIPs, [{ ip: status?.hostIP }]);
});

test('Pods should be submitted and removed', async () => {
  const pods = await podsOf('submit');
  const selector = 'labelSelector=time%3Dnow';
  const list = await api.get(`${pods}?${selector}`);
  assert.deepEqual(each(list.items), []);
  const watch = api.watch(`${pods}?${selector}&resourceVersion=${list.metadata?.resourceVersion}`);
  await api.post(pods, pod('pod-submit-remove', {}, { time: 'now' }));
  await api.eventually(() => watch.events[0]?.type === 'ADDED');
  await reaches(`${pods}/pod-submit-remove`, 'Running');
  await api.delete(`${pods}/pod-submit-remove`, { gracePeriodSeconds: 30 });
  await api.gone(`${pods}/pod-submit-remove`);
  await api.eventually(() => watch.events.at(-1)?.type === 'DELETED');
  const last = watch.events.at(-1)?.object;
  assert.ok(last?.metadata?.deletionTimestamp !== undefined);
  assert.ok(last.spec !== undefined && last.metadata.deletionGracePeriodSeconds !== undefined);
  watch.stop();
});

test('Pods should be updated', async () => {
  const pods = await podsOf('update');
  await api.post(pods, pod('pod-update', {}, { time: 'now' }));
  await reaches(`${pods}/pod-update`, 'Running');
  await api.change(`${pods}/pod-update`, (object) => ({
    ...object,
    metadata: { ...object.metadata, labels: { time: 'later' } },
  }));
  assert.deepEqual((await api.list(`${pods}?labelSelector=time%3Dlater`)).map(nameOf), ['pod-update']);
});

test('Pods should allow activeDeadlineSeconds to be updated', async () => {
  const pods = await podsOf('deadline');
  await api.post(pods, pod('pod-deadline'));
  await reaches(`${pods}/pod-deadline`, 'Running');
  const set = (activeDeadlineSeconds: number): Promise<Fields> =>
    api.change(`${pods}/pod-deadline`, (object) => ({
      ...object,
      spec: { ...object.spec, activeDeadlineSeconds },
    }));
  await set(5);
  assert.equal((await refusal(set(10))).code, 422, 'it only shrinks');
  const { status } = await reaches(`${pods}/pod-deadline`, 'Failed');
  includes(status, {
    reason: 'DeadlineExceeded',
    message: 'Pod was active on the node longer than the specified deadline',
  });
});

test('Pods should delete a collection of pods', async () => {
  const pods = await podsOf('collection');
  for (const i of [1, 2, 3])
    await api.post(pods, pod(`test-pod-${i}`, { terminationGracePeriodSeconds: 1 }, { type: 'Testing' }));
  const selector = 'labelSelector=type%3DTesting';
  assert.equal((await api.list(`${pods}?${selector}`)).length, 3);
  await api.delete(`${pods}?${selector}`, { gracePeriodSeconds: 0 });
  await api.eventually(async () => assert.deepEqual(await api.list(`${pods}?${selector}`), []));
});

test('Pods should run through the lifecycle of Pods and PodStatus', async () => {
  const pods = await podsOf('lifecycle');
  const url = `${pods}/pod-test`;
  const selector = 'labelSelector=test-pod-static%3Dtrue';
  const watch = api.watch(`${pods}?${selector}`);
  const labels = { 'test-pod-static': 'true' };
  await api.post(pods, pod('pod-test', { terminationGracePeriodSeconds: 1 }, labels));
  await reaches(url, 'Running');
  const patch = {
    metadata: { labels: { 'test-pod': 'patched' } },
    spec: { terminationGracePeriodSeconds: 2, containers: [{ name: 'pause', image: 'agnhost' }] },
  };
  const refused = await refusal(api.patch(url, patch, 'strategic'));
  assert.equal(refused.code, 422, 'the grace period is fixed');
  const { metadata, spec } = patch;
  await api.patch(url, { metadata, spec: { containers: spec.containers } }, 'strategic');
  await api.eventually(() =>
    watch.events.some(({ object }) => String(object.metadata?.labels?.['test-pod']) === 'patched'),
  );
  const restarted = await api.eventually(async () => {
    const object = await api.get(`${url}/status`);
    const [status] = statusesOf(object);
    includes(status, { image: 'agnhost', ready: true });
    return object;
  });
  includes(restarted.status, { phase: 'Running' });
  const changed = await api.change(`${url}/status`, (object) => ({
    ...object,
    status: {
      ...object.status,
      conditions: each(object.status?.conditions).map((one) =>
        String(one.type) === 'Ready' ? { ...one, status: 'False' } : one,
      ),
    },
  }));
  includes(condition(changed, 'Ready'), { status: 'False' });
  await api.eventually(() =>
    watch.events.some(({ object }) => String(condition(object, 'Ready')?.status) === 'False'),
  );
  await api.delete(`${pods}?${selector}`, { gracePeriodSeconds: 1 });
  await api.eventually(() => watch.events.at(-1)?.type === 'DELETED');
  watch.stop();
});

test('Pods should patch a pod status', async () => {
  const pods = await podsOf('status');
  await api.post(pods, pod('pod-status', {}, { e2e: 'status' }));
  await reaches(`${pods}/pod-status`, 'Running');
  assert.equal((await api.list('/api/v1/pods?labelSelector=e2e%3Dstatus')).length, 1);
  const status = { message: 'Patched by e2e test', reason: 'E2E' };
  const patched = await api.patch(`${pods}/pod-status/status`, {
    metadata: { annotations: { patchedstatus: 'true' } },
    status,
  });
  includes(patched, { metadata: { annotations: { patchedstatus: 'true' } }, status });
});

test('Pods Extended Pods Set QOS Class should be set on Pods with matching resource requests and limits for memory and cpu', async () => {
  const pods = await podsOf('qos');
  const amounts = { cpu: '100m', memory: '100Mi' };
  const containers = [{ ...PAUSE[0], resources: { requests: amounts, limits: amounts } }];
  await api.post(pods, pod('pod-qos-class', { containers }));
  includes(await api.get(`${pods}/pod-qos-class`), { status: { qosClass: 'Guaranteed' } });
});

const generationOf = async (url: string): Promise<number> =>
  Number((await api.get(url)).metadata?.generation);

test('Pods Extended (pod generation) Pod Generation pod generation should start at 1 and increment per update', async () => {
  const pods = await podsOf('generation');
  const url = `${pods}/pod-generation`;
  const initContainers = [{ name: 'init-container', image: 'busybox', command: ['true'] }];
  const created = await api.post(pods, pod('pod-generation', { initContainers }));
  assert.equal(created.metadata?.generation, 1);
  await reaches(url, 'Running');
  const spec =
    (change: object): ((object: Fields) => object) =>
    (object) => ({ ...object, spec: { ...object.spec, ...change } });
  const metadata =
    (change: object): ((object: Fields) => object) =>
    (object) => ({ ...object, metadata: { ...object.metadata, ...change } });
  const image =
    (field: string, image: string): ((object: Fields) => object) =>
    (object) =>
      spec({ [field]: each(object.spec?.[field]).map((one) => ({ ...one, image })) })(object);
  // The tolerations that every pod gets are not in it: admission adds them again.
  const tolerations = [{ key: 'foo-1', operator: 'Equal', value: 'bar', effect: 'NoSchedule' }];
  const steps: readonly (readonly [(object: Fields) => object, number])[] = [
    [(object) => object, 1],
    [spec({ tolerations }), 2],
    [spec({ activeDeadlineSeconds: 5000 }), 3],
    [image('containers', 'nginx'), 4],
    [image('initContainers', 'pause'), 5],
    [metadata({ annotations: { key: 'value' } }), 5],
    [metadata({ generation: 1 }), 5],
  ];
  for (const [change, generation] of steps) {
    await api.change(url, change);
    assert.equal(await generationOf(url), generation);
    await api.eventually(async () =>
      assert.equal((await api.get(url)).status?.observedGeneration, generation),
    );
  }
});

test('Pods Extended (pod generation) Pod Generation custom-set generation on new pods and graceful delete', async () => {
  const pods = await podsOf('generation-own');
  const made = pod('pod-generation', { terminationGracePeriodSeconds: 30 }) as { metadata: object };
  const created = await api.post(pods, { ...made, metadata: { ...made.metadata, generation: 100 } });
  assert.equal(created.metadata?.generation, 1);
  await reaches(`${pods}/pod-generation`, 'Running');
  const watch = api.watch(pods);
  const deleted = await api.delete(`${pods}/pod-generation?gracePeriodSeconds=60`);
  includes(deleted, { kind: 'Pod', metadata: { generation: 2, deletionGracePeriodSeconds: 60 } });
  await api.gone(`${pods}/pod-generation`);
  const marked = watch.events.find(({ object }) => object.metadata?.deletionTimestamp !== undefined);
  assert.equal(marked?.object.metadata?.generation, 2, 'the deletion counts');
  watch.stop();
});

test('Pods Extended (pod generation) Pod Generation issue 500 podspec updates and verify generation and observedGeneration eventually converge', async () => {
  const pods = await podsOf('generation-500');
  const url = `${pods}/pod-generation`;
  await api.post(pods, pod('pod-generation'));
  await reaches(url, 'Running');
  for (let i = 0; i < 500; i++)
    await api.change(url, (object) => ({
      ...object,
      spec: {
        ...object.spec,
        containers: [{ ...each(object.spec?.containers)[0], image: `pause:${i % 2}` }],
      },
    }));
  assert.equal(await generationOf(url), 501);
  await api.eventually(async () => assert.equal((await api.get(url)).status?.observedGeneration, 501));
});

const debugger_ = (name: string): object => ({
  name,
  image: 'busybox',
  command: ['sh', '-c', 'echo polo; sleep 3000'],
});

test('Ephemeral Containers will start an ephemeral container in an existing pod', async () => {
  const pods = await podsOf('ephemeral');
  const url = `${pods}/target`;
  await api.post(pods, pod('target'));
  await reaches(url, 'Running');
  await api.patch(
    `${url}/ephemeralcontainers`,
    { spec: { ephemeralContainers: [debugger_('debugger')] } },
    'strategic',
  );
  await api.eventually(async () => {
    const [status] = statusesOf(await api.get(url), 'ephemeralContainerStatuses');
    assert.ok(status?.state?.running !== undefined);
  });
  assert.equal((await api.ask('GET', `${url}/log?container=debugger`)).text, 'polo\n');
});

test('Ephemeral Containers should update the ephemeral containers in an existing pod', async () => {
  const pods = await podsOf('ephemeral-update');
  const url = `${pods}/target`;
  await api.post(pods, pod('target'));
  await reaches(url, 'Running');
  const first = await api.patch(
    `${url}/ephemeralcontainers`,
    { spec: { ephemeralContainers: [debugger_('debugger1')] } },
    'strategic',
  );
  assert.equal(each(first.spec?.ephemeralContainers).length, 1);
  await api.change(`${url}/ephemeralcontainers`, (fresh) => ({
    ...fresh,
    spec: {
      ...fresh.spec,
      ephemeralContainers: [...each(fresh.spec?.ephemeralContainers), debugger_('debugger2')],
    },
  }));
  const names = each((await api.get(url)).spec?.ephemeralContainers).map(({ name }) => name);
  assert.deepEqual(names, ['debugger1', 'debugger2']);
});
