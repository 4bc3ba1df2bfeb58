import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobs } from '../../api/groups/batch/job/job.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { podDisruptionBudgets } from '../../api/groups/policy/pod-disruption-budget/pod-disruption-budget.ts';
import { formatTime } from '../../api/time/time.ts';
import type { Draft } from '../../api/meta/object.ts';
import type { PodDisruptionBudget } from '../../api/types.gen.ts';
import { setPodReady, startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import {
  createBudget,
  createReadyPod,
  createSet,
  disruption,
  evict,
  getBudget,
  LABELS,
  ownedBy,
} from './disruption.fixture.ts';

async function withCluster(run: (cluster: TestCluster) => Promise<void>): Promise<void> {
  const cluster = await startTestCluster([disruption]);
  try {
    await run(cluster);
  } finally {
    await cluster.stop();
  }
}

/** Allowed, healthy, desired, expected. */
async function counts(cluster: TestCluster): Promise<readonly number[]> {
  const { status } = await getBudget(cluster);
  return [status.disruptionsAllowed, status.currentHealthy, status.desiredHealthy, status.expectedPods];
}

async function condition(cluster: TestCluster): Promise<string> {
  const { status } = await getBudget(cluster);
  const [first, ...more] = status.conditions ?? [];
  assert.equal(more.length, 0);
  return `${first?.type} ${first?.status} ${first?.reason} ${first?.message}`.trimEnd();
}

test('amounts and percentages are of what the owners want, rounded up', async () => {
  const cases: readonly (readonly [Draft<PodDisruptionBudget['spec']>, ...number[]])[] = [
    [{ minAvailable: 2 }, 1, 3, 2, 3],
    [{ minAvailable: 5 }, 0, 3, 5, 3],
    [{ minAvailable: '50%' }, 0, 3, 4, 7],
    [{ minAvailable: '30%' }, 0, 3, 3, 7],
    [{ maxUnavailable: 5 }, 1, 3, 2, 7],
    [{ maxUnavailable: '50%' }, 0, 3, 3, 7],
    [{ maxUnavailable: '100%' }, 3, 3, 0, 7],
    [{}, 0, 3, 0, 0],
  ];
  for (const [spec, ...expected] of cases) {
    await withCluster(async (cluster) => {
      const owner = ownedBy(await createSet(cluster, 7));
      for (const name of ['a', 'b', 'c']) await createReadyPod(cluster, name, owner);
      await createBudget(cluster, spec);
      await cluster.settle();
      assert.deepEqual(await counts(cluster), expected, JSON.stringify(spec));
      const reason = (expected[0] ?? 0) > 0 ? 'True SufficientPods' : 'False InsufficientPods';
      assert.equal(await condition(cluster), `DisruptionAllowed ${reason}`);
    });
  }
});

test('a granted eviction counts at once, and is given up when the pod stays for two minutes', () =>
  withCluster(async (cluster) => {
    const owner = ownedBy(await createSet(cluster, 3));
    for (const name of ['a', 'b', 'c']) await createReadyPod(cluster, name, owner);
    await createBudget(cluster, { maxUnavailable: 1 });
    await cluster.settle();
    await evict(cluster, 'a');
    await assert.rejects(evict(cluster, 'b'), { code: 429 });
    await cluster.settle();
    assert.deepEqual(await counts(cluster), [0, 2, 2, 3]);
    assert.equal((await getBudget(cluster)).status.disruptedPods, undefined, 'the pod is being deleted');
    const { status } = await getBudget(cluster);
    const disruptedPods = { b: formatTime(cluster.host.clock.now()) };
    await createReadyPod(cluster, 'd', owner);
    await cluster.settle();
    const budget = await getBudget(cluster);
    const granted = { ...budget, status: { ...status, disruptedPods } };
    await cluster.client.update(podDisruptionBudgets, granted, { subresource: 'status' });
    await cluster.settle();
    assert.deepEqual(await counts(cluster), [0, 2, 2, 3]);
    await cluster.advance('121s');
    assert.deepEqual(await counts(cluster), [1, 3, 2, 3]);
    assert.ok(
      cluster.events.includes("NotDeleted: Pod was expected by PDB default/web to be deleted but it wasn't"),
    );
  }));

test('owners of any kind that can be scaled count; others say why not', () =>
  withCluster(async (cluster) => {
    const { client } = cluster;
    const spec = { restartPolicy: 'Never', containers: [{ name: 'c', image: 'web:1' }] } as const;
    const job = await client.create(jobs, {
      metadata: { name: 'web', namespace: 'default' },
      spec: { template: { spec } },
    });
    const { name = '', uid = '' } = job.metadata;
    await createReadyPod(cluster, 'a', { apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true });
    await createBudget(cluster, { maxUnavailable: 1 });
    await cluster.settle();
    const why = 'jobs.batch does not implement the scale subresource';
    assert.equal(await condition(cluster), `DisruptionAllowed False SyncFailed ${why}`);
    const failed = `CalculateExpectedPodCountFailed: Failed to calculate the number of expected pods: ${why}`;
    assert.ok(cluster.events.includes(failed));
    await client.delete(pods, { namespace: 'default', name: 'a' }, { gracePeriodSeconds: 0 });
    await createReadyPod(cluster, 'b');
    await cluster.settle();
    assert.equal(await condition(cluster), 'DisruptionAllowed False InsufficientPods');
    assert.ok(
      cluster.events.some((event) =>
        event.startsWith(
          'UnmanagedPods: Pods selected by this PodDisruptionBudget (selector: &LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged.',
        ),
      ),
    );
  }));

test('a pod that was to be disrupted and stays is told so after two minutes', () =>
  withCluster(async (cluster) => {
    const { client, host } = cluster;
    await createReadyPod(cluster, 'a');
    const pod = await client.get(pods, { namespace: 'default', name: 'a' });
    const lastTransitionTime = formatTime(host.clock.now());
    const target = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      lastTransitionTime,
    };
    const conditions = [...(pod.status.conditions ?? []), target];
    await client.update(pods, { ...pod, status: { ...pod.status, conditions } }, { subresource: 'status' });
    await cluster.advance('110s');
    const state = async (): Promise<readonly (string | undefined)[]> => {
      const { status } = await client.get(pods, { namespace: 'default', name: 'a' });
      const found = status.conditions?.find(({ type }) => type === 'DisruptionTarget');
      return [found?.status, found?.reason];
    };
    assert.deepEqual(await state(), ['True', 'PreemptionByScheduler']);
    await cluster.advance('20s');
    assert.deepEqual(await state(), ['False', undefined]);
  }));

