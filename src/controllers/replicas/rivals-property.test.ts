/**
 * Owners that fight for pods: ReplicaSets and a ReplicationController with one selector, orphans that all
 * of them want; caches that lag, streams that break, processes that die at any call. Every change is looked
 * at in the order in which it happened.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { replicaSets } from '../../api/groups/apps/replica-set/replica-set.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { replicationControllers } from '../../api/groups/core/replication-controller/replication-controller.ts';
import type { KubernetesObject, ResourceType } from '../../api/meta/object.ts';
import type { Pod } from '../../api/types.gen.ts';
import { ChangeLog } from '../change-log.fixture.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { controllerOf, isControlledBy } from '../ownership/ownership.ts';
import { isPodActive } from '../pod-state/pod-state.ts';
import { replicaSetController } from '../replica-set/replica-set.ts';
import { replicationController } from '../replication-controller/replication-controller.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';

const labels = { app: 'web' };
const namespace = 'default';
const OWNERS = ['set-0', 'set-1', 'old'];
const typeOf = (name: string): ResourceType => (name === 'old' ? replicationControllers : replicaSets);

const which = fc.nat(12);
const owner = fc.constantFrom(...OWNERS);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('orphan' as const), count: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('scale' as const), owner, replicas: fc.nat(4) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('relabel' as const),
      which,
      app: fc.constantFrom('web', 'other'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('cut-loose' as const), which }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('lose' as const), which }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('abandon' as const), owner }) },
  { weight: 7, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }),
});

class World {
  readonly #cluster: TestCluster;
  readonly #log: ChangeLog;
  readonly #controllers = new Map<string, string | undefined>();
  readonly #adoptions = new Map<string, number>();
  /** What the test did that may lead to another adoption of a pod. */
  readonly #occasions = new Map<string, number>();
  #sequence = 0;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#log = new ChangeLog(cluster, [pods]);
  }

  async begin(): Promise<void> {
    for (const name of OWNERS) await this.#own(name);
  }

  async #own(name: string): Promise<void> {
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const { client } = this.#cluster;
    const metadata = { namespace, name };
    if (name === 'old') {
      await client.create(replicationControllers, {
        metadata,
        spec: { replicas: 2, selector: labels, template },
      });
    } else {
      const selector = { matchLabels: labels };
      await client.create(replicaSets, { metadata, spec: { replicas: 2, selector, template } });
    }
  }

  /**
   * A pod goes from one owner to another by way of being an orphan, and no more often than there is reason
   * to.
   */
  check(): void {
    for (const { object } of this.#log.take()) {
      const { uid = '', name = '' } = object.metadata;
      const before = this.#controllers.get(uid);
      const now = controllerOf(object)?.uid;
      const isKnown = this.#controllers.has(uid);
      this.#controllers.set(uid, now);
      if (!isKnown || now === before) continue;
      assert.ok(before === undefined || now === undefined, `${name} was taken away from its owner`);
      if (now === undefined) continue;
      const adoptions = (this.#adoptions.get(uid) ?? 0) + 1;
      this.#adoptions.set(uid, adoptions);
      const reasons = 1 + (this.#occasions.get(uid) ?? 0);
      assert.ok(adoptions <= reasons, `${name} was adopted ${adoptions} times, for ${reasons} reasons`);
    }
  }

  #note({ metadata: { uid = '' } }: KubernetesObject): void {
    this.#occasions.set(uid, (this.#occasions.get(uid) ?? 0) + 1);
  }

  async #pods(): Promise<readonly Pod[]> {
    return (await this.#cluster.client.list(pods)).items;
  }

  async perform(what: Step): Promise<void> {
    const { client } = this.#cluster;
    switch (what.type) {
      case 'orphan': {
        const spec = { containers: [{ name: 'c', image: 'i' }] };
        for (let i = 0; i < what.count; i++) {
          await client.create(pods, { metadata: { namespace, name: `o${this.#sequence++}`, labels }, spec });
        }
        return;
      }
      case 'scale': {
        const body = { spec: { replicas: what.replicas } };
        await client.patch(typeOf(what.owner), { namespace, name: what.owner }, { type: 'merge', body });
        return;
      }
      case 'relabel':
        return this.#change(what.which, { labels: { app: what.app } });
      case 'cut-loose':
        return this.#change(what.which, { ownerReferences: null });
      case 'lose': {
        const all = await this.#pods();
        const name = all[what.which % Math.max(all.length, 1)]?.metadata.name;
        return name === undefined ? undefined : unlessGone(client.delete(pods, { namespace, name }));
      }
      case 'abandon':
        return this.#abandon(what.owner);
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  async #change(
    index: number,
    metadata: { labels: { app: string } } | { ownerReferences: null },
  ): Promise<void> {
    const all = await this.#pods();
    const pod = all[index % Math.max(all.length, 1)];
    if (pod === undefined) return;
    this.#note(pod);
    const { name = '' } = pod.metadata;
    await unlessGone(
      this.#cluster.client.patch(pods, { namespace, name }, { type: 'merge', body: { metadata } }),
    );
  }

  /**
   * As the garbage collector does it: the owner goes, its pods are orphans, and another one of that name
   * comes.
   */
  async #abandon(name: string): Promise<void> {
    const { client } = this.#cluster;
    const gone = await client.get(typeOf(name), { namespace, name });
    await client.delete(typeOf(name), { namespace, name });
    for (const pod of (await this.#pods()).filter((each) => isControlledBy(each, gone))) {
      this.#note(pod);
      const { name: podName = '' } = pod.metadata;
      const body = { metadata: { ownerReferences: null } };
      await unlessGone(client.patch(pods, { namespace, name: podName }, { type: 'merge', body }));
    }
    await this.#own(name);
  }

  stop(): void {
    this.#log.stop();
  }

  async checkEnd(): Promise<void> {
    await endTrouble(this.#cluster);
    await this.#cluster.advance('2m');
    this.check();
    const all = await this.#pods();
    for (const name of OWNERS) {
      const object = await this.#cluster.client.get(typeOf(name), { namespace, name });
      const { spec, status } = object as unknown as {
        spec: { replicas?: number };
        status: { replicas: number };
      };
      const own = all.filter((pod) => isPodActive(pod) && isControlledBy(pod, object));
      assert.equal(own.length, spec.replicas, `pods of ${name}`);
      assert.equal(status.replicas, spec.replicas);
      for (const { metadata } of own) assert.equal(metadata.labels?.['app'], 'web');
    }
    const orphans = all.filter(
      (pod) => controllerOf(pod) === undefined && pod.metadata.labels?.['app'] === 'web',
    );
    assert.deepEqual(orphans, [], 'somebody takes every pod that matches');
  }
}

test('rivals never take pods from each other, come to rest, and each has its own in the end', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const cluster = await startTestCluster([replicaSetController, replicationController], { lagMs });
      await liveThrough(cluster, new World(cluster), steps);
    }),
    games(25),
  );
});
