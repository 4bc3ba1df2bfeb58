/** PersistentVolume: a piece of storage of the cluster, whoever uses it now. */

import { ROOT_PATH } from '../../../field/field-error.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import type { Column, PrepareContext, ResourceDefinition } from '../../../meta/resource-definition.ts';
import { formatTime } from '../../../time/time.ts';
import type { PersistentVolume } from '../../../types.gen.ts';
import { accessModesText } from '../persistent-volume-claim/access-modes.ts';
import { STORAGE_CLASS_ANNOTATION, storageClassWarnings } from '../persistent-volume-claim/claim-warnings.ts';
import { nodeTermWarnings } from '../pod/scheduling-warnings.ts';
import { validateVolume, validateVolumeUpdate } from './validate-persistent-volume.ts';

const UNSET = '<unset>';

const OLD_TYPES: readonly (readonly [type: string, shown: string, message: string])[] = [
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

export const persistentVolumes: ResourceDefinition<PersistentVolume> = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  singular: 'persistentvolume',
  shortNames: ['pv'],
  categories: [],
  namespaced: false,
  message: 'core/v1.PersistentVolume',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: false,
  prepareForCreate: (volume, { nowMs }) => ({
    ...volume,
    status: { phase: 'Pending', lastPhaseTransitionTime: formatTime(nowMs) },
  }),
  prepareForStatusUpdate: withTransitionTime,
  validate: validateVolume,
  validateUpdate: validateVolumeUpdate,
  warnings,
  columns: [
    NAME_COLUMN,
    column('Capacity', 'How much it holds.', 0, ({ spec }) => spec.capacity?.['storage'] ?? '0'),
    column('Access Modes', 'How it can be mounted.', 0, ({ spec }) => accessModesText(spec.accessModes)),
    column(
      'Reclaim Policy',
      'What happens to it when its claim is gone.',
      0,
      ({ spec }) => spec.persistentVolumeReclaimPolicy ?? '',
    ),
    column('Status', 'Whether it is in use.', 0, ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined ? (status.phase ?? '') : 'Terminating',
    ),
    column('Claim', 'The claim that has it.', 0, ({ spec: { claimRef } }) =>
      claimRef === undefined ? '' : `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`,
    ),
    column(
      'StorageClass',
      'StorageClass of the pv',
      0,
      ({ metadata, spec }) => metadata.annotations?.[STORAGE_CLASS_ANNOTATION] ?? spec.storageClassName ?? '',
    ),
    column(
      'VolumeAttributesClass',
      'VolumeAttributesClass of the pv',
      0,
      ({ spec }) => spec.volumeAttributesClassName ?? UNSET,
    ),
    column('Reason', 'Why it failed, in one word for machines.', 0, ({ status }) => status.reason ?? ''),
    AGE_COLUMN,
    column('VolumeMode', 'A file system or a raw device.', 1, ({ spec }) => spec.volumeMode ?? UNSET),
  ],
};

function column(
  name: string,
  description: string,
  priority: 0 | 1,
  value: (volume: PersistentVolume) => string,
): Column<PersistentVolume> {
  return { name, type: 'string', description, priority, value };
}

/** When the phase changed is noted, unless the writer says it. */
function withTransitionTime(
  next: PersistentVolume,
  old: PersistentVolume,
  { nowMs }: PrepareContext,
): PersistentVolume {
  const { phase, lastPhaseTransitionTime: time } = next.status;
  const before = old.status.lastPhaseTransitionTime;
  const isChanged = phase !== old.status.phase;
  const stamp = isChanged ? formatTime(nowMs) : before;
  const isUpToWriter = time !== undefined && !(isChanged && time === before);
  if (isUpToWriter || stamp === undefined) return next;
  return { ...next, status: { ...next.status, lastPhaseTransitionTime: stamp } };
}

function warnings({ metadata, spec }: PersistentVolume): readonly string[] {
  const path = ROOT_PATH.child('spec');
  const terms = path.child('nodeAffinity', 'required', 'nodeSelectorTerms');
  return [
    ...storageClassWarnings(metadata.annotations),
    ...(spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).flatMap((term, i) =>
      nodeTermWarnings(terms.index(i), term),
    ),
    ...OLD_TYPES.filter(([type]) => type in spec).map(
      ([, shown, message]) => `${path.child(shown).toString()}: ${message}`,
    ),
  ];
}
