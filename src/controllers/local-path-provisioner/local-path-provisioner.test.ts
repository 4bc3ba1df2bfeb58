import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodes } from '../../api/groups/core/node/node.ts';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import { storageClasses } from '../../api/groups/storage/storage-class/storage-class.ts';
import type { Draft } from '../../api/meta/object.ts';
import type { PersistentVolume, PersistentVolumeClaimSpec } from '../../api/types.gen.ts';
import { SELECTED_NODE } from '../../api/volume-binding/annotations.ts';
import { STANDARD_CLASS } from '../../api/volume-binding/local-path.ts';
import { startTestCluster, type TestCluster, type TestClusterOptions } from '../cluster.fixture.ts';
import {
  claimRef,
  claimState,
  createClaim,
  createClass,
  getClaim,
} from '../persistent-volume-binder/binder.fixture.ts';
import { persistentVolumeBinder } from '../persistent-volume-binder/persistent-volume-binder.ts';
import { persistentVolumeProtection } from '../persistent-volume-protection/persistent-volume-protection.ts';
import { localPathProvisioner } from './local-path-provisioner.ts';

interface Disk {
  readonly removed: string[];
  isReachable: boolean;
}

async function withProvisioner(
  run: (cluster: TestCluster, disk: Disk) => Promise<void>,
  options: TestClusterOptions = {},
): Promise<void> {
  const disk: Disk = { removed: [], isReachable: true };
  const remove = async (nodeName: string, path: string): Promise<void> => {
    if (!disk.isReachable) throw new Error(`the node ${nodeName} cannot be reached`);
    disk.removed.push(`${nodeName}:${path}`);
  };
  const provisioner = localPathProvisioner({ root: '/disk', remove });
  const controllers = [persistentVolumeBinder, persistentVolumeProtection, provisioner];
  const cluster = await startTestCluster(controllers, options);
  try {
    await cluster.client.create(nodes, {
      metadata: { name: 'n1', labels: { 'kubernetes.io/hostname': 'host-1' } },
    });
    await cluster.client.create(storageClasses, STANDARD_CLASS);
    await run(cluster, disk);
  } finally {
    await cluster.stop();
  }
}

const claimOn = (
  cluster: TestCluster,
  node: string,
  spec: Draft<PersistentVolumeClaimSpec> = {},
): Promise<unknown> =>
  createClaim(cluster, 'data', { storageClassName: 'standard', ...spec }, { [SELECTED_NODE]: node });

/** Without those of the binder. */
function own({ events }: TestCluster): readonly string[] {
  return events.filter((event) => event.startsWith('Provisioning'));
}

async function volumes({ client }: TestCluster): Promise<readonly PersistentVolume[]> {
  return (await client.list(persistentVolumes)).items;
}

test('a folder on the chosen node, and its end', () =>
  withProvisioner(async (cluster, disk) => {
    await claimOn(cluster, 'n1');
    await cluster.settle();
    const { metadata } = await getClaim(cluster, 'data');
    const name = `pvc-${metadata.uid}`;
    assert.equal(await claimState(cluster, 'data'), `Bound ${name}`);
    const [volume] = await volumes(cluster);
    const { claimRef: _ref, ...spec } = volume?.spec ?? {};
    const near = { key: 'kubernetes.io/hostname', operator: 'In', values: ['host-1'] };
    assert.deepEqual(spec, {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      hostPath: { path: `/disk/${name}_default_data`, type: 'DirectoryOrCreate' },
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: 'standard',
      volumeMode: 'Filesystem',
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [near] }] } },
    });
    assert.deepEqual(own(cluster), [
      'Provisioning: External provisioner is provisioning volume for claim "default/data"',
      `ProvisioningSucceeded: Successfully provisioned volume ${name}`,
    ]);
    disk.isReachable = false;
    await cluster.client.delete(persistentVolumeClaims, claimRef('data'));
    await cluster.settle();
    assert.equal((await volumes(cluster))[0]?.status.phase, 'Released');
    assert.equal(cluster.events.at(-1), 'VolumeFailedDelete: the node n1 cannot be reached');
    disk.isReachable = true;
    await cluster.advance('20m');
    assert.deepEqual(await volumes(cluster), []);
    assert.deepEqual(disk.removed, [`n1:/disk/${name}_default_data`]);
  }));

