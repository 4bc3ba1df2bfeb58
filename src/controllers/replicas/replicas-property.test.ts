/**
 * ReplicaSets and ReplicationControllers under trouble: pods that end, vanish and change their labels, owners
 * that are scaled, caches that lag, lost races, controllers that die between two writes.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { replicaSets } from '../../api/groups/apps/replica-set/replica-set.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { replicationControllers } from '../../api/groups/core/replication-controller/replication-controller.ts';
import type { ResourceType } from '../../api/meta/object.ts';
import type { Pod } from '../../api/types.gen.ts';
import { setPodReady, startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { isControlledBy } from '../ownership/ownership.ts';
import { isPodActive } from '../pod-state/pod-state.ts';
import { replicaSetController } from '../replica-set/replica-set.ts';
import { replicationController } from '../replication-controller/replication-controller.ts';
import { makeTrouble, suddenStep } from '../trouble-steps.fixture.ts';
import type { ReplicaOwner } from './plan.ts';

const REPLICAS_MAX = 6;
const WEB = { namespace: 'default', name: 'web' };
const LABELS = { app: 'web' };

const step = fc.oneof(
  fc.record({ type: fc.constant('scale' as const), replicas: fc.nat(REPLICAS_MAX) }),
  fc.record({ type: fc.constant('end' as const), which: fc.nat(8) }),
  fc.record({ type: fc.constant('delete' as const), which: fc.nat(8), isHard: fc.boolean() }),
  fc.record({
    type: fc.constant('relabel' as const),
    which: fc.nat(8),
    app: fc.constantFrom('web', 'other'),
  }),
  fc.record({ type: fc.constant('ready' as const) }),
  fc.record({ type: fc.constant('advance' as const), ms: fc.constantFrom(50, 400, 3_000) }),
  fc.record({ type: fc.constant('crash' as const), writes: fc.nat(4) }),
  fc.record({ type: fc.constant('refuse' as const), writes: fc.integer({ min: 1, max: 3 }) }),
  suddenStep,
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  isOld: fc.boolean(),
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 3, maxLength: 25 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never;

class World {
  readonly cluster: TestCluster;
  readonly type: ResourceType<ReplicaOwner>;

  constructor(cluster: TestCluster, type: ResourceType<ReplicaOwner>) {
    this.cluster = cluster;
    this.type = type;
  }

  get(): Promise<ReplicaOwner> {
    return this.cluster.client.get(this.type, WEB);
  }

  async pods(): Promise<readonly Pod[]> {
    return (await this.cluster.client.list(pods)).items;
  }

  async active(): Promise<readonly Pod[]> {
    const owner = await this.get();
    return (await this.pods()).filter((pod) => isPodActive(pod) && isControlledBy(pod, owner));
  }

  /** What has ended stays so. */
  async runAll(): Promise<void> {
    const { client, host } = this.cluster;
    for (const pod of (await this.pods()).filter(isPodActive)) {
      await setPodReady(client, pod, true, host.clock.now());
    }
  }

  async perform(what: Step): Promise<void> {
    const { client, host } = this.cluster;
    const all = await this.pods();
    const chosen = 'which' in what ? all[what.which % Math.max(1, all.length)] : undefined;
    const ref = { namespace: 'default', name: chosen?.metadata.name ?? '' };
    if ('which' in what && chosen === undefined) return;
    switch (what.type) {
      case 'scale': {
        const body = { spec: { replicas: what.replicas } };
        await client.patch(this.type, WEB, { type: 'merge', body });
        return;
      }
      case 'end': {
        const body = { status: { phase: 'Failed' } };
        await client.patch(pods, ref, { type: 'merge', body }, { subresource: 'status' });
        return;
      }
      case 'delete':
        return client.delete(pods, ref, what.isHard ? { gracePeriodSeconds: 0 } : {});
      case 'relabel': {
        const body = { metadata: { labels: { app: what.app } } };
        await client.patch(pods, ref, { type: 'merge', body });
        return;
      }
      case 'ready':
        return this.runAll();
      case 'advance':
        return host.clock.advance(what.ms);
      case 'crash':
        this.cluster.crash(what.writes);
        await host.clock.advance(500);
        return this.cluster.restart();
      case 'refuse':
        return this.cluster.refuse(what.writes);
      case 'kill':
      case 'break':
        return makeTrouble(this.cluster, what);
    }
  }
}

async function run({ isOld, lagMs, steps }: Scenario): Promise<void> {
  let world: World | undefined;
  /** Pods that begin to match again are taken in before it is known that they are too many. */
  let strays = 0;
  const afterWrite = async (): Promise<void> => {
    const count = (await world?.active())?.length ?? 0;
    assert.ok(count <= REPLICAS_MAX + strays, `${count} active pods`);
  };
  const controllers = [replicaSetController, replicationController];
  const cluster = await startTestCluster(controllers, { lagMs, afterWrite });
  const type: ResourceType<ReplicaOwner> = isOld ? replicationControllers : replicaSets;
  world = new World(cluster, type);
  try {
    const podSpec = { nodeName: 'n1', containers: [{ name: 'c', image: 'web:1' }] };
    const template = { metadata: { labels: LABELS }, spec: podSpec };
    const selector = isOld ? LABELS : { matchLabels: LABELS };
    const spec = { replicas: 3, selector, template };
    await cluster.client.create(type, { metadata: WEB, spec });
    for (const each of steps) {
      if (each.type === 'relabel') strays++;
      await world.perform(each);
      await cluster.host.clock.advance(10);
      await afterWrite();
    }
    await cluster.advance('2m');
    await world.runAll();
    await cluster.advance('2m');
    const { spec: wanted, status } = await world.get();
    const { replicas = 0 } = wanted;
    assert.equal((await world.active()).length, replicas);
    const { readyReplicas = 0, availableReplicas = 0, terminatingReplicas } = status;
    assert.deepEqual([status.replicas, readyReplicas, availableReplicas], [replicas, replicas, replicas]);
    assert.equal(terminatingReplicas === undefined, isOld);
  } finally {
    await cluster.stop();
  }
}

test('never too many pods, whatever happens, and as many as wanted in the end', async () => {
  await fc.assert(fc.asyncProperty(scenario, run), games(40));
});
