import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterRoles } from '../../api/groups/rbac/cluster-role/cluster-role.ts';
import type { PolicyRule } from '../../api/types.gen.ts';
import { startTestCluster } from '../cluster.fixture.ts';
import { clusterRoleAggregationController } from './cluster-role-aggregation.ts';

const rule = (resource: string): PolicyRule => ({ apiGroups: [''], resources: [resource], verbs: ['get'] });

test('a role gathers the rules of the roles it selects, and follows them', async () => {
  const cluster = await startTestCluster([clusterRoleAggregationController]);
  const { client } = cluster;
  const labels = { 'example.com/to-all': 'true' };
  await client.create(clusterRoles, {
    metadata: { name: 'all', labels },
    rules: [rule('stale')],
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: labels }] },
  });
  await client.create(clusterRoles, {
    metadata: { name: 'b', labels },
    rules: [rule('pods'), rule('nodes')],
  });
  await client.create(clusterRoles, { metadata: { name: 'a', labels }, rules: [rule('nodes')] });
  await client.create(clusterRoles, { metadata: { name: 'other' }, rules: [rule('secrets')] });
  await cluster.settle();
  const rules = async () => (await client.get(clusterRoles, { name: 'all' })).rules;
  assert.deepEqual(await rules(), [rule('nodes'), rule('pods')]);
  await client.delete(clusterRoles, { name: 'b' });
  await cluster.settle();
  assert.deepEqual(await rules(), [rule('nodes')]);
  await cluster.stop();
});