test('a budget follows readiness, labels and its own change', () =>
  withCluster(async (cluster) => {
    const { client, host } = cluster;
    const owner = ownedBy(await createSet(cluster, 2));
    for (const name of ['a', 'b']) await createReadyPod(cluster, name, owner);
    await createBudget(cluster, { minAvailable: 1 });
    await cluster.settle();
    assert.deepEqual(await counts(cluster), [1, 2, 1, 2]);
    await setPodReady(
      client,
      await client.get(pods, { namespace: 'default', name: 'a' }),
      false,
      host.clock.now(),
    );
    await cluster.settle();
    assert.deepEqual(await counts(cluster), [0, 1, 1, 2]);
    const body = { metadata: { labels: { app: 'other' } } };
    await client.patch(pods, { namespace: 'default', name: 'a' }, { type: 'merge', body });
    await cluster.settle();
    assert.deepEqual(await counts(cluster), [0, 1, 1, 1]);
    await client.delete(pods, { namespace: 'default', name: 'b' }, { gracePeriodSeconds: 0 });
    await cluster.settle();
    assert.deepEqual(await counts(cluster), [0, 0, 1, 0]);
    assert.ok(cluster.events.includes('NoPods: No matching pods found'));
    assert.deepEqual((await getBudget(cluster)).spec.selector?.matchLabels, LABELS);
  }));
