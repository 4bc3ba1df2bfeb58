/**
 * Pods that nobody cleans up, under trouble: nodes that go and come back, or are declared lost, pods that
 * are deleted before they have a node; clocks that jump, streams that break, processes that die at any
 * call. Every change is looked at in the order in which it happened.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { Node, Pod } from '../../api/types.gen.ts';
import { ChangeLog } from '../change-log.fixture.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { endTrouble, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { podGarbageCollector } from './pod-garbage-collector.ts';

const namespace = 'default';
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

const node = fc.constantFrom('n0', 'n1', 'n2');
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constant('add' as const), node: fc.option(node, { nil: undefined }) }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('delete' as const), which: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('lose-node' as const), node }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('add-node' as const), node }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('declare-lost' as const), node }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('wait' as const), by: fc.constantFrom('10s', '45s', '2m') }),
  },
  { weight: 5, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }),
});

class World {
  readonly #cluster: TestCluster;
  readonly #log: ChangeLog;
  readonly #pods = new Map<string, Pod>();
  readonly #nodes = new Map<string, Node>();
  #sequence = 0;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#log = new ChangeLog(cluster, [pods, nodes]);
  }

  check(): void {
    for (const { type, object } of this.#log.take()) {
      const { uid = '', name = '' } = object.metadata;
      if (object.kind === 'Node') {
        if (type === 'DELETED') this.#nodes.delete(name);
        else this.#nodes.set(name, object as Node);
        continue;
      }
      const before = this.#pods.get(uid);
      if (type === 'DELETED') this.#pods.delete(uid);
      else this.#pods.set(uid, object as Pod);
      if (type === 'DELETED' && before !== undefined) this.#checkGone(before);
    }
  }

  /** The test itself only asks pods to go. */
  #checkGone({ metadata, spec }: Pod): void {
    const { nodeName = '' } = spec;
    if (nodeName === '') return;
    const home = this.#nodes.get(nodeName);
    const isLost = home?.spec.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true;
    const isFine = home === undefined || (isLost && metadata.deletionTimestamp !== undefined);
    assert.ok(isFine, `${metadata.name ?? ''} was removed from a node that is there`);
  }

  async perform(what: Step): Promise<void> {
    const { client } = this.#cluster;
    switch (what.type) {
      case 'add': {
        const spec = { containers: [{ name: 'c', image: 'i' }] };
        const place = what.node === undefined ? {} : { nodeName: what.node };
        const metadata = {
          namespace,
          name: `p${this.#sequence++}`,
          finalizers: what.node === undefined ? ['example.com/hold'] : [],
        };
        await client.create(pods, { metadata, spec: { ...spec, ...place } });
        return;
      }
      case 'delete': {
        const { items } = await client.list(pods);
        const name = items[what.which % Math.max(items.length, 1)]?.metadata.name;
        return name === undefined ? undefined : unlessGone(client.delete(pods, { namespace, name }));
      }
      case 'lose-node':
        return unlessGone(client.delete(nodes, { name: what.node }));
      case 'add-node':
        return this.#addNode(what.node);
      case 'declare-lost': {
        const taints = [{ key: OUT_OF_SERVICE, effect: 'NoExecute' }];
        const patch = { type: 'merge', body: { spec: { taints } } } as const;
        return unlessGone(client.patch(nodes, { name: what.node }, patch));
      }
      case 'wait':
        return this.#cluster.advance(what.by);
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  async #addNode(name: string): Promise<void> {
    try {
      await this.#cluster.client.create(nodes, { metadata: { name } });
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
    }
  }

  stop(): void {
    this.#log.stop();
  }

  async checkEnd(): Promise<void> {
    await endTrouble(this.#cluster);
    await this.#cluster.advance('5m');
    for (const pod of (await this.#cluster.client.list(pods)).items) {
      const { name = '', finalizers = [] } = pod.metadata;
      if (finalizers.length === 0) continue;
      const body = { metadata: { finalizers: null } };
      await unlessGone(this.#cluster.client.patch(pods, { namespace, name }, { type: 'merge', body }));
    }
    await this.#cluster.advance('5m');
    this.check();
    for (const { metadata, spec } of this.#pods.values()) {
      const { nodeName = '' } = spec;
      const isLeaving = metadata.deletionTimestamp !== undefined;
      const home = this.#nodes.get(nodeName);
      const isLost = home?.spec.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true;
      const stays = nodeName === '' ? !isLeaving : home !== undefined && !(isLost && isLeaving);
      assert.ok(stays, `${metadata.name ?? ''} stays for ever`);
    }
  }
}

test('only pods without a home are removed, and all of them', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const cluster = await startTestCluster([podGarbageCollector], { lagMs });
      const world = new World(cluster);
      try {
        for (const name of ['n0', 'n1', 'n2'] as const) {
          await world.perform({ type: 'add-node', node: name });
          await world.perform({ type: 'add', node: name });
        }
        for (const each of steps) {
          await world.perform(each);
          await cluster.host.clock.advance(10);
          world.check();
        }
        await world.checkEnd();
      } finally {
        world.stop();
        await cluster.stop();
      }
    }),
    games(30),
  );
});
