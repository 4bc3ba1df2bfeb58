import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { replicationControllers } from '../../api/groups/core/replication-controller/replication-controller.ts';
import { runAllPods, startTestCluster } from '../cluster.fixture.ts';
import { replicationController } from './replication-controller.ts';

test('pods of a ReplicationController are its own, and it counts them', async () => {
  const cluster = await startTestCluster([replicationController]);
  const { client } = cluster;
  const place = { name: 'web', namespace: 'default' };
  const labels = { app: 'web' };
  const spec = { containers: [{ name: 'c', image: 'web:1' }] };
  await client.create(pods, { metadata: { name: 'stray', namespace: 'default', labels }, spec });
  const owner = await client.create(replicationControllers, {
    metadata: place,
    spec: { replicas: 3, template: { metadata: { labels }, spec } },
  });
  await cluster.settle();
  const { items } = await client.list(pods);
  assert.equal(items.length, 3);
  for (const { metadata } of items) {
    assert.deepEqual(metadata.ownerReferences, [
      {
        ...{ apiVersion: 'v1', kind: 'ReplicationController', name: 'web', uid: owner.metadata.uid },
        ...{ controller: true, blockOwnerDeletion: true },
      },
    ]);
  }
  assert.ok(
    items.some(({ metadata }) => metadata.name === 'stray'),
    'adopted',
  );
  await runAllPods(cluster);
  await client.patch(replicationControllers, place, { type: 'merge', body: { spec: { replicas: 2 } } });
  await cluster.settle();
  const { status } = await client.get(replicationControllers, place);
  assert.deepEqual(status, {
    ...{
      replicas: 2,
      fullyLabeledReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      observedGeneration: 2,
    },
  });
  await cluster.stop();
});
