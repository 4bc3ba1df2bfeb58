import assert from 'node:assert/strict';
import { test } from 'node:test';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { TestCluster } from '../cluster.fixture.ts';
import {
  claimRef,
  claimState,
  createClaim,
  createClass,
  createVolume,
  getClaim,
  getVolume,
  volumeState,
  withBinder,
} from './binder.fixture.ts';

const removeClaim = ({ client }: TestCluster, name: string): Promise<void> =>
  client.delete(persistentVolumeClaims, claimRef(name));

const DEFAULT = { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } };

test('a claim and a volume find each other, in whatever order they come', () =>
  withBinder(async (cluster) => {
    await createVolume(cluster, 'early', { capacity: { storage: '3Gi' } });
    await createClaim(cluster, 'a');
    await createClaim(cluster, 'b');
    await cluster.settle();
    assert.equal(await claimState(cluster, 'a'), 'Bound early');
    assert.equal(await volumeState(cluster, 'early'), 'Bound default/a');
    const { metadata, status } = await getClaim(cluster, 'a');
    assert.deepEqual(status.capacity, { storage: '3Gi' });
    assert.deepEqual(status.accessModes, ['ReadWriteOnce']);
    assert.deepEqual(metadata.annotations, {
      'pv.kubernetes.io/bind-completed': 'yes',
      'pv.kubernetes.io/bound-by-controller': 'yes',
    });
    assert.equal(await claimState(cluster, 'b'), 'Pending');
    await createVolume(cluster, 'late');
    await cluster.settle();
    assert.equal(await claimState(cluster, 'b'), 'Bound late');
    assert.deepEqual(cluster.events, [
      'FailedBinding: no persistent volumes available for this claim and no storage class is set',
    ]);
  }));

test('a claim that waits says so once, and again after half an hour', () =>
  withBinder(async (cluster) => {
    await createClaim(cluster, 'a');
    await cluster.settle();
    await createVolume(cluster, 'small', { capacity: { storage: '1Mi' } });
    await cluster.advance('29m');
    assert.equal(cluster.events.length, 1);
    await cluster.advance('2m');
    assert.equal(cluster.events.length, 2);
  }));

test('what people put together beforehand', () =>
  withBinder(async (cluster) => {
    await createVolume(cluster, 'reserved', { capacity: { storage: '9Gi' }, claimRef: claimRef('a') });
    await createVolume(cluster, 'free');
    await cluster.settle();
    assert.equal(await volumeState(cluster, 'reserved'), 'Available default/a');
    await createClaim(cluster, 'a');
    await createClaim(cluster, 'named', { volumeName: 'free' });
    await createClaim(cluster, 'late', { volumeName: 'later' });
    await createClaim(cluster, 'other', { volumeName: 'reserved' });
    await cluster.settle();
    assert.equal(await claimState(cluster, 'a'), 'Bound reserved');
    assert.equal(await claimState(cluster, 'named'), 'Bound free');
    assert.equal(await claimState(cluster, 'late'), 'Pending later');
    assert.equal(await claimState(cluster, 'other'), 'Pending reserved');
    await createVolume(cluster, 'later');
    await cluster.settle();
    assert.equal(await claimState(cluster, 'late'), 'Bound later');
    assert.deepEqual(cluster.events, [
      'FailedBinding: volume "reserved" already bound to a different claim.',
    ]);
  }));

test('a named volume that does not fit', () =>
  withBinder(async (cluster) => {
    await createVolume(cluster, 'small', { capacity: { storage: '1Mi' } });
    await createClaim(cluster, 'a', { volumeName: 'small' });
    await cluster.settle();
    assert.equal(await claimState(cluster, 'a'), 'Pending small');
    assert.deepEqual(cluster.events, [
      'VolumeMismatch: Cannot bind to requested volume "small": requested PV is too small',
    ]);
  }));

test('a reserved volume of the other mode', () =>
  withBinder(async (cluster) => {
    const { metadata } = await createClaim(cluster, 'a');
    const reserved = { ...claimRef('a'), uid: metadata.uid };
    await createVolume(cluster, 'raw', { volumeMode: 'Block', claimRef: reserved });
    await cluster.settle();
    assert.deepEqual(cluster.events.toSorted(), [
      'FailedBinding: no persistent volumes available for this claim and no storage class is set',
      'VolumeMismatch: Cannot bind PersistentVolume "raw" to requested PersistentVolumeClaim due to incompatible volumeMode.',
      'VolumeMismatch: Cannot bind PersistentVolume to requested PersistentVolumeClaim "a" due to incompatible volumeMode.',
    ]);
  }));

