/**
 * Budgets under trouble: bursts of evictions, pods that go, come and become unready, caches that lag, lost
 * races, a controller that dies. No eviction that is granted may leave fewer healthy pods than are desired.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Pod } from '../../api/types.gen.ts';
import { setPodReady, startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import {
  createBudget,
  createReadyPod,
  createSet,
  disruption,
  evict,
  getBudget,
  isHealthy,
  ownedBy,
} from './disruption.fixture.ts';
import { makeTrouble, suddenStep } from '../trouble-steps.fixture.ts';

const REPLICAS = 6;

const step = fc.oneof(
  fc.record({
    type: fc.constant('evict' as const),
    which: fc.uniqueArray(fc.nat(8), { minLength: 1, maxLength: 5 }),
  }),
  fc.record({ type: fc.constant('replace' as const) }),
  fc.record({ type: fc.constant('unready' as const), which: fc.nat(8) }),
  fc.record({ type: fc.constant('ready' as const) }),
  fc.record({ type: fc.constant('advance' as const), ms: fc.constantFrom(50, 280, 600, 130_000) }),
  fc.record({ type: fc.constant('crash' as const), writes: fc.nat(2) }),
  fc.record({ type: fc.constant('refuse' as const), writes: fc.integer({ min: 1, max: 2 }) }),
  suddenStep,
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const budget = fc.oneof(
  fc.record({ minAvailable: fc.constantFrom(0, 2, 5, 6, '50%', '80%') }),
  fc.record({ maxUnavailable: fc.constantFrom(0, 1, 3, '20%', '50%') }),
);
const scenario = fc.record({
  budget,
  lagMs: fc.record({
    pods: fc.constantFrom(0, 300, 900),
    poddisruptionbudgets: fc.constantFrom(0, 300, 900),
  }),
  steps: fc.array(step, { minLength: 3, maxLength: 20 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never;

async function list({ client }: TestCluster): Promise<readonly Pod[]> {
  return (await client.list(pods)).items;
}

/** All at the same time, as several drains would; each grant is checked when it is given. */
async function evictAll(cluster: TestCluster, which: readonly number[]): Promise<void> {
  const all = await list(cluster);
  const chosen = which
    .map((index) => all[index % Math.max(1, all.length)])
    .filter((pod) => pod !== undefined);
  await Promise.all(
    chosen.map(async (pod) => {
      try {
        await evict(cluster, pod.metadata.name ?? '');
      } catch (error) {
        assert.ok(isApiError(error, 'TooManyRequests'), String(error));
        return;
      }
      if (!isHealthy(pod)) return;
      const { desiredHealthy } = (await getBudget(cluster)).status;
      const healthy = (await list(cluster)).filter(isHealthy).length;
      assert.ok(healthy >= desiredHealthy, `${healthy} healthy, ${desiredHealthy} desired`);
    }),
  );
}

/** As the ReplicaSet's controller and the kubelet would: what goes is gone, and as many come. */
async function replace(cluster: TestCluster, create: () => Promise<void>): Promise<void> {
  for (const { metadata } of await list(cluster)) {
    if (metadata.deletionTimestamp === undefined) continue;
    const ref = { namespace: 'default', name: metadata.name ?? '' };
    await cluster.client.delete(pods, ref, { gracePeriodSeconds: 0 });
  }
  for (let have = (await list(cluster)).length; have < REPLICAS; have++) await create();
}

async function perform(cluster: TestCluster, what: Step, create: () => Promise<void>): Promise<void> {
  const { client, host } = cluster;
  switch (what.type) {
    case 'evict':
      return evictAll(cluster, what.which);
    case 'replace':
      return replace(cluster, create);
    case 'unready': {
      const all = (await list(cluster)).filter(isHealthy);
      const pod = all[what.which % Math.max(1, all.length)];
      if (pod !== undefined) await setPodReady(client, pod, false, host.clock.now());
      // What happens by itself is known before the next eviction is asked for.
      return cluster.advance(2_000);
    }
    case 'ready':
      for (const pod of await list(cluster)) await setPodReady(client, pod, true, host.clock.now());
      return;
    case 'advance':
      return host.clock.advance(what.ms);
    case 'crash':
      cluster.crash(what.writes);
      await host.clock.advance(500);
      return cluster.restart();
    case 'refuse':
      return cluster.refuse(what.writes);
    case 'kill':
    case 'break':
      return makeTrouble(cluster, what);
  }
}

async function run({ budget: spec, lagMs, steps }: Scenario): Promise<void> {
  const cluster = await startTestCluster([disruption], { lagMs });
  try {
    const owner = ownedBy(await createSet(cluster, REPLICAS));
    let count = 0;
    const create = (): Promise<void> => createReadyPod(cluster, `web-${count++}`, owner);
    for (let i = 0; i < REPLICAS; i++) await create();
    await createBudget(cluster, spec);
    for (const each of steps) {
      await perform(cluster, each, create);
      await cluster.host.clock.advance(10);
    }
    await cluster.advance('5m');
    const { status } = await getBudget(cluster);
    const healthy = (await list(cluster)).filter(isHealthy).length;
    assert.equal(status.currentHealthy, healthy);
    assert.equal(status.disruptionsAllowed, Math.max(0, healthy - status.desiredHealthy));
    assert.equal(status.disruptedPods, undefined);
  } finally {
    await cluster.stop();
  }
}

test('no granted eviction leaves fewer healthy pods than are desired', async () => {
  await fc.assert(fc.asyncProperty(scenario, run), games(50));
});
