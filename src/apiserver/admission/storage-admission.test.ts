import assert from 'node:assert/strict';
import { test } from 'node:test';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import { namespaces } from '../../api/groups/core/namespace/namespace.ts';
import { storageClasses } from '../../api/groups/storage/storage-class/storage-class.ts';
import { volumeAttributesClasses } from '../../api/groups/storage/volume-attributes-class/volume-attributes-class.ts';
import type { Draft } from '../../api/meta/object.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../api/types.gen.ts';
import { createTestPipeline } from '../pipeline.fixture.ts';
import { defaultStorageClass } from './default-storage-class/default-storage-class.ts';
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize/persistent-volume-claim-resize.ts';
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
  const gold = { metadata: { name: 'gold' }, driverName: 'example.com', parameters: { iops: '9' } };
  const attributesClass = await client.create(volumeAttributesClasses, gold);
  assert.deepEqual(attributesClass.metadata.finalizers, ['kubernetes.io/vac-protection']);
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

test('PersistentVolumeClaimResize: where the class allows it', async () => {
  const { client } = createTestPipeline(({ store }) => ({ admission: [persistentVolumeClaimResize(store)] }));
  await client.create(namespaces, { metadata: { name: 'default' } });
  for (const [name, allowVolumeExpansion] of [
    ['elastic', true],
    ['rigid', false],
  ] as const)
    await client.create(storageClasses, { metadata: { name }, provisioner: 'x.io/y', allowVolumeExpansion });
  const grow = async (name: string): Promise<unknown> => {
    const body = { spec: { resources: { requests: { storage: '2Gi' } } } };
    return client.patch(persistentVolumeClaims, { namespace: 'default', name }, { type: 'merge', body });
  };
  for (const name of ['elastic', 'rigid']) {
    await client.create(persistentVolumeClaims, claim(name, { storageClassName: name }));
    const body = { status: { phase: 'Bound' } };
    const ref = { namespace: 'default', name };
    await client.patch(persistentVolumeClaims, ref, { type: 'merge', body }, { subresource: 'status' });
  }
  await grow('elastic');
  await assert.rejects(grow('rigid'), {
    message:
      'persistentvolumeclaims "rigid" is forbidden: only dynamically provisioned pvc can be resized and the ' +
      'storageclass that provisions the pvc must support resize',
  });
});