test('when the claim goes', () =>
  withBinder(async (cluster) => {
    const policies = { keep: 'Retain', drop: 'Delete', wash: 'Recycle' } as const;
    for (const [name, persistentVolumeReclaimPolicy] of Object.entries(policies))
      await createVolume(cluster, name, { persistentVolumeReclaimPolicy, claimRef: claimRef(name) });
    const made = { 'pv.kubernetes.io/provisioned-by': 'example.com/disk' };
    const ofOthers = { persistentVolumeReclaimPolicy: 'Delete', claimRef: claimRef('made') } as const;
    await createVolume(cluster, 'made', ofOthers, made);
    for (const name of ['keep', 'drop', 'wash', 'made']) await createClaim(cluster, name);
    await cluster.settle();
    for (const name of ['keep', 'drop', 'wash', 'made']) await removeClaim(cluster, name);
    await cluster.settle();
    assert.equal(await volumeState(cluster, 'keep'), 'Released default/keep');
    assert.equal(await volumeState(cluster, 'made'), 'Released default/made');
    assert.equal(await volumeState(cluster, 'drop'), 'Failed default/drop');
    assert.equal(await volumeState(cluster, 'wash'), 'Failed default/wash');
    const { message } = (await getVolume(cluster, 'wash')).status;
    assert.equal(message, 'No recycler plugin found for the volume!');
    assert.deepEqual(cluster.events, [
      'VolumeFailedDelete: error getting deleter volume plugin for volume "drop": no deletable volume plugin matched',
      'VolumeFailedRecycle: No recycler plugin found for the volume!',
    ]);
    // A claim of the same name is another claim.
    await createClaim(cluster, 'keep');
    await cluster.settle();
    assert.equal(await claimState(cluster, 'keep'), 'Pending');
    assert.equal(await volumeState(cluster, 'keep'), 'Released default/keep');
    await cluster.client.patch(
      persistentVolumes,
      { name: 'keep' },
      { type: 'merge', body: { spec: { claimRef: null } } },
    );
    await cluster.settle();
    assert.equal(await claimState(cluster, 'keep'), 'Bound keep');
  }));

test('a claim whose volume goes is lost', () =>
  withBinder(async (cluster) => {
    await createVolume(cluster, 'v');
    await createClaim(cluster, 'a');
    await cluster.settle();
    await cluster.client.delete(persistentVolumes, { name: 'v' });
    await cluster.settle();
    assert.equal(await claimState(cluster, 'a'), 'Lost v');
    assert.equal((await getClaim(cluster, 'a')).status.capacity, undefined);
    await createVolume(cluster, 'spare');
    await cluster.settle();
    assert.equal(await claimState(cluster, 'a'), 'Lost v');
    assert.deepEqual(cluster.events, [
      'ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!',
    ]);
  }));

test('provisioners', () =>
  withBinder(async (cluster) => {
    const waiting =
      "ExternalProvisioning: Waiting for a volume to be created either by the external provisioner 'example.com/disk' " +
      'or manually by the system administrator. If volume creation is delayed, please verify that the ' +
      'provisioner is running and correctly registered.';
    await createClaim(cluster, 'a', { storageClassName: 'fast' });
    await cluster.settle();
    await createClass(cluster, 'fast');
    await cluster.settle();
    const { metadata } = await getClaim(cluster, 'a');
    assert.deepEqual(metadata.annotations, {
      'volume.beta.kubernetes.io/storage-provisioner': 'example.com/disk',
      'volume.kubernetes.io/storage-provisioner': 'example.com/disk',
    });
    const reserved = { ...claimRef('a'), uid: metadata.uid };
    const made = { 'pv.kubernetes.io/provisioned-by': 'example.com/disk' };
    await createVolume(cluster, 'made', { storageClassName: 'fast', claimRef: reserved }, made);
    await cluster.settle();
    assert.equal(await claimState(cluster, 'a'), 'Bound made');
    assert.deepEqual(cluster.events, [
      'ProvisioningFailed: storageclass.storage.k8s.io "fast" not found',
      waiting,
    ]);
  }));

