import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILT_IN_KINDS } from '../../api/catalog.ts';
import { configMaps } from '../../api/groups/core/config-map/config-map.ts';
import { storageVersionMigrations } from '../../api/groups/storagemigration/storage-version-migration/storage-version-migration.ts';
import type { CustomResourceDefinition } from '../../api/types.gen.ts';
import { startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { migrated, migrating } from './definition-status.ts';
import { storageVersionMigrationController } from './storage-version-migration.ts';

const RESOURCE = { group: '', resource: 'configmaps' };
const NOW = '2026-01-01T00:00:00Z';

const start = (lagMs = 0) =>
  startTestCluster([storageVersionMigrationController(() => BUILT_IN_KINDS)], { lagMs });

const migrate = ({ client }: TestCluster, name: string) =>
  client.create(storageVersionMigrations, { metadata: { name }, spec: { resource: RESOURCE } });

async function conditions({ client }: TestCluster): Promise<readonly string[]> {
  const { items } = await client.list(storageVersionMigrations);
  return items.map(({ metadata, status }) =>
    [metadata.name, ...(status.conditions ?? []).map(({ type, status: value }) => `${type}=${value}`)].join(
      ' ',
    ),
  );
}

test('crashes between any two writes, lost races and lagging caches only cost time', async () => {
  for (const lagMs of [0, 200]) {
    for (let writes = 0; writes < 12; writes++) {
      const cluster = await start(lagMs);
      for (const name of ['a', 'b', 'c']) {
        await cluster.client.create(configMaps, { metadata: { name, namespace: 'default' } });
      }
      cluster.refuse(writes % 3);
      cluster.crash(writes);
      await migrate(cluster, 'one');
      await migrate(cluster, 'two');
      await cluster.host.clock.advance('1m');
      await cluster.restart();
      await cluster.advance('5m');
      assert.deepEqual(await conditions(cluster), ['one Succeeded=True', 'two Succeeded=True']);
      const { items } = await cluster.client.list(storageVersionMigrations);
      for (const { status } of items) assert.match(status.resourceVersion ?? '', /^\d+$/);
      await cluster.stop();
    }
  }
});

test('stored versions are forgotten only when all went well and nothing changed meanwhile', () => {
  const version = (name: string, storage: boolean) => ({ name, storage, served: true });
  const definition: CustomResourceDefinition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.x.io', generation: 2 },
    spec: {
      group: 'x.io',
      scope: 'Cluster',
      names: { plural: 'things', kind: 'Thing' },
      versions: [version('v1', false), version('v2', true)],
    },
    status: {
      conditions: [],
      acceptedNames: { plural: 'things', kind: 'Thing' },
      storedVersions: ['v1', 'v2'],
    },
  };
  const running = migrating(definition, 'one', NOW);
  assert.equal(running.status.conditions[0]?.message, 'Migration one is running');
  assert.deepEqual(migrated(running, true, NOW).status.storedVersions, ['v2']);
  assert.deepEqual(migrated(running, false, NOW).status.storedVersions, ['v1', 'v2']);
  const changed = { ...running, metadata: { ...running.metadata, generation: 3 } };
  assert.deepEqual(migrated(changed, true, NOW).status.storedVersions, ['v1', 'v2']);
  assert.match(
    migrated(changed, true, NOW).status.conditions[0]?.message ?? '',
    /due to a generation mismatch$/,
  );
});

test('a migration that comes while another one was begun a moment ago waits for it', async () => {
  const cluster = await start(300);
  await migrate(cluster, 'two');
  await cluster.host.clock.advance(10);
  await migrate(cluster, 'one');
  for (let i = 0; i < 300; i++) {
    await cluster.host.clock.advance(10);
    const running = (await conditions(cluster)).filter((text) => text.endsWith('Running=True'));
    assert.ok(running.length <= 1, running.join());
  }
  await cluster.advance('1m');
  assert.deepEqual(await conditions(cluster), ['one Succeeded=True', 'two Succeeded=True']);
  await cluster.stop();
});
