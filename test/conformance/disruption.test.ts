/** Official tests of [sig-apps] DisruptionController. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { each, includes, nameOf, refusal, startApi, template, type Api, type Fields } from './api.fixture.ts';

let api: Api;
before(async () => {
  api = await startApi();
});
after(() => api.cluster.stop());

const LABELS = { foo: 'bar' };

interface Place {
  readonly budgets: string;
  readonly pods: string;
}

async function place(name: string): Promise<Place> {
  const namespace = await api.namespace(name);
  return {
    budgets: `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`,
    pods: `/api/v1/namespaces/${namespace}/pods`,
  };
}

const budget = (name: string, spec: object, labels: object = LABELS): object => ({
  metadata: { name, labels },
  spec: { selector: { matchLabels: LABELS }, ...spec },
});
async function podsOf(pods: string, count: number): Promise<readonly Fields[]> {
  for (let i = 0; i < count; i++)
    await api.post(pods, { ...template(LABELS), metadata: { name: `pod-${i}`, labels: LABELS } });
  return api.eventually(async () => {
    const list = await api.list(pods);
    assert.ok(list.every(({ status }) => String(status?.phase) === 'Running'));
    return list;
  });
}
const processed = (url: string): Promise<Fields> =>
  api.eventually(async () => {
    const object = await api.get(url);
    assert.equal(object.status?.observedGeneration, object.metadata?.generation);
    return object;
  });
const evict = (pods: string, name: string): Promise<Fields> =>
  api.post(`${pods}/${name}/eviction`, { metadata: { name } });

test('DisruptionController should create a PodDisruptionBudget', async () => {
  const { budgets } = await place('create');
  const url = `${budgets}/foo`;
  await api.post(budgets, budget('foo', { minAvailable: '1%' }));
  await processed(url);
  const updated = await api.change(url, (object) => ({
    ...object,
    spec: { ...object.spec, minAvailable: '2%' },
  }));
  includes(updated, { spec: { minAvailable: '2%' } });
  await processed(url);
  includes(await api.patch(url, { spec: { minAvailable: '3%' } }, 'strategic'), {
    spec: { minAvailable: '3%' },
  });
  await processed(url);
  await api.delete(url);
  await api.gone(url);
});

test('DisruptionController Listing PodDisruptionBudgets for all namespaces should list and delete a collection of PodDisruptionBudgets', async () => {
  const first = await place('list-1');
  const second = await place('list-2');
  const labels = { ...LABELS, special: 'list' };
  for (const [at, name] of [
    [first, 'foo'],
    [first, 'foo2'],
    [second, 'foo3'],
  ] as const) {
    await api.post(at.budgets, budget(name, { minAvailable: 2 }, labels));
    await processed(`${at.budgets}/${name}`);
  }
  const all = '/apis/policy/v1/poddisruptionbudgets?labelSelector=special%3Dlist';
  assert.deepEqual((await api.list(all)).map(nameOf).toSorted(), ['foo', 'foo2', 'foo3']);
  assert.equal((await api.list(first.budgets)).length, 2);
  await api.delete(first.budgets);
  assert.deepEqual((await api.list(all)).map(nameOf), ['foo3']);
});

test('DisruptionController should observe PodDisruptionBudget status updated', async () => {
  const { budgets, pods } = await place('observe');
  await api.post(budgets, budget('foo', { minAvailable: 1 }));
  await podsOf(pods, 3);
  await api.eventually(async () => {
    const { status } = await api.get(`${budgets}/foo`);
    includes(status, { currentHealthy: 3, desiredHealthy: 1, expectedPods: 3, disruptionsAllowed: 2 });
    const allowed = each(status?.conditions).find(({ type }) => String(type) === 'DisruptionAllowed');
    includes(allowed, { status: 'True', reason: 'SufficientPods' });
  });
});

test('DisruptionController should update/patch PodDisruptionBudget status', async () => {
  const { budgets, pods } = await place('status');
  const url = `${budgets}/foo`;
  await podsOf(pods, 1);
  await api.post(budgets, budget('foo', { minAvailable: 1 }));
  await api.eventually(async () => includes((await api.get(url)).status, { currentHealthy: 1 }));
  const disruptedPods = (name: string): object => ({ [name]: '2026-01-01T00:00:00Z' });
  const updated = await api.change(`${url}/status`, (object) => ({
    ...object,
    status: { ...object.status, disruptedPods: disruptedPods('pod-0') },
  }));
  includes(updated, { status: { disruptedPods: disruptedPods('pod-0') } });
  const patched = await api.patch(`${url}/status`, { status: { disruptedPods: disruptedPods('pod-1') } });
  includes(patched, { status: { disruptedPods: disruptedPods('pod-1') } });
  assert.equal((await api.get(url)).metadata?.generation, 1, 'the status is not what generations count');
});

test('DisruptionController should block an eviction until the PDB is updated to allow it', async () => {
  const { budgets, pods } = await place('block');
  const url = `${budgets}/foo`;
  await podsOf(pods, 3);
  await api.post(budgets, budget('foo', { minAvailable: 3 }));
  await api.eventually(async () =>
    includes((await api.get(url)).status, { expectedPods: 3, currentHealthy: 3 }),
  );
  const refused = await refusal(evict(pods, 'pod-0'));
  assert.deepEqual(
    [refused.code, refused.reason, refused.message],
    [429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget."],
  );
  includes(each(refused.status.details?.causes)[0], {
    reason: 'DisruptionBudget',
    message: 'The disruption budget foo needs 3 healthy pods and has 3 currently',
  });
  await api.patch(url, { spec: { minAvailable: 2 } });
  await api.eventually(async () => includes((await api.get(url)).status, { disruptionsAllowed: 1 }));
  await evict(pods, 'pod-0');
  await api.gone(`${pods}/pod-0`);
  await api.patch(url, { spec: { minAvailable: 2 } });
  await processed(url);
  assert.equal((await refusal(evict(pods, 'pod-1'))).code, 429, 'two must stay');
  await api.delete(url);
  await evict(pods, 'pod-1');
  await api.gone(`${pods}/pod-1`);
});
