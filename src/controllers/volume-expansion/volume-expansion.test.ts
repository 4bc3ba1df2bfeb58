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
