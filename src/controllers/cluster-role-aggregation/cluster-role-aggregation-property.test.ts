/**
 * Aggregated roles under trouble: roles that come, change, are labelled otherwise and go; aggregates of
 * aggregates, whose rules are spoiled; caches that lag, streams that break, processes that die at any call.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { clusterRoles } from '../../api/groups/rbac/cluster-role/cluster-role.ts';
import type { ClusterRole, PolicyRule } from '../../api/types.gen.ts';
import { ChangeLog } from '../change-log.fixture.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { clusterRoleAggregationController } from './cluster-role-aggregation.ts';

const LABEL = 'example.com/into';
const rule = (resource: string): PolicyRule => ({ apiGroups: [''], resources: [resource], verbs: ['get'] });

/** What each aggregate gathers: `edit` is part of `admin`, which is part of `all`. */
const AGGREGATES = { edit: 'edit', admin: 'admin', all: 'all' } as const;
const PART_OF: { readonly [name: string]: string | undefined } = { edit: 'admin', admin: 'all' };

const leaf = fc.constantFrom('a', 'b', 'c');
const into = fc.constantFrom('edit', 'admin', 'all', 'none');
const resources = fc.uniqueArray(fc.constantFrom('pods', 'nodes', 'secrets'), { maxLength: 3 });
const aggregate = fc.constantFrom('edit', 'admin', 'all');
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('write' as const), leaf, into, resources }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('delete' as const), name: fc.oneof(leaf, aggregate) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('spoil' as const), aggregate }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('make' as const), aggregate }) },
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
  readonly #leaves = new Map<string, readonly PolicyRule[]>();
  /** All that the test ever wrote into them. */
  readonly #written = new Set<string>();

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#log = new ChangeLog(cluster, [clusterRoles]);
  }

  async begin(): Promise<void> {
    for (const name of Object.keys(AGGREGATES)) await this.#make(name);
  }

  check(): void {
    for (const { type, object } of this.#log.take()) {
      const { rules, aggregationRule, metadata } = object as ClusterRole;
      if (type === 'DELETED' || aggregationRule !== undefined) continue;
      // Its rules may be older than the test's last word, but never anybody else's.
      assert.ok(this.#written.has(textOf(metadata.name, rules)), `${metadata.name ?? ''} was given rules`);
    }
  }

  async perform(what: Step): Promise<unknown> {
    const { client } = this.#cluster;
    switch (what.type) {
      case 'write':
        return this.#write(what.leaf, what.into, what.resources.map(rule));
      case 'delete':
        this.#leaves.delete(what.name);
        return unlessGone(client.delete(clusterRoles, { name: what.name }));
      case 'spoil': {
        const body = { rules: [rule('anything')] };
        return unlessGone(
          client.patch(clusterRoles, { name: what.aggregate }, { type: 'merge', body } as never),
        );
      }
      case 'make':
        return this.#make(what.aggregate);
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  async #write(name: string, label: string, rules: readonly PolicyRule[]): Promise<void> {
    this.#leaves.set(name, rules);
    this.#written.add(textOf(name, rules));
    await this.#put({ metadata: { name, labels: { [LABEL]: label } }, rules });
  }

  #make(name: string): Promise<void> {
    const label = PART_OF[name] ?? 'none';
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { [LABEL]: name } }] };
    return this.#put({ metadata: { name, labels: { [LABEL]: label } }, rules: [], aggregationRule });
  }

  /** Whatever is there already. */
  async #put(role: Pick<ClusterRole, 'metadata' | 'rules' | 'aggregationRule'>): Promise<void> {
    const { client } = this.#cluster;
    const { items } = await client.list(clusterRoles);
    const present = items.find(({ metadata }) => metadata.name === role.metadata.name);
    if (present === undefined) await client.create(clusterRoles, role);
    else
      await client.update(clusterRoles, {
        ...present,
        ...role,
        metadata: { ...present.metadata, ...role.metadata },
      });
  }

  stop(): void {
    this.#log.stop();
  }

  async checkEnd(): Promise<void> {
    await endTrouble(this.#cluster);
    await this.#cluster.advance('1m');
    this.check();
    const { items } = await this.#cluster.client.list(clusterRoles);
    const rulesOf = (name: string): readonly string[] => {
      const own = items.find(({ metadata }) => metadata.name === name);
      if (own?.aggregationRule === undefined) return (own?.rules ?? []).map((one) => JSON.stringify(one));
      const parts = items.filter(({ metadata }) => metadata.labels?.[LABEL] === name);
      return [...new Set(parts.flatMap(({ metadata }) => rulesOf(metadata.name ?? '')))].toSorted();
    };
    for (const { metadata, rules = [], aggregationRule } of items) {
      const { name = '' } = metadata;
      const found = rules.map((one) => JSON.stringify(one));
      if (aggregationRule === undefined) assert.deepEqual(rules, this.#leaves.get(name), name);
      else assert.deepEqual(found.toSorted(), rulesOf(name), name);
    }
  }
}

const textOf = (name = '', rules: readonly PolicyRule[]): string =>
  `${name}: ${rules.map(({ resources = [] }) => resources.join()).join(' ')}`;

test('an aggregate has the rules of its parts, each once, and no other role is touched', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const cluster = await startTestCluster([clusterRoleAggregationController], { lagMs });
      await liveThrough(cluster, new World(cluster), steps);
    }),
    games(25),
  );
});
