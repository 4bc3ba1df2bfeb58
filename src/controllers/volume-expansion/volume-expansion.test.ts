import assert from 'node:assert/strict';
import { test } from 'node:test';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import type { Draft } from '../../api/meta/object.ts';
import type { PersistentVolumeSpec } from '../../api/types.gen.ts';
import { startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { claimRef, createClaim, createVolume, getClaim } from '../persistent-volume-binder/binder.fixture.ts';
import { persistentVolumeBinder } from '../persistent-volume-binder/persistent-volume-binder.ts';
import { volumeExpansionController } from './volume-expansion.ts';

async function grow(
  spec: Draft<PersistentVolumeSpec>,
  annotations: { readonly [key: string]: string },
  check: (cluster: TestCluster) => Promise<void>,
): Promise<void> {
  const cluster = await startTestCluster([persistentVolumeBinder, volumeExpansionController]);
  try {
    await createVolume(cluster, 'v', spec, annotations);
    await createClaim(cluster, 'data');
    await cluster.settle();
    assert.deepEqual(cluster.events, []);
    const body = { spec: { resources: { requests: { storage: '2Gi' } } } };
    await cluster.client.patch(persistentVolumeClaims, claimRef('data'), { type: 'merge', body });
    await cluster.settle();
    await check(cluster);
  } finally {
    await cluster.stop();
  }
}

const WAITING = 'ExternalExpanding: waiting for an external controller to expand this PVC';

test('who is waited for', async () => {
  const csi = { driver: 'example.com', volumeHandle: '1' };
  for (const spec of [{ csi }, {}])
    await grow(spec, {}, async ({ events }) => assert.deepEqual(events, [WAITING]));
});

test('drivers that took over are told', () =>
  grow({}, { 'pv.kubernetes.io/migrated-to': 'example.com' }, async (cluster) => {
    const { annotations = {} } = (await getClaim(cluster, 'data')).metadata;
    assert.equal(annotations['volume.kubernetes.io/storage-resizer'], 'example.com');
  }));

test('a volume that is heard of after its claim is cared for, too', async () => {
  const lagMs = { persistentvolumes: 300 };
  const cluster = await startTestCluster([volumeExpansionController], { lagMs });
  const { client } = cluster;
  const claim = await createClaim(cluster, 'data', {
    volumeName: 'v',
    resources: { requests: { storage: '2Gi' } },
  });
  const { uid = '' } = claim.metadata;
  const annotations = { 'pv.kubernetes.io/migrated-to': 'example.com' };
  await createVolume(cluster, 'v', { claimRef: { ...claimRef('data'), uid } }, annotations);
  const status = { phase: 'Bound', capacity: { storage: '1Gi' } } as const;
  await client.update(persistentVolumeClaims, { ...claim, status }, { subresource: 'status' });
  await cluster.advance('1s');
  const after = await getClaim(cluster, 'data');
  assert.equal(after.metadata.annotations?.['volume.kubernetes.io/storage-resizer'], 'example.com');
  await cluster.stop();
});