test('the class decides where, how it is mounted, and whether it stays', () =>
  withProvisioner(async (cluster) => {
    await createClass(cluster, 'kept', {
      provisioner: 'k8ts.dev/local-path',
      parameters: { path: '/fast' },
      mountOptions: ['noatime'],
      reclaimPolicy: 'Retain',
    });
    await claimOn(cluster, 'n1', { storageClassName: 'kept' });
    await cluster.settle();
    const [volume] = await volumes(cluster);
    assert.match(volume?.spec.hostPath?.path ?? '', /^\/fast\/pvc-/);
    assert.deepEqual(volume?.spec.mountOptions, ['noatime']);
    await cluster.client.delete(persistentVolumeClaims, claimRef('data'));
    await cluster.settle();
    assert.equal((await volumes(cluster))[0]?.status.phase, 'Released');
  }));

test('what a folder cannot be', async () => {
  const cases: readonly (readonly [Draft<PersistentVolumeClaimSpec>, string])[] = [
    [
      { accessModes: ['ReadWriteMany'] },
      'access mode ReadWriteMany is not supported, only ReadWriteOnce and ReadWriteOncePod are',
    ],
    [{ volumeMode: 'Block' }, 'block volumes are not supported'],
    [{ selector: { matchLabels: { a: 'b' } } }, 'claim.Spec.Selector is not supported'],
    [{ volumeAttributesClassName: 'gold' }, 'volumes have no attributes that could be set'],
  ];
  for (const [spec, why] of cases)
    await withProvisioner(async (cluster) => {
      await claimOn(cluster, 'n1', spec);
      await cluster.settle();
      assert.deepEqual(await volumes(cluster), []);
      const failed = 'ProvisioningFailed: failed to provision volume with StorageClass "standard"';
      assert.equal(own(cluster).at(-1), `${failed}: ${why}`);
    });
});

test('no node yet, and a node that is gone', () =>
  withProvisioner(async (cluster) => {
    await createClaim(cluster, 'data', { storageClassName: 'standard' });
    await cluster.settle();
    assert.equal(await claimState(cluster, 'data'), 'Pending');
    const body = { metadata: { annotations: { [SELECTED_NODE]: 'n9' } } };
    await cluster.client.patch(persistentVolumeClaims, claimRef('data'), { type: 'merge', body });
    await cluster.settle();
    assert.equal((await getClaim(cluster, 'data')).metadata.annotations?.[SELECTED_NODE], undefined);
    assert.equal(own(cluster).at(-1), 'ProvisioningFailed: failed to get target node: node "n9" not found');
  }));

test('one volume, whatever breaks', async () => {
  for (const writes of [1, 2, 3, 4, 5, 6]) {
    await withProvisioner(
      async (cluster) => {
        cluster.crash(writes);
        await claimOn(cluster, 'n1');
        await cluster.settle();
        await cluster.restart();
        await cluster.advance('1m');
        assert.equal((await volumes(cluster)).length, 1);
        assert.match(await claimState(cluster, 'data'), /^Bound pvc-/);
      },
      { lagMs: 200 },
    );
  }
});

test('the folder stays when somebody was given the volume that the cache still shows as released', () =>
  withProvisioner(
    async (cluster, disk) => {
      await claimOn(cluster, 'n1');
      await cluster.advance('5s');
      const name = (await volumes(cluster))[0]?.metadata.name ?? '';
      disk.isReachable = false;
      await cluster.client.delete(persistentVolumeClaims, claimRef('data'));
      await cluster.advance('5s');
      const patch = { type: 'merge', body: { spec: { claimRef: null } } } as const;
      await cluster.client.patch(persistentVolumes, { name }, patch);
      const status = { type: 'merge', body: { status: { phase: 'Available' } } } as const;
      await cluster.client.patch(persistentVolumes, { name }, status, { subresource: 'status' });
      disk.isReachable = true;
      await cluster.advance('2m');
      assert.deepEqual(disk.removed, []);
    },
    { lagMs: { persistentvolumes: 2_000 } },
  ));
