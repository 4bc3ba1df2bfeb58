import assert from 'node:assert/strict';
import { test } from 'node:test';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import { volumeAttributesClasses } from '../../api/groups/storage/volume-attributes-class/volume-attributes-class.ts';
import { startTestCluster } from '../cluster.fixture.ts';
import { claimRef, createClaim, createVolume } from '../persistent-volume-binder/binder.fixture.ts';
import { volumeAttributesClassProtection } from './volume-attributes-class-protection.ts';

test('a class stays as long as a claim or a volume names it', async () => {
  const cluster = await startTestCluster([volumeAttributesClassProtection]);
  const { client, settle } = cluster;
  const isThere = async (): Promise<boolean> =>
    (await client.list(volumeAttributesClasses)).items.length === 1;
  await client.create(volumeAttributesClasses, {
    metadata: { name: 'gold' },
    driverName: 'example.com',
    parameters: { iops: '9' },
  });
  const csi = { driver: 'example.com', volumeHandle: '1' };
  await createVolume(cluster, 'v', { csi, volumeAttributesClassName: 'gold' });
  await createClaim(cluster, 'data', { volumeAttributesClassName: 'gold' });
  await settle();
  await client.delete(volumeAttributesClasses, { name: 'gold' });
  await settle();
  assert.equal(await isThere(), true);
  await client.delete(persistentVolumeClaims, claimRef('data'));
  await settle();
  assert.equal(await isThere(), true);
  await client.delete(persistentVolumes, { name: 'v' });
  await settle();
  assert.equal(await isThere(), false);
  await cluster.stop();
});
