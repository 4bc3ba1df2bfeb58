/** PersistentVolumeClaim: asks for storage, and keeps what it got. */

import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import type { Column, ResourceDefinition } from '../../../meta/resource-definition.ts';
import type {
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  TypedLocalObjectReference,
} from '../../../types.gen.ts';
import { accessModesText } from './access-modes.ts';
import { claimSpecWarnings, STORAGE_CLASS_ANNOTATION, storageClassWarnings } from './claim-warnings.ts';
import { ROOT_PATH } from '../../../field/field-error.ts';
import { validateClaimStatus } from './validate-claim-status.ts';
import { validateClaim, validateClaimUpdate } from './validate-claim.ts';

const UNSET = '<unset>';

export const persistentVolumeClaims: ResourceDefinition<PersistentVolumeClaim> = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  singular: 'persistentvolumeclaim',
  shortNames: ['pvc'],
  categories: [],
  namespaced: true,
  message: 'core/v1.PersistentVolumeClaim',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: false,
  prepareForCreate: (claim) => ({
    ...claim,
    spec: withBothSources(withKnownSource(claim.spec)),
    status: { phase: 'Pending' },
  }),
  prepareForUpdate: (next, old) =>
    hasSource(old.spec) ? next : { ...next, spec: withKnownSource(next.spec) },
  validate: validateClaim,
  validateUpdate: validateClaimUpdate,
  validateStatusUpdate: validateClaimStatus,
  warnings: ({ metadata, spec }) => [
    ...storageClassWarnings(metadata.annotations),
    ...claimSpecWarnings(ROOT_PATH.child('spec'), spec),
  ],
  columns: [
    NAME_COLUMN,
    column('Status', 'Whether it has a volume.', 0, ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined ? (status.phase ?? '') : 'Terminating',
    ),
    column('Volume', 'The volume that it has.', 0, ({ spec }) => spec.volumeName ?? ''),
    column('Capacity', 'How much the volume holds.', 0, ({ spec, status }) =>
      isPlaced(spec) ? (status.capacity?.['storage'] ?? '0') : '',
    ),
    column('Access Modes', 'How the volume can be mounted.', 0, ({ spec, status }) =>
      isPlaced(spec) ? accessModesText(status.accessModes) : '',
    ),
    column('StorageClass', 'StorageClass of the pvc', 0, classOf),
    column(
      'VolumeAttributesClass',
      'VolumeAttributesClass of the pvc',
      0,
      ({ spec }) => spec.volumeAttributesClassName ?? UNSET,
    ),
    AGE_COLUMN,
    column('VolumeMode', 'A file system or a raw device.', 1, ({ spec }) => spec.volumeMode ?? UNSET),
  ],
};

function column(
  name: string,
  description: string,
  priority: 0 | 1,
  value: (claim: PersistentVolumeClaim) => string,
): Column<PersistentVolumeClaim> {
  return { name, type: 'string', description, priority, value };
}

function isPlaced({ volumeName = '' }: PersistentVolumeClaimSpec): boolean {
  return volumeName !== '';
}

function classOf({ metadata, spec }: PersistentVolumeClaim): string {
  return metadata.annotations?.[STORAGE_CLASS_ANNOTATION] ?? spec.storageClassName ?? '';
}

function hasSource({ dataSource, dataSourceRef }: PersistentVolumeClaimSpec): boolean {
  return dataSource !== undefined || dataSourceRef !== undefined;
}

/** The older field takes other claims and snapshots only; anything else in it is dropped. */
function withKnownSource(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const { dataSource, ...rest } = spec;
  return dataSource === undefined || isKnownSource(dataSource) ? spec : rest;
}

function isKnownSource({ apiGroup = '', kind }: TypedLocalObjectReference): boolean {
  if (kind === 'PersistentVolumeClaim') return apiGroup === '';
  return kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io';
}

/** The older field and the newer one say the same, unless the newer one names another namespace. */
function withBothSources(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource !== undefined && dataSourceRef === undefined) return { ...spec, dataSourceRef: dataSource };
  if (dataSource !== undefined || dataSourceRef === undefined) return spec;
  const { namespace = '', ...local } = dataSourceRef;
  return namespace === '' ? { ...spec, dataSource: local } : spec;
}
