/** VolumeAttributesClass: settings of volumes that their driver can change while they are used. */

import { forbidden, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { AGE_COLUMN } from '../../../meta/columns.ts';
import { deepEqual } from '../../../meta/equal.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { VolumeAttributesClass } from '../../../types.gen.ts';
import { defaultableNameColumn, STORAGE_GROUP, validateParameters, validateProvisioner } from '../rules.ts';

const DEFAULT_ANNOTATION = 'volumeattributesclass.kubernetes.io/is-default-class';
const ALPHA_DEFAULT_ANNOTATION = 'volumeattributesclass.alpha.kubernetes.io/is-default-class';

export const volumeAttributesClasses: ResourceDefinition<VolumeAttributesClass> = {
  group: STORAGE_GROUP,
  version: 'v1',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  singular: 'volumeattributesclass',
  shortNames: ['vac'],
  categories: [],
  namespaced: false,
  message: 'storage/v1.VolumeAttributesClass',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: false,
  validate: ({ driverName, parameters = {} }) => [
    ...validateProvisioner(ROOT_PATH.child('driverName'), driverName),
    ...validateParameters(ROOT_PATH.child('parameters'), parameters, false),
  ],
  validateUpdate,
  columns: [
    defaultableNameColumn(DEFAULT_ANNOTATION, ALPHA_DEFAULT_ANNOTATION),
    {
      name: 'DriverName',
      type: 'string',
      description: 'The CSI driver that knows the settings.',
      priority: 0,
      value: ({ driverName }) => driverName,
    },
    AGE_COLUMN,
  ],
};

function validateUpdate(next: VolumeAttributesClass, old: VolumeAttributesClass): FieldError[] {
  const errors: FieldError[] = [];
  if (next.driverName !== old.driverName) {
    errors.push(forbidden('driverName', 'updates to driverName are forbidden.'));
  }
  if (!deepEqual(next.parameters, old.parameters)) {
    errors.push(forbidden('parameters', 'updates to parameters are forbidden.'));
  }
  return errors;
}
