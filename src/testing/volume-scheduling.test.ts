/** Disks of nodes, claims, the controller that binds them, and the scheduler that chooses: all together. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { persistentVolumeClaims } from '../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../api/groups/core/persistent-volume/persistent-volume.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { statefulSets } from '../api/groups/apps/stateful-set/stateful-set.ts';
import { storageClasses } from '../api/groups/storage/storage-class/storage-class.ts';
import { startCluster } from './start-cluster.ts';

test('every pod of a set gets a disk of its own and runs where the disk is', async () => {
  const cluster = await startCluster({ nodes: 3 });
  const { client } = cluster;
  await client.create(storageClasses, {
    metadata: { name: 'local' },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  // The first node has none.
  for (const node of ['node-2', 'node-3']) {
    const here = { key: 'kubernetes.io/hostname', operator: 'In' as const, values: [node] };
    await client.create(persistentVolumes, {
      metadata: { name: `disk-of-${node}` },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'local',
        local: { path: '/disk' },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } },
      },
    });
  }
  await client.create(statefulSets, {
    metadata: { namespace: 'default', name: 'db' },
    spec: {
      replicas: 3,
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: { app: 'db' } },
      serviceName: 'db',
      template: {
        metadata: { labels: { app: 'db' } },
        spec: {
          containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: 'local',
            resources: { requests: { storage: '1Gi' } },
          },
        },
      ],
    },
  });
  await cluster.settle();
  await cluster.clock.advance('30s');
  const { items } = await client.list(pods, { namespace: 'default' });
  const placed = items.filter(({ spec }) => spec.nodeName !== undefined);
  assert.equal(items.length, 3);
  assert.deepEqual(placed.map(({ spec }) => spec.nodeName).toSorted(), ['node-2', 'node-3']);
  for (const { metadata, spec } of placed) {
    const ref = { namespace: 'default', name: `data-${metadata.name ?? ''}` };
    const claim = await client.get(persistentVolumeClaims, ref);
    assert.equal(claim.status.phase, 'Bound');
    assert.equal(claim.spec.volumeName, `disk-of-${spec.nodeName ?? ''}`);
  }
  const waiting = items.find(({ spec }) => spec.nodeName === undefined);
  assert.match(
    waiting?.status.conditions?.find(({ type }) => type === 'PodScheduled')?.message ?? '',
    /^0\/3 nodes are available: 3 node\(s\) didn't find available persistent volumes to bind\./,
  );
  await cluster.stop();
});
