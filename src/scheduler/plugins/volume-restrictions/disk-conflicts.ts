/** Disks that stand in pods themselves and that no two pods of one node may use, or only for reading. */

import type { RBDVolumeSource, Volume } from '../../../api/types.gen.ts';

export function isExclusiveDisk({ gcePersistentDisk, awsElasticBlockStore, iscsi, rbd }: Volume): boolean {
  return [gcePersistentDisk, awsElasticBlockStore, iscsi, rbd].some((source) => source !== undefined);
}

/** Whether both are the same disk, and more than reading is wanted. */
export function conflict(a: Volume, b: Volume): boolean {
  if (a.awsElasticBlockStore !== undefined)
    return a.awsElasticBlockStore.volumeID === b.awsElasticBlockStore?.volumeID;
  if (a.gcePersistentDisk !== undefined && a.gcePersistentDisk.pdName === b.gcePersistentDisk?.pdName)
    return !onlyRead(a.gcePersistentDisk, b.gcePersistentDisk);
  if (a.iscsi !== undefined && a.iscsi.iqn === b.iscsi?.iqn) return !onlyRead(a.iscsi, b.iscsi);
  if (a.rbd !== undefined && b.rbd !== undefined && isSameImage(a.rbd, b.rbd)) return !onlyRead(a.rbd, b.rbd);
  return false;
}

interface ReadOnly {
  readonly readOnly?: boolean;
}

function onlyRead(a: ReadOnly, b: ReadOnly | undefined): boolean {
  return a.readOnly === true && b?.readOnly === true;
}

function isSameImage(a: RBDVolumeSource, b: RBDVolumeSource): boolean {
  const pool = ({ pool: name = 'rbd' }: RBDVolumeSource): string => name;
  return (
    a.image === b.image && pool(a) === pool(b) && a.monitors.some((monitor) => b.monitors.includes(monitor))
  );
}
