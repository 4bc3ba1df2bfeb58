/** PriorityClass: a name for how important pods are. */

import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import { forbidden, invalid, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { PriorityClass } from '../../../types.gen.ts';

/** Above it only the system's own classes. */
export const USER_PRIORITY_MAX = 1_000_000_000;
const SYSTEM_PREFIX = 'system-';

/** Made at the first start of a cluster. */
export const SYSTEM_PRIORITY_CLASSES = [
  {
    metadata: { name: 'system-node-critical' },
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  {
    metadata: { name: 'system-cluster-critical' },
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
] as const;

export const priorityClasses: ResourceDefinition<PriorityClass> = {
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  singular: 'priorityclass',
  shortNames: ['pc'],
  categories: [],
  namespaced: false,
  message: 'scheduling/v1.PriorityClass',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: true,
  validate,
  validateUpdate: (next, old) => {
    const errors: FieldError[] = [];
    if (next.value !== old.value) errors.push(forbidden('value', 'may not be changed in an update.'));
    if (next.preemptionPolicy !== old.preemptionPolicy) {
      errors.push(invalid('preemptionPolicy', next.preemptionPolicy, 'field is immutable'));
    }
    return errors;
  },
  columns: [
    NAME_COLUMN,
    {
      name: 'Value',
      type: 'integer',
      description: 'The priority of its pods.',
      priority: 0,
      value: (c) => c.value,
    },
    {
      name: 'Global-Default',
      type: 'boolean',
      description: 'Whether pods without a class get this one.',
      priority: 0,
      value: (c) => c.globalDefault ?? false,
    },
    AGE_COLUMN,
    {
      name: 'PreemptionPolicy',
      type: 'string',
      description: 'Whether its pods may take the place of lesser ones.',
      priority: 0,
      value: (c) => c.preemptionPolicy ?? '',
    },
  ],
};

function validate({ metadata: { name = '' }, value, globalDefault }: PriorityClass): FieldError[] {
  if (name.startsWith(SYSTEM_PREFIX)) {
    const known = SYSTEM_PRIORITY_CLASSES.find((c) => c.metadata.name === name);
    if (known?.value === value && globalDefault !== true) return [];
    const detail = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: `;
    let why = `globalDefault of ${name} PriorityClass must be false`;
    if (known === undefined) why = `${name} is not a known system priority class`;
    else if (known.value !== value) why = `value of ${name} PriorityClass must be ${known.value}`;
    return [forbidden(ROOT_PATH.child('metadata', 'name'), detail + why)];
  }
  if (value <= USER_PRIORITY_MAX) return [];
  const detail = `maximum allowed value of a user defined priority is ${USER_PRIORITY_MAX}`;
  return [forbidden('value', detail)];
}
