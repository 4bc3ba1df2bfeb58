/** CSIStorageCapacity: how much storage of a class there is for some of the nodes. */

import { checked, immutable } from '../../../field/rules.ts';
import { invalid, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { NAME_COLUMN } from '../../../meta/columns.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import { dns1123SubdomainProblem } from '../../../names/names.ts';
import { quantityOf } from '../../../quantity/quantity.ts';
import type { CSIStorageCapacity } from '../../../types.gen.ts';
import { validateLabelSelector } from '../../core/pod/validate-label-selector.ts';
import { STORAGE_GROUP } from '../rules.ts';

const TOPOLOGY = ROOT_PATH.child('nodeTopology');
const CLASS_NAME = ROOT_PATH.child('storageClassName');

export const csiStorageCapacities: ResourceDefinition<CSIStorageCapacity> = {
  group: STORAGE_GROUP,
  version: 'v1',
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  singular: 'csistoragecapacity',
  shortNames: [],
  categories: [],
  namespaced: true,
  message: 'storage/v1.CSIStorageCapacity',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: false,
  validate,
  validateUpdate: (next, old) => [
    ...immutable(TOPOLOGY, next.nodeTopology, old.nodeTopology),
    ...immutable(CLASS_NAME, next.storageClassName, old.storageClassName),
  ],
  columns: [
    NAME_COLUMN,
    {
      name: 'StorageClassName',
      type: 'string',
      description: 'The class of the storage.',
      priority: 0,
      value: ({ storageClassName }) => storageClassName,
    },
    {
      name: 'Capacity',
      type: 'string',
      description: 'How much there is.',
      priority: 0,
      value: ({ capacity }) => capacity ?? '<unset>',
    },
  ],
};

function validate({ nodeTopology, storageClassName: name, capacity }: CSIStorageCapacity): FieldError[] {
  const errors = [
    ...validateLabelSelector(TOPOLOGY, nodeTopology),
    ...checked(CLASS_NAME, name, name === '' ? undefined : dns1123SubdomainProblem(name)),
  ];
  if (capacity !== undefined && quantityOf(capacity).nanos < 0n) {
    errors.push(invalid('capacity', capacity, 'must be greater than or equal to 0'));
  }
  return errors;
}
