/** Which volumes are attached to nodes, and how that is named. Pure. */

import { createHash } from 'node:crypto';
import type { CSIDriver, PersistentVolume, Pod, VolumeAttachment } from '../../api/types.gen.ts';

/** A volume that has to be attached before a node can mount it. */
export interface Attachable {
  /** Of the PersistentVolume. */
  readonly volume: string;
  readonly driver: string;
  readonly handle: string;
  /** Can only be attached to one node at a time. */
  readonly isExclusive: boolean;
}

/** `driver`: what is known of the volume's driver; an unknown one may need it. */
export function attachableOf(
  { metadata, spec }: PersistentVolume,
  driver: CSIDriver | undefined,
): Attachable | undefined {
  if (spec.csi === undefined || driver?.spec.attachRequired === false) return undefined;
  const { accessModes = [] } = spec;
  const isShared = accessModes.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany');
  return {
    volume: metadata.name ?? '',
    driver: spec.csi.driver,
    handle: spec.csi.volumeHandle,
    // One without any mode is left to its driver.
    isExclusive: accessModes.length > 0 && !isShared,
  };
}

/** CSI drivers look for exactly this name. */
export function attachmentName({ handle, driver }: Attachable, nodeName: string): string {
  return `csi-${createHash('sha256').update(`${handle}${driver}${nodeName}`).digest('hex')}`;
}

/** How a volume is called in the status of nodes. */
export function uniqueName({ driver, handle }: Attachable): string {
  return `${CSI_PREFIX}${driver}^${handle}`;
}

export const CSI_PREFIX = 'kubernetes.io/csi/';

/** Attachments made by people have other names, and are theirs to remove. */
export function isOurs({ metadata }: VolumeAttachment): boolean {
  return /^csi-[0-9a-f]{64}$/.test(metadata.name ?? '');
}

/** The pod will not use its volumes any more. */
export function isDone({ metadata, status }: Pod): boolean {
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return true;
  if (metadata.deletionTimestamp === undefined) return false;
  return (status.containerStatuses ?? []).every(
    ({ state }) => state.terminated !== undefined || state.waiting !== undefined,
  );
}
