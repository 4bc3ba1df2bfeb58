/** For tests of volumes: claims, volumes and classes to make, and how they stand. */

import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import { storageClasses } from '../../api/groups/storage/storage-class/storage-class.ts';
import type { Draft } from '../../api/meta/object.ts';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
  StorageClass,
} from '../../api/types.gen.ts';
import { startTestCluster, type TestCluster, type TestClusterOptions } from '../cluster.fixture.ts';
import { persistentVolumeBinder } from './persistent-volume-binder.ts';

export async function withBinder(
  run: (cluster: TestCluster) => Promise<void>,
  options: TestClusterOptions = {},
): Promise<void> {
  const cluster = await startTestCluster([persistentVolumeBinder], options);
  try {
    await run(cluster);
  } finally {
    await cluster.stop();
  }
}

export const claimRef = (name: string) => ({ namespace: 'default', name });

export function createVolume(
  { client }: TestCluster,
  name: string,
  spec: Draft<PersistentVolumeSpec> = {},
  annotations: { readonly [key: string]: string } = {},
): Promise<PersistentVolume> {
  return client.create(persistentVolumes, {
    metadata: { name, annotations },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      ...(spec.csi === undefined ? { hostPath: { path: `/data/${name}` } } : {}),
      ...spec,
    },
  });
}

export function createClaim(
  { client }: TestCluster,
  name: string,
  spec: Draft<PersistentVolumeClaimSpec> = {},
  annotations: { readonly [key: string]: string } = {},
): Promise<PersistentVolumeClaim> {
  return client.create(persistentVolumeClaims, {
    metadata: { namespace: 'default', name, annotations },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  });
}

export function createClass(
  { client }: TestCluster,
  name: string,
  rest: Draft<StorageClass> = {},
): Promise<StorageClass> {
  return client.create(storageClasses, {
    provisioner: 'example.com/disk',
    ...rest,
    metadata: { name, ...rest.metadata },
  });
}

export const getVolume = ({ client }: TestCluster, name: string): Promise<PersistentVolume> =>
  client.get(persistentVolumes, { name });

export const getClaim = ({ client }: TestCluster, name: string): Promise<PersistentVolumeClaim> =>
  client.get(persistentVolumeClaims, claimRef(name));

/** `Bound default/data`, `Available`. */
export async function volumeState(cluster: TestCluster, name: string): Promise<string> {
  const { spec, status } = await getVolume(cluster, name);
  const { claimRef: ref } = spec;
  return ref === undefined ? String(status.phase) : `${status.phase} ${ref.namespace}/${ref.name}`;
}

/** `Bound disk`, `Pending`. */
export async function claimState(cluster: TestCluster, name: string): Promise<string> {
  const { spec, status } = await getClaim(cluster, name);
  return spec.volumeName === undefined ? String(status.phase) : `${status.phase} ${spec.volumeName}`;
}
