import assert from 'node:assert/strict';
import { test } from 'node:test';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import { namespaces } from '../../api/groups/core/namespace/namespace.ts';
import { storageClasses } from '../../api/groups/storage/storage-class/storage-class.ts';
import type { Draft } from '../../api/meta/object.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../api/types.gen.ts';
import { createTestPipeline } from '../pipeline.fixture.ts';
import { defaultStorageClass } from './default-storage-class/default-storage-class.ts';
import { storageObjectInUseProtection } from './storage-object-in-use-protection/storage-object-in-use-protection.ts';

const claim = (name: string, spec: Draft<PersistentVolumeClaimSpec> = {}): Draft<PersistentVolumeClaim> => ({
  metadata: { namespace: 'default', name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
});

test('StorageObjectInUseProtection: finalizers from the first moment', async () => {
  const { client } = createTestPipeline(() => ({ admission: [storageObjectInUseProtection] }));
  await client.create(namespaces, { metadata: { name: 'default' } });
  const { metadata } = await client.create(persistentVolumeClaims, claim('a'));
  assert.deepEqual(metadata.finalizers, ['kubernetes.io/pvc-protection']);
  const volume = await client.create(persistentVolumes, {
    metadata: { name: 'v', finalizers: ['example.com/mine'] },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/v' } },
  });
  assert.deepEqual(volume.metadata.finalizers, ['example.com/mine', 'kubernetes.io/pv-protection']);
});

test('DefaultStorageClass: for claims that say nothing', async () => {
  const { client } = createTestPipeline(({ store }) => ({ admission: [defaultStorageClass(store)] }));
  await client.create(namespaces, { metadata: { name: 'default' } });
  const before = await client.create(persistentVolumeClaims, claim('before'));
  assert.equal(before.spec.storageClassName, undefined);
  for (const [name, isDefault] of [
    ['fast', 'true'],
    ['slow', 'false'],
  ] as const) {
    const annotations = { 'storageclass.kubernetes.io/is-default-class': isDefault };
    await client.create(storageClasses, { metadata: { name, annotations }, provisioner: 'example.com/disk' });
  }
  const made = await client.create(persistentVolumeClaims, claim('a'));
  assert.equal(made.spec.storageClassName, 'fast');
  const none = await client.create(persistentVolumeClaims, claim('none', { storageClassName: '' }));
  assert.equal(none.spec.storageClassName, '');
});
