/**
 * Migrations under trouble: several of one resource, some of a resource that is not there; they are deleted
 * and made again, and so are the objects they are about; caches that lag, streams that break, processes that
 * die at any call. Every change is looked at in the order in which it happened.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { BUILT_IN_KINDS } from '../../api/catalog.ts';
import { configMaps } from '../../api/groups/core/config-map/config-map.ts';
import { storageVersionMigrations } from '../../api/groups/storagemigration/storage-version-migration/storage-version-migration.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { StorageVersionMigration } from '../../api/types.gen.ts';
import { ChangeLog } from '../change-log.fixture.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { isOver, isTrue } from './plan.ts';
import { storageVersionMigrationController } from './storage-version-migration.ts';

const name = fc.constantFrom('one', 'two', 'three');
const resource = fc.constantFrom('configmaps', 'configmaps', 'nothings');
const map = fc.constantFrom('a', 'b', 'c');
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('make' as const), name, resource }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('delete' as const), name }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('put-object' as const), map }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('drop-object' as const), map }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('wait' as const) }) },
  { weight: 8, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }),
});

const types = ['Running', 'Succeeded', 'Failed'];
const stateOf = (migration: StorageVersionMigration): string =>
  types.filter((type) => isTrue(migration, type)).join('+');

class World {
  readonly #cluster: TestCluster;
  readonly #log: ChangeLog;
  readonly #present = new Map<string, StorageVersionMigration>();

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#log = new ChangeLog(cluster, [storageVersionMigrations]);
  }

  check(): void {
    for (const { type, object } of this.#log.take()) {
      const migration = object as StorageVersionMigration;
      const { uid = '' } = migration.metadata;
      const before = this.#present.get(uid);
      this.#present.delete(uid);
      if (type === 'DELETED') continue;
      this.#present.set(uid, migration);
      this.#checkProgress(migration, before);
    }
  }

  #checkProgress(migration: StorageVersionMigration, before: StorageVersionMigration | undefined): void {
    const { name: own = '' } = migration.metadata;
    const [was, is] = [before === undefined ? '' : stateOf(before), stateOf(migration)];
    const isExpected = was === is || (was === '' ? is === 'Running' : was === 'Running' && is !== '');
    assert.ok(isExpected && !is.includes('+'), `${own} was ${was} and is ${is}`);
    const noted = before?.status.resourceVersion;
    if (noted !== undefined) assert.equal(migration.status.resourceVersion, noted, `${own} has moved`);
    if (is === 'Succeeded') assert.match(migration.status.resourceVersion ?? '', /^\d+$/, own);
    const running = [...this.#present.values()]
      .filter((one) => stateOf(one) === 'Running')
      .map(({ spec }) => spec.resource.resource);
    assert.equal(new Set(running).size, running.length, 'two of one resource run at once');
  }

  async perform(what: Step): Promise<unknown> {
    const { client } = this.#cluster;
    switch (what.type) {
      case 'make': {
        const spec = { resource: { group: '', resource: what.resource } };
        return unlessThere(client.create(storageVersionMigrations, { metadata: { name: what.name }, spec }));
      }
      case 'delete':
        return unlessGone(client.delete(storageVersionMigrations, { name: what.name }));
      case 'put-object':
        return this.#put(what.map);
      case 'drop-object':
        return unlessGone(client.delete(configMaps, { namespace: 'default', name: what.map }));
      case 'wait':
        return this.#cluster.advance('1m');
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  async #put(own: string): Promise<void> {
    const { client, host } = this.#cluster;
    const ref = { namespace: 'default', name: own };
    await unlessThere(client.create(configMaps, { metadata: ref }));
    const body = { data: { at: String(host.clock.monotonicMs()) } };
    await client.patch(configMaps, ref, { type: 'merge', body });
  }

  stop(): void {
    this.#log.stop();
  }

  async checkEnd(): Promise<void> {
    await endTrouble(this.#cluster);
    await this.#cluster.advance('2d');
    this.check();
    for (const migration of this.#present.values()) {
      const { name: own = '' } = migration.metadata;
      assert.ok(isOver(migration), `${own} never ends`);
      const expected = migration.spec.resource.resource === 'configmaps' ? 'Succeeded' : 'Failed';
      assert.equal(stateOf(migration), expected, own);
      assert.deepEqual(
        migration.status.conditions?.map(({ type }) => type),
        [expected],
        own,
      );
    }
  }
}

async function unlessThere(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
}

test('migrations of a resource run one after the other, each to an end that stays', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const controller = storageVersionMigrationController(() => BUILT_IN_KINDS);
      const cluster = await startTestCluster([controller], { lagMs });
      await liveThrough(cluster, new World(cluster), steps);
    }),
    games(25),
  );
});
