import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodes } from '../api/groups/core/node/node.ts';
import { startCluster } from './start-cluster.ts';

test('simulated nodes become ready in virtual time', async () => {
  const cluster = await startCluster({ nodes: 2 });
  await cluster.clock.advance('30s');
  const { items } = await cluster.client.list(nodes);
  assert.deepEqual(
    items.map(({ metadata, status }) => [
      metadata.name,
      status?.conditions?.find(({ type }) => type === 'Ready')?.status,
    ]),
    [
      ['node-1', 'True'],
      ['node-2', 'True'],
    ],
  );
  await cluster.stop();
});
