/** DeviceClass: a kind of devices that claims can ask for, and how they are configured. */

import { invalid, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { isExtended } from '../../core/resource-names.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { DeviceClass } from '../../../types.gen.ts';
import {
  CONFIGURATIONS_MAX,
  RESOURCE_GROUP,
  validateConfiguration,
  validateItems,
  validateSelectors,
} from '../rules.ts';

const SPEC = ROOT_PATH.child('spec');

export const deviceClasses: ResourceDefinition<DeviceClass> = {
  group: RESOURCE_GROUP,
  version: 'v1',
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  singular: 'deviceclass',
  shortNames: [],
  categories: [],
  namespaced: false,
  message: 'resource/v1.DeviceClass',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: true,
  validate,
  columns: [NAME_COLUMN, AGE_COLUMN],
};

function validate({
  spec: { selectors, config = [], extendedResourceName: name },
}: DeviceClass): FieldError[] {
  const errors = [
    ...validateSelectors(SPEC.child('selectors'), selectors),
    ...validateItems(SPEC.child('config'), config, CONFIGURATIONS_MAX, validateConfiguration),
  ];
  if (name === undefined || isExtended(name)) return errors;
  const path = SPEC.child('extendedResourceName');
  return [...errors, invalid(path, name, 'must be a valid extended resource name')];
}
