/**
 * Deployments under trouble: templates that change and change back, pauses, sizes that change in the middle
 * of a rollout, pods that fail and vanish; caches that lag, streams that break, processes that die at any
 * call. What must hold is looked at after every single write.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { deployments } from '../../api/groups/apps/deployment/deployment.ts';
import { replicaSets } from '../../api/groups/apps/replica-set/replica-set.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { Deployment, DeploymentStrategy, Pod, ReplicaSet } from '../../api/types.gen.ts';
import {
  runAllPods,
  setPodReady,
  startTestCluster,
  unlessGone,
  type TestCluster,
} from '../cluster.fixture.ts';
import { isPodActive, isPodAvailable, isPodFinished } from '../pod-state/pod-state.ts';
import { replicaSetController } from '../replica-set/replica-set.ts';
import { endTrouble, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { deploymentController } from './deployment.ts';
import { compareRevisions, revisionOf } from './replica-annotations.ts';
import { isRolling, maxUnavailable, replicasOf, rolloutBounds, totalReplicas } from './scale.ts';

const REF = { namespace: 'default', name: 'web' };
const HISTORY_LIMIT = 1;

const strategy = fc.constantFrom<DeploymentStrategy>(
  { type: 'Recreate' },
  { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
  { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
  { type: 'RollingUpdate', rollingUpdate: { maxSurge: '50%', maxUnavailable: '30%' } },
);

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('template' as const), version: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('scale' as const), replicas: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('pause' as const), paused: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('strategy' as const), strategy }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('run' as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('settle' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('break-pod' as const), which: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('lose-pod' as const), which: fc.nat(8) }) },
  { weight: 6, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300),
  minReadySeconds: fc.constantFrom(0, 2),
  strategy,
  steps: fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never;

const template = (version: number) => ({
  metadata: { labels: { app: 'web' } },
  spec: { nodeName: 'n1', containers: [{ name: 'c', image: imageOf(version) }] },
});
const imageOf = (version: number): string => `web:${version}`;
const imageIn = (spec: Pod['spec']): string => spec.containers[0]?.image ?? '';

class World {
  readonly cluster: TestCluster;
  /** The widest bounds asked for since everything was at rest: controllers may still work on former ones. */
  #atMost = 0;
  #atLeast = Infinity;
  /** Pods that the test made unavailable since then: nobody may know of it yet. */
  #lost = 0;
  #available = 0;
  #revision = 0n;
  /** Recreate may come upon a rollout that is under way. */
  #sawTwoVersions = false;
  /**
   * As upstream: by another clock pods begin to be available, or are so no longer, which wakes nobody; so
   * what was counted by the clock before stays true for the controllers.
   */
  #isClockWrong = false;

  constructor(cluster: TestCluster) {
    this.cluster = cluster;
  }

  get(): Promise<Deployment> {
    return this.cluster.client.get(deployments, REF);
  }

  async pods(): Promise<readonly Pod[]> {
    return (await this.cluster.client.list(pods)).items;
  }

  async sets(): Promise<readonly ReplicaSet[]> {
    return (await this.cluster.client.list(replicaSets)).items;
  }

  async create({ strategy, minReadySeconds }: Scenario): Promise<void> {
    await this.cluster.client.create(deployments, {
      metadata: REF,
      spec: {
        replicas: 3,
        minReadySeconds,
        strategy,
        revisionHistoryLimit: HISTORY_LIMIT,
        selector: { matchLabels: { app: 'web' } },
        template: template(0),
      },
    });
    this.#widen(await this.get());
  }

  #widen(deployment: Deployment): void {
    const { surge } = rolloutBounds(deployment);
    this.#atMost = Math.max(this.#atMost, replicasOf(deployment) + surge);
    // Recreate begins with none.
    const least = isRolling(deployment) ? replicasOf(deployment) - maxUnavailable(deployment) : 0;
    this.#atLeast = Math.min(this.#atLeast, least);
  }

  async atRest(): Promise<void> {
    // Whoever waits for its own writes to show looks again after a second.
    await this.cluster.advance('3s');
    this.#atMost = totalReplicas(await this.sets());
    this.#atLeast = Infinity;
    const deployment = await this.get();
    this.#lost = this.#isClockWrong && (deployment.spec.minReadySeconds ?? 0) > 0 ? Infinity : 0;
    this.#widen(deployment);
  }

  async #countAvailable(): Promise<number> {
    const { spec } = await this.get();
    const nowMs = this.cluster.host.clock.now();
    const isAvailable = (pod: Pod): boolean => isPodAvailable(pod, spec.minReadySeconds ?? 0, nowMs);
    return (await this.pods()).filter((pod) => isPodActive(pod) && isAvailable(pod)).length;
  }

  /** `isTheirs`: a controller wrote, not the test. */
  async check(isTheirs: boolean): Promise<void> {
    const [deployment, sets] = await Promise.all([this.get(), this.sets()]);
    const templates = sets.map(({ spec }) => imageIn(spec.template.spec));
    assert.equal(new Set(templates).size, templates.length, 'two ReplicaSets of one template');
    const revisions = sets.map(revisionOf).filter((revision) => revision > 0n);
    assert.equal(new Set(revisions).size, revisions.length, 'two ReplicaSets of one revision');
    const revision = revisionOf(deployment);
    assert.ok(revision >= this.#revision, `revision ${this.#revision} became ${revision}`);
    this.#revision = revision;
    const total = totalReplicas(sets);
    assert.ok(total <= this.#atMost, `${total} replicas where ${this.#atMost} are the most`);
    const available = await this.#countAvailable();
    const before = this.#available;
    this.#available = available;
    if (isRolling(deployment)) {
      const least = this.#atLeast - this.#lost;
      const isFine = !isTheirs || available >= before || available >= least;
      assert.ok(isFine, `from ${before} to ${available} available, where ${least} are the least`);
    } else if (this.#lost === 0 && !this.#sawTwoVersions) {
      const images = (await this.pods())
        .filter((pod) => !isPodFinished(pod))
        .map(({ spec }) => imageIn(spec));
      assert.ok(new Set(images).size <= 1, 'two versions run at once');
    }
  }

  async perform(what: Step): Promise<void> {
    const { cluster } = this;
    switch (what.type) {
      case 'template':
        return this.#change({ template: template(what.version) });
      case 'scale':
        await this.#expectSharedLoss(what.replicas);
        return this.#change({ replicas: what.replicas });
      case 'strategy':
        this.#sawTwoVersions ||= what.strategy.type === 'Recreate';
        return this.#change({ strategy: { rollingUpdate: null, ...what.strategy } as JsonObject });
      case 'pause':
        // As upstream: what is paused is scaled, without waiting for the pods of before to be gone.
        this.#sawTwoVersions ||= what.paused;
        return this.#change({ paused: what.paused });
      case 'run':
        return runAllPods(cluster);
      case 'settle':
        return this.atRest();
      case 'break-pod':
        return this.#harm(what.which, (pod) =>
          unlessGone(setPodReady(cluster.client, pod, false, cluster.host.clock.now())),
        );
      case 'lose-pod':
        return this.#harm(what.which, ({ metadata: { namespace, name = '' } }) =>
          cluster.client.delete(pods, { namespace, name }),
        );
      case 'jump':
        this.#lost = Infinity;
        this.#isClockWrong = true;
        return makeTrouble(cluster, what);
      default:
        return makeTrouble(cluster, what);
    }
  }

  /** As upstream: who gets smaller in the middle of a rollout takes from each set by its size, available or not. */
  async #expectSharedLoss(replicas: number): Promise<void> {
    const inUse = (await this.sets()).filter(({ spec }) => (spec.replicas ?? 0) > 0);
    if (inUse.length > 1 && replicas < replicasOf(await this.get())) this.#lost = Infinity;
  }

  async #change(spec: JsonObject): Promise<void> {
    const before = await this.get();
    // First: controllers are as fast as the answer.
    this.#widen({ ...before, spec: { ...before.spec, ...spec } });
    await this.cluster.client.patch(deployments, REF, { type: 'merge', body: { spec } });
  }

  async #harm(which: number, work: (pod: Pod) => Promise<void>): Promise<void> {
    const all = (await this.pods()).filter(isPodActive);
    const pod = all[which % Math.max(all.length, 1)];
    if (pod === undefined) return;
    this.#lost++;
    await work(pod);
  }

  async checkEnd(): Promise<void> {
    const { cluster } = this;
    await endTrouble(cluster);
    await this.#change({ paused: false });
    for (let round = 0; round < 25; round++) {
      await runAllPods(cluster);
      await cluster.advance('3s');
    }
    const { spec, status, metadata } = await this.get();
    const { replicas = 0 } = spec;
    const active = (await this.pods()).map((pod) => imageIn(pod.spec));
    assert.deepEqual(active, Array<string>(replicas).fill(imageIn(spec.template.spec)));
    const counts = [status.replicas, status.updatedReplicas, status.availableReplicas];
    assert.deepEqual(
      counts.map((count) => count ?? 0),
      [replicas, replicas, replicas],
    );
    assert.equal(status.observedGeneration, metadata.generation);
    assert.equal(status.conditions?.find(({ type }) => type === 'Available')?.status, 'True');
    const sets = await this.sets();
    assert.ok(sets.length <= 1 + HISTORY_LIMIT, `${sets.length} ReplicaSets are left`);
    const newest =
      sets.toSorted((one, other) => compareRevisions(other, one))[0] ?? assert.fail('no ReplicaSet');
    assert.equal(imageIn(newest.spec.template.spec), imageIn(spec.template.spec));
    assert.equal(revisionOf({ metadata }), revisionOf(newest));
  }
}

async function run(what: Scenario): Promise<void> {
  let world: World | undefined;
  const cluster = await startTestCluster([deploymentController, replicaSetController], {
    lagMs: what.lagMs,
    afterWrite: async () => world?.check(true),
  });
  world = new World(cluster);
  try {
    await world.create(what);
    for (const each of what.steps) {
      await world.perform(each);
      await world.check(false);
      await cluster.host.clock.advance(10);
    }
    await world.checkEnd();
  } finally {
    await cluster.stop();
  }
}

test('one ReplicaSet per template, within the bounds of the rollout, and where it should be in the end', async () => {
  await fc.assert(fc.asyncProperty(scenario, run), games(15));
});
