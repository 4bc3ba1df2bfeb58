/**
 * By which CSI driver a volume is attached, and as what: the volumes that count against a node's limits.
 * Volumes of the drivers that used to be built in are handled by CSI drivers on nodes that say so.
 */

import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeSpec,
  Volume,
} from '../../api/types.gen.ts';
import { storageClassOf } from '../../api/volume-binding/storage-class.ts';
import type { MigratedPlugins } from './migrated-plugins.ts';
import { claimKey } from '../../api/volume-binding/pod-claims.ts';
import type { VolumeCatalog } from './volume-catalog.ts';

export interface CsiVolume {
  readonly driver: string;
  readonly handle: string;
}

type FormerSource = Pick<
  PersistentVolumeSpec,
  'awsElasticBlockStore' | 'gcePersistentDisk' | 'cinder' | 'vsphereVolume' | 'portworxVolume'
> & {
  readonly azureDisk?: { readonly diskURI: string };
  readonly azureFile?: { readonly shareName: string };
};

interface FormerDriver {
  /** As storage classes and CSINodes call it. */
  readonly plugin: string;
  readonly driver: string;
  readonly handleOf: (source: FormerSource) => string | undefined;
}

/** AWS knows volumes as `aws://zone/vol-1` too. */
const lastPart = (path: string | undefined): string | undefined => path?.slice(path.lastIndexOf('/') + 1);

const FORMER_DRIVERS: readonly FormerDriver[] = [
  {
    plugin: 'kubernetes.io/aws-ebs',
    driver: 'ebs.csi.aws.com',
    handleOf: ({ awsElasticBlockStore }) => lastPart(awsElasticBlockStore?.volumeID),
  },
  {
    plugin: 'kubernetes.io/gce-pd',
    driver: 'pd.csi.storage.gke.io',
    handleOf: ({ gcePersistentDisk }) => gcePersistentDisk?.pdName,
  },
  {
    plugin: 'kubernetes.io/azure-disk',
    driver: 'disk.csi.azure.com',
    handleOf: ({ azureDisk }) => azureDisk?.diskURI,
  },
  {
    plugin: 'kubernetes.io/azure-file',
    driver: 'file.csi.azure.com',
    handleOf: ({ azureFile }) => azureFile?.shareName,
  },
  {
    plugin: 'kubernetes.io/cinder',
    driver: 'cinder.csi.openstack.org',
    handleOf: ({ cinder }) => cinder?.volumeID,
  },
  {
    plugin: 'kubernetes.io/vsphere-volume',
    driver: 'csi.vsphere.vmware.com',
    handleOf: ({ vsphereVolume }) => vsphereVolume?.volumePath,
  },
  {
    plugin: 'kubernetes.io/portworx-volume',
    driver: 'pxd.portworx.com',
    handleOf: ({ portworxVolume }) => portworxVolume?.volumeID,
  },
];

/** Whether a CSI driver may handle a volume that stands in the pod itself. */
export function isMigratable(volume: Volume): boolean {
  return FORMER_DRIVERS.some(({ handleOf }) => handleOf(volume) !== undefined);
}

export function csiVolumeOfPod(volume: Volume, migrated: MigratedPlugins): CsiVolume | undefined {
  return migrated.names.size === 0 ? undefined : formerVolume(volume, migrated);
}

export function csiVolumeOf({ spec }: PersistentVolume, migrated: MigratedPlugins): CsiVolume | undefined {
  if (spec.csi !== undefined) return { driver: spec.csi.driver, handle: spec.csi.volumeHandle };
  return migrated.names.size === 0 ? undefined : formerVolume(spec, migrated);
}

function formerVolume(source: FormerSource, migrated: MigratedPlugins): CsiVolume | undefined {
  for (const { plugin, driver, handleOf } of FORMER_DRIVERS) {
    const handle = handleOf(source);
    if (handle !== undefined) return migrated.names.has(plugin) ? { driver, handle } : undefined;
  }
  return undefined;
}

/** A claim without a volume counts as the volume that its class will make. */
export function csiVolumeOfClaim(
  claim: PersistentVolumeClaim,
  volumes: VolumeCatalog,
  migrated: MigratedPlugins,
): CsiVolume | undefined {
  const { volumeName = '' } = claim.spec;
  const volume = volumeName === '' ? undefined : volumes.volume(volumeName);
  if (volume !== undefined) return csiVolumeOf(volume, migrated);
  const provisioner = volumes.storageClass(storageClassOf(claim))?.provisioner;
  if (provisioner === undefined) return undefined;
  const former = FORMER_DRIVERS.find(({ plugin }) => plugin === provisioner);
  if (former !== undefined && !migrated.names.has(provisioner)) return undefined;
  // No handle of a real volume looks like that.
  const handle = `claim ${claimKey(claim.metadata.namespace, claim.metadata.name ?? '')}`;
  return { driver: former?.driver ?? provisioner, handle };
}
