/** CSINode: the storage drivers that run on a node, under the node's name. */

import { checked, immutable } from '../../../field/rules.ts';
import {
  duplicate,
  invalid,
  required,
  ROOT_PATH,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { labelKeyProblem } from '../../../labels/selector.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { CSINode, CSINodeDriver } from '../../../types.gen.ts';
import { STORAGE_GROUP, validateDriverName } from '../rules.ts';

const DRIVERS = ROOT_PATH.child('spec', 'drivers');
const NODE_ID_LENGTH_MAX = 256;

export const csiNodes: ResourceDefinition<CSINode> = {
  group: STORAGE_GROUP,
  version: 'v1',
  kind: 'CSINode',
  plural: 'csinodes',
  singular: 'csinode',
  shortNames: [],
  categories: [],
  namespaced: false,
  message: 'storage/v1.CSINode',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: false,
  validate,
  validateUpdate,
  columns: [
    NAME_COLUMN,
    {
      name: 'Drivers',
      type: 'integer',
      description: 'Drivers indicates the number of CSI drivers registered on the node',
      priority: 0,
      value: ({ spec }) => spec.drivers.length,
    },
    AGE_COLUMN,
  ],
};

function validate({ spec: { drivers } }: CSINode): FieldError[] {
  const names = new Set<string>();
  return drivers.flatMap((driver, i) => {
    const path = DRIVERS.index(i);
    const errors = validateDriver(path, driver);
    if (names.has(driver.name)) errors.push(duplicate(path.child('name'), driver.name));
    names.add(driver.name);
    return errors;
  });
}

function validateDriver(path: FieldPath, driver: CSINodeDriver): FieldError[] {
  const { name, nodeID, allocatable, topologyKeys } = driver;
  const errors = validateDriverName(path.child('name'), name);
  if (nodeID.length > NODE_ID_LENGTH_MAX) {
    errors.push(invalid(path.child('nodeID'), nodeID, `must be ${NODE_ID_LENGTH_MAX} characters or less`));
  }
  if ((allocatable?.count ?? 0) < 0) {
    const detail = 'must be greater than or equal to 0';
    errors.push(invalid(path.child('allocatable', 'count'), allocatable?.count, detail));
  }
  const keys = new Set<string>();
  // Upstream reports the keys at the driver as a whole.
  for (const key of topologyKeys) {
    if (key === '') errors.push(required(path));
    if (keys.has(key)) errors.push(duplicate(path, key));
    keys.add(key);
    errors.push(...checked(path, key, labelKeyProblem(key)));
  }
  return errors;
}

/** Drivers come and go; of one that stays, only how many volumes it takes may change. */
function validateUpdate(next: CSINode, old: CSINode): FieldError[] {
  const fixed = ({ allocatable: _count, ...rest }: CSINodeDriver): object => rest;
  return old.spec.drivers.flatMap((before) =>
    next.spec.drivers
      .filter(({ name }) => name === before.name)
      .flatMap((after) => immutable(DRIVERS, fixed(after), fixed(before))),
  );
}
