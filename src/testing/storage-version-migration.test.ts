/** Objects of a custom kind brought to another storage version, in a whole cluster. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customResourceDefinitions } from '../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import { configMaps } from '../api/groups/core/config-map/config-map.ts';
import { storageVersionMigrations } from '../api/groups/storagemigration/storage-version-migration/storage-version-migration.ts';
import type { CustomResourceDefinitionVersion } from '../api/types.gen.ts';
import { clusterWith, cronTabs, definitionOf, GROUP, NAMES } from './custom-kind.fixture.ts';
import type { TestCluster } from './start-cluster.ts';

const OBJECTS = 1_200;
const NAME = `crontabs.${GROUP}`;

const version = (name: string, storage: boolean): CustomResourceDefinitionVersion => ({
  name,
  served: true,
  storage,
  schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
});

const migrate = ({ client }: TestCluster, name: string, group: string, resource: string) =>
  client.create(storageVersionMigrations, { metadata: { name }, spec: { resource: { group, resource } } });

async function conditions({ client }: TestCluster, name: string): Promise<readonly string[]> {
  const { status } = await client.get(storageVersionMigrations, { name });
  return (status.conditions ?? []).map(({ type, status: value, reason }) => `${type}=${value} ${reason}`);
}

async function versions({ client }: TestCluster): Promise<ReadonlyMap<string, string>> {
  const { items } = await client.list(cronTabs('v2'));
  return new Map(items.map(({ metadata }) => [metadata.name ?? '', metadata.resourceVersion ?? '']));
}

test('every object lies in the new version afterwards, and the old one may go', async () => {
  const cluster = await clusterWith(definitionOf([version('v1', true), version('v2', false)], NAMES));
  const { client } = cluster;
  for (let i = 0; i < OBJECTS; i++) {
    await client.create(cronTabs('v1'), { metadata: { name: `c${i}`, namespace: 'default' }, spec: { i } });
  }
  const current = await client.get(customResourceDefinitions, { name: NAME });
  const turned = [version('v1', false), version('v2', true)];
  await client.update(customResourceDefinitions, { ...current, spec: { ...current.spec, versions: turned } });
  await cluster.settle();
  await client.create(cronTabs('v2'), { metadata: { name: 'new', namespace: 'default' } });
  const before = await versions(cluster);
  await migrate(cluster, 'one', GROUP, NAMES.plural);
  await migrate(cluster, 'two', GROUP, NAMES.plural);
  await cluster.settle(60_000);
  assert.deepEqual(await conditions(cluster, 'one'), ['Succeeded=True StorageVersionMigrationSucceeded']);
  assert.deepEqual(await conditions(cluster, 'two'), ['Succeeded=True StorageVersionMigrationSucceeded']);
  const after = await versions(cluster);
  const same = [...after].filter(([name, at]) => before.get(name) === at).map(([name]) => name);
  assert.deepEqual([after.size, same], [OBJECTS + 1, ['new']], 'what lies right is not written');
  const { status, spec } = await client.get(customResourceDefinitions, { name: NAME });
  assert.deepEqual(status.storedVersions, ['v2']);
  const said = status.conditions.find(({ type }) => type === 'StorageMigrating');
  assert.deepEqual([said?.status, said?.reason], ['False', 'MigrationSucceeded']);
  const only = {
    ...(await client.get(customResourceDefinitions, { name: NAME })),
    spec: { ...spec, versions: [version('v2', true)] },
  };
  await client.update(customResourceDefinitions, only);
  await cluster.stop();
});

test('built-in kinds lie right already; a kind that nobody serves is given up after a minute', async () => {
  const cluster = await clusterWith();
  const { client } = cluster;
  const made = await client.create(configMaps, { metadata: { name: 'a', namespace: 'default' } });
  await migrate(cluster, 'maps', '', 'configmaps');
  await migrate(cluster, 'unknown', 'x.io', 'things');
  await cluster.settle();
  assert.deepEqual(await conditions(cluster, 'maps'), ['Succeeded=True StorageVersionMigrationSucceeded']);
  const { metadata } = await client.get(configMaps, { namespace: 'default', name: 'a' });
  assert.equal(metadata.resourceVersion, made.metadata.resourceVersion);
  assert.deepEqual(await conditions(cluster, 'unknown'), ['Running=True MigrationRunning']);
  await cluster.clock.advance('70s');
  assert.deepEqual(await conditions(cluster, 'unknown'), ['Failed=True StorageVersionMigrationFailed']);
  await cluster.stop();
});