test('the default class, also for claims that were there before it', () =>
  withBinder(async (cluster) => {
    await createClaim(cluster, 'a');
    await createClaim(cluster, 'none', { storageClassName: '' });
    await cluster.settle();
    await createClass(cluster, 'fast', { metadata: DEFAULT });
    await cluster.settle();
    assert.equal((await getClaim(cluster, 'a')).spec.storageClassName, 'fast');
    assert.equal((await getClaim(cluster, 'none')).spec.storageClassName, '');
  }));

test('a class that waits for the first consumer', () =>
  withBinder(async (cluster) => {
    await createClass(cluster, 'slow', { volumeBindingMode: 'WaitForFirstConsumer' });
    await createVolume(cluster, 'v', { storageClassName: 'slow' });
    await createClaim(cluster, 'a', { storageClassName: 'slow' });
    await cluster.settle();
    assert.equal(await claimState(cluster, 'a'), 'Pending');
    const volumes = [{ name: 'd', persistentVolumeClaim: { claimName: 'a' } }];
    await cluster.client.create(pods, {
      metadata: { namespace: 'default', name: 'web' },
      spec: { containers: [{ name: 'c', image: 'i' }], volumes },
    });
    await cluster.settle();
    // As the scheduler does: it reserves the volume.
    const { metadata } = await getClaim(cluster, 'a');
    const body = { spec: { claimRef: { ...claimRef('a'), uid: metadata.uid ?? '' } } };
    await cluster.client.patch(persistentVolumes, { name: 'v' }, { type: 'merge', body });
    await cluster.settle();
    assert.equal(await claimState(cluster, 'a'), 'Bound v');
    assert.deepEqual(cluster.events, [
      'WaitForFirstConsumer: waiting for first consumer to be created before binding',
      'WaitForPodScheduled: waiting for pod web to be scheduled',
    ]);
  }));

test('the node that the scheduler chose asks the provisioner', () =>
  withBinder(async (cluster) => {
    await createClass(cluster, 'slow', { volumeBindingMode: 'WaitForFirstConsumer' });
    const chosen = { 'volume.kubernetes.io/selected-node': 'n1' };
    await createClaim(cluster, 'a', { storageClassName: 'slow' }, chosen);
    await cluster.settle();
    const { annotations = {} } = (await getClaim(cluster, 'a')).metadata;
    assert.equal(annotations['volume.kubernetes.io/storage-provisioner'], 'example.com/disk');
  }));

test('a volume that its claim does without is free again', () =>
  withBinder(async (cluster) => {
    await createVolume(cluster, 'one');
    const { metadata } = await createClaim(cluster, 'a');
    await cluster.settle();
    const again = { ...claimRef('a'), uid: metadata.uid };
    await createVolume(
      cluster,
      'two',
      { claimRef: again },
      { 'pv.kubernetes.io/bound-by-controller': 'yes' },
    );
    await createVolume(cluster, 'three', { claimRef: again });
    await cluster.settle();
    assert.equal(await volumeState(cluster, 'one'), 'Bound default/a');
    assert.equal(await volumeState(cluster, 'two'), 'Available');
    assert.equal(await volumeState(cluster, 'three'), 'Available default/a');
  }));

test('a crash after any write, and caches that lag', async () => {
  for (const writes of [1, 2, 3, 4]) {
    await withBinder(
      async (cluster) => {
        cluster.crash(writes);
        await createVolume(cluster, 'v', { capacity: { storage: '2Gi' } });
        await createVolume(cluster, 'w', { capacity: { storage: '2Gi' } });
        await createClaim(cluster, 'a');
        await cluster.settle();
        await cluster.restart();
        const bound = await getClaim(cluster, 'a');
        assert.equal(bound.status.phase, 'Bound', `after ${writes} writes`);
        const names = ['v', 'w'];
        const states = await Promise.all(names.map((name) => volumeState(cluster, name)));
        assert.deepEqual(states.toSorted(), ['Available', 'Bound default/a'], `after ${writes} writes`);
      },
      { lagMs: 200 },
    );
  }
});
