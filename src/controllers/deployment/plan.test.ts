import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import type { Deployment, OwnerReference, ReplicaSet } from '../../api/types.gen.ts';
import { planDeployment, type DeploymentPlan } from './plan.ts';
import {
  maxUnavailable,
  replicasOf,
  rolloutBounds,
  scaleDownOld,
  scaleProportionally,
  totalAvailable,
  totalReplicas,
} from './scale.ts';
import { templateHash } from '../pod-template/template-hash.ts';

const OWNER: OwnerReference = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'd' };
const NOW = Date.UTC(2026, 0, 1);

interface Amounts {
  readonly replicas: number;
  readonly maxSurge: number | string;
  readonly maxUnavailable: number | string;
}

function deployment(amounts: Amounts, image = 'v1', generation = 1): Deployment {
  const { replicas, ...rollingUpdate } = amounts;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default', uid: 'd', generation },
    spec: {
      replicas,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate },
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'c', image, resources: {} }] },
      },
    },
    status: {},
  };
}

const at = (minute: number): string => new Date(NOW + minute * 60_000).toISOString().replace('.000', '');

/** A cluster of pure data: plans are applied to it, pods become available when told. */
class World {
  deployment: Deployment;
  sets: readonly ReplicaSet[] = [];
  #made = 0;

  constructor(start: Deployment) {
    this.deployment = start;
  }

  step(): DeploymentPlan {
    const { deployment: current, sets } = this;
    const plan = planDeployment({ deployment: current, sets, podsOf: () => [], owner: OWNER }, NOW);
    for (const action of plan.actions) {
      switch (action.type) {
        case 'create':
          this.sets = [...this.sets, this.#created(action.set)];
          break;
        case 'update':
          this.sets = this.sets.map((set) => (sameName(set, action.set) ? settle(action.set) : set));
          break;
        case 'delete':
          this.sets = this.sets.filter((set) => !sameName(set, action.set));
      }
    }
    this.deployment = plan.deployment;
    return plan;
  }

  #created(set: ReplicaSet): ReplicaSet {
    const creationTimestamp = at(this.#made++);
    return settle({ ...set, metadata: { ...set.metadata, uid: `s${this.#made}`, creationTimestamp } });
  }

  /** Up to `count` more pods answer, or fewer when negative. */
  answer(count: number): void {
    let left = count;
    this.sets = this.sets.map((set) => {
      const before = set.status.availableReplicas ?? 0;
      const after = Math.min(Math.max(before + left, 0), replicasOf(set));
      left -= after - before;
      return { ...set, status: { ...set.status, availableReplicas: after, readyReplicas: after } };
    });
  }

  change(next: Deployment): void {
    const { metadata, status } = this.deployment;
    const generation = (metadata.generation ?? 0) + 1;
    this.deployment = { ...next, metadata: { ...metadata, generation }, status };
  }
}

const sameName = (a: ReplicaSet, b: ReplicaSet): boolean => a.metadata.name === b.metadata.name;

/** What the ReplicaSet controller makes of it: pods follow at once, those that do not answer go first. */
function settle(set: ReplicaSet): ReplicaSet {
  const replicas = replicasOf(set);
  const availableReplicas = Math.min(set.status.availableReplicas ?? 0, replicas);
  return { ...set, status: { ...set.status, replicas, availableReplicas, readyReplicas: availableReplicas } };
}

test('rounding: surge up, unavailable down, never both nothing', () => {
  const bounds = (maxSurge: number | string, max: number | string, replicas: number) => {
    const planned = deployment({ replicas, maxSurge, maxUnavailable: max });
    return [rolloutBounds(planned).surge, maxUnavailable(planned)];
  };
  assert.deepEqual(bounds('25%', '25%', 3), [1, 0]);
  assert.deepEqual(bounds('25%', '25%', 10), [3, 2]);
  assert.deepEqual(bounds(0, '10%', 5), [0, 1]);
  assert.deepEqual(bounds('100%', '100%', 4), [4, 4]);
  assert.deepEqual(bounds(2, 7, 4), [2, 4]);
});

test('the hash depends on content, not on the order of fields, and on collisions', () => {
  const { template } = deployment({ replicas: 1, maxSurge: 1, maxUnavailable: 0 }).spec;
  const reordered = { spec: template.spec, metadata: template.metadata };
  assert.equal(templateHash(template, undefined), templateHash(reordered, undefined));
  assert.notEqual(templateHash(template, undefined), templateHash(template, 1));
});

test('shares: each set by its part, the leftover to the largest', () => {
  const set = (replicas: number, max: number): ReplicaSet =>
    ({
      metadata: {
        name: `s${replicas}`,
        annotations: { 'deployment.kubernetes.io/max-replicas': String(max) },
      },
      spec: { replicas },
      status: { replicas },
    }) as unknown as ReplicaSet;
  const scaled = (from: readonly number[], max: number, replicas: number): readonly number[] =>
    scaleProportionally(
      deployment({ replicas, maxSurge: 0, maxUnavailable: 1 }),
      from.map((size) => set(size, max)),
    ).map((scale) => scale.replicas);
  assert.deepEqual(scaled([5, 5], 10, 20), [10, 10]);
  assert.deepEqual(scaled([8, 2], 10, 5), [4, 1]);
  assert.deepEqual(scaled([7, 3], 10, 11), [8, 3]);
  assert.deepEqual(scaled([6, 4], 10, 0), [0, 0]);
});

test('pods that are to go already are nobody to rely on, whatever an older status says', () => {
  const set = (name: string, replicas: number, availableReplicas: number): ReplicaSet =>
    ({
      metadata: { name },
      spec: { replicas },
      status: { replicas: 3, availableReplicas },
    }) as unknown as ReplicaSet;
  const web = deployment({ replicas: 3, maxSurge: 2, maxUnavailable: 0 });
  assert.deepEqual(scaleDownOld(web, [set('old', 2, 2)], set('new', 1, 3)), []);
  assert.deepEqual(scaleDownOld(web, [set('older', 1, 3), set('old', 2, 2)], set('new', 1, 0)), []);
});

const amount = fc.oneof(
  fc.nat(6),
  fc.nat(100).map((percent) => `${percent}%`),
);
const amounts = fc.record({ replicas: fc.nat(12), maxSurge: amount, maxUnavailable: amount });
const event = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('answer' as const), count: fc.integer({ min: -3, max: 6 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('template' as const), version: fc.nat(4) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('step' as const) }) },
);

