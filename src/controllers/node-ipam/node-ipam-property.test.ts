/**
 * Networks of nodes under trouble: nodes that come, go and come back under their names, more of them than
 * there are networks, some that bring a network along; caches that lag, streams that break, processes that
 * die at any call. Every change is looked at in the order in which it happened.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { contains, parseNetwork } from '../../api/addresses/addresses.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { Node } from '../../api/types.gen.ts';
import { ChangeLog } from '../change-log.fixture.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { nodeIpamController } from './node-ipam.ts';

const POD_NETWORK = '10.42.0.0/22';
const NETWORKS = ['10.42.0.0/24', '10.42.1.0/24', '10.42.2.0/24', '10.42.3.0/24'];
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];

const name = fc.constantFrom(...NAMES);
/** One is of another size, one lies elsewhere. */
const brought = fc.constantFrom('10.42.1.0/24', '10.42.2.0/23', '10.42.3.128/25', '10.99.0.0/24');
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('join' as const), name }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('bring' as const), name, network: brought }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('leave' as const), name }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('replace' as const), name }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('settle' as const) }) },
  { weight: 6, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }),
});

class World {
  readonly #cluster: TestCluster;
  readonly #log: ChangeLog;
  readonly #present = new Map<string, Node>();
  /** Nodes that brought their network; true once everybody can know of it. */
  readonly #brought = new Map<string, boolean>();

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#log = new ChangeLog(cluster, [nodes]);
  }

  check(): void {
    for (const { type, object } of this.#log.take()) {
      const node = object as Node;
      const { uid = '' } = node.metadata;
      const had = this.#present.get(uid)?.spec.podCIDR;
      const has = node.spec.podCIDR;
      if (had !== undefined) assert.equal(has, had, 'a node keeps its network');
      else if (has !== undefined && !this.#brought.has(uid)) this.#checkGiven(has);
      if (type === 'DELETED') this.#present.delete(uid);
      else this.#present.set(uid, node);
    }
  }

  #checkGiven(network: string): void {
    assert.ok(NETWORKS.includes(network), `${network} is none of the cluster's`);
    for (const { metadata, spec } of this.#present.values()) {
      const other = spec.podCIDR;
      if (other === undefined || this.#brought.get(metadata.uid ?? '') === false) continue;
      assert.ok(!overlap(network, other), `${network} is given, while ${metadata.name ?? ''} has ${other}`);
    }
  }

  async perform(what: Step): Promise<void> {
    const { client } = this.#cluster;
    switch (what.type) {
      case 'join':
        await this.#join(what.name);
        return;
      case 'bring':
        return this.#bring(what.name, what.network);
      case 'leave':
        return unlessGone(client.delete(nodes, { name: what.name }));
      case 'replace':
        await unlessGone(client.delete(nodes, { name: what.name }));
        await this.#join(what.name);
        return;
      case 'settle':
        return this.#cluster.settle();
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  async #join(name: string, podCIDR?: string): Promise<Node | undefined> {
    const spec = podCIDR === undefined ? {} : { podCIDR };
    try {
      return await this.#cluster.client.create(nodes, { metadata: { name }, spec });
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
      return undefined;
    }
  }

  async #bring(name: string, network: string): Promise<void> {
    const node = await this.#join(name, network);
    const { uid = '' } = node?.metadata ?? {};
    if (node === undefined) return;
    this.#brought.set(uid, false);
    await this.#cluster.settle();
    this.check();
    this.#brought.set(uid, true);
  }

  stop(): void {
    this.#log.stop();
  }

  async checkEnd(): Promise<void> {
    await endTrouble(this.#cluster);
    // Those that found none look again from time to time.
    await this.#cluster.advance('31s');
    this.check();
    const { items } = await this.#cluster.client.list(nodes);
    const held = items.flatMap(({ spec }) => spec.podCIDR ?? []);
    const free = NETWORKS.filter((network) => !held.some((other) => overlap(network, other)));
    const without = items.filter(({ spec }) => spec.podCIDR === undefined);
    assert.ok(without.length === 0 || free.length === 0, `a node has none, and ${free.join()} are free`);
  }
}

function overlap(one: string, other: string): boolean {
  const [a, b] = [parseNetwork(one), parseNetwork(other)];
  return a !== undefined && b !== undefined && (contains(a, b.base) || contains(b, a.base));
}

test('networks never overlap, nodes keep theirs, and none has to do without while one is free', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const cluster = await startTestCluster([nodeIpamController(POD_NETWORK)], { lagMs });
      await liveThrough(cluster, new World(cluster), steps);
    }),
    games(25),
  );
});