test('a rollout never has too many pods nor takes too many away, and always ends', () => {
  fc.assert(
    fc.property(amounts, fc.array(event, { maxLength: 40 }), (sizes, events) => {
      const world = new World(deployment(sizes));
      let image = 'v1';
      for (const happened of events) {
        if (happened.type === 'answer') world.answer(happened.count);
        else if (happened.type === 'template') {
          image = `v${happened.version}`;
          world.change(deployment(sizes, image));
        } else checkedStep(world);
      }
      for (let i = 0; i < 100; i++) {
        world.answer(100);
        checkedStep(world);
      }
      const running = world.sets.filter((set) => replicasOf(set) > 0);
      assert.deepEqual(
        running.map(({ spec }) => [spec.template.spec.containers[0]?.image, spec.replicas]),
        sizes.replicas === 0 ? [] : [[image, sizes.replicas]],
      );
      const progress = world.deployment.status.conditions?.find(({ type }) => type === 'Progressing');
      assert.equal(progress?.reason, 'NewReplicaSetAvailable');
      assert.deepEqual(world.step().actions, []);
    }),
    games(300),
  );
});

function checkedStep(world: World): void {
  const before = { pods: totalReplicas(world.sets), available: totalAvailable(world.sets) };
  world.step();
  const wanted = replicasOf(world.deployment);
  const most = wanted + rolloutBounds(world.deployment).surge;
  const least = wanted - maxUnavailable(world.deployment);
  assert.ok(totalReplicas(world.sets) <= Math.max(before.pods, most), 'too many pods');
  assert.ok(totalAvailable(world.sets) >= Math.min(before.available, least), 'too few available');
}
