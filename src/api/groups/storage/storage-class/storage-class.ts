/** StorageClass: who makes the volumes that claims of this class ask for, and how. */

import { checked, immutable } from '../../../field/rules.ts';
import {
  duplicate,
  forbidden,
  required,
  ROOT_PATH,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { labelKeyProblem } from '../../../labels/selector.ts';
import { AGE_COLUMN } from '../../../meta/columns.ts';
import { deepEqual } from '../../../meta/equal.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { StorageClass, TopologySelectorTerm } from '../../../types.gen.ts';
import { defaultableNameColumn, STORAGE_GROUP, validateParameters, validateProvisioner } from '../rules.ts';

const DEFAULT_ANNOTATION = 'storageclass.kubernetes.io/is-default-class';
const BETA_DEFAULT_ANNOTATION = 'storageclass.beta.kubernetes.io/is-default-class';
const TOPOLOGIES = ROOT_PATH.child('allowedTopologies');

export const storageClasses: ResourceDefinition<StorageClass> = {
  group: STORAGE_GROUP,
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  singular: 'storageclass',
  shortNames: ['sc'],
  categories: [],
  namespaced: false,
  message: 'storage/v1.StorageClass',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: false,
  validate,
  validateUpdate,
  warnings: ({ allowedTopologies = [] }) => topologyWarnings(allowedTopologies),
  columns: [
    defaultableNameColumn(DEFAULT_ANNOTATION, BETA_DEFAULT_ANNOTATION),
    {
      name: 'Provisioner',
      type: 'string',
      description: 'provisioner indicates the type of the provisioner.',
      priority: 0,
      value: ({ provisioner }) => provisioner,
    },
    {
      name: 'ReclaimPolicy',
      type: 'string',
      description: 'What becomes of a volume when its claim is gone.',
      priority: 0,
      value: ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete',
    },
    {
      name: 'VolumeBindingMode',
      type: 'string',
      description: 'When claims are bound and volumes made.',
      priority: 0,
      value: ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate',
    },
    {
      name: 'AllowVolumeExpansion',
      type: 'string',
      description: 'Whether its volumes can grow.',
      priority: 0,
      value: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false,
    },
    AGE_COLUMN,
  ],
};

function validate({ provisioner, parameters = {}, allowedTopologies = [] }: StorageClass): FieldError[] {
  return [
    ...validateProvisioner(ROOT_PATH.child('provisioner'), provisioner),
    ...validateParameters(ROOT_PATH.child('parameters'), parameters, true),
    ...validateTopologies(allowedTopologies),
  ];
}

function validateTopologies(terms: readonly TopologySelectorTerm[]): FieldError[] {
  const errors: FieldError[] = [];
  const seen: object[] = [];
  for (const [i, term] of terms.entries()) {
    const path = TOPOLOGIES.index(i).child('matchLabelExpressions');
    errors.push(...validateTerm(path, term));
    const values = valuesByKey(term);
    if (seen.some((other) => deepEqual(other, values))) errors.push(duplicate(path, ''));
    seen.push(values);
  }
  return errors;
}

/** For comparison: the order of keys and values says nothing. */
function valuesByKey({ matchLabelExpressions = [] }: TopologySelectorTerm): object {
  return Object.fromEntries(
    matchLabelExpressions.map(({ key, values }) => [key, [...new Set(values)].toSorted()]),
  );
}

function validateTerm(path: FieldPath, { matchLabelExpressions = [] }: TopologySelectorTerm): FieldError[] {
  const errors: FieldError[] = [];
  const keys = new Set<string>();
  for (const [i, { key, values }] of matchLabelExpressions.entries()) {
    const at = path.index(i);
    if (values.length === 0) errors.push(required(at.child('values')));
    const seen = new Set<string>();
    for (const [j, value] of values.entries()) {
      if (seen.has(value)) errors.push(duplicate(at.child('values').index(j), value));
      seen.add(value);
    }
    if (key !== '') errors.push(...checked(at.child('key'), key, labelKeyProblem(key)));
    if (keys.has(key)) errors.push(duplicate(at.child('key'), key));
    keys.add(key);
  }
  return errors;
}

function validateUpdate(next: StorageClass, old: StorageClass): FieldError[] {
  const errors: FieldError[] = [];
  if (!deepEqual(next.parameters ?? {}, old.parameters ?? {})) {
    errors.push(forbidden('parameters', 'updates to parameters are forbidden.'));
  }
  if (next.provisioner !== old.provisioner) {
    errors.push(forbidden('provisioner', 'updates to provisioner are forbidden.'));
  }
  if (next.reclaimPolicy !== old.reclaimPolicy) {
    errors.push(forbidden('reclaimPolicy', 'updates to reclaimPolicy are forbidden.'));
  }
  return [...errors, ...immutable('volumeBindingMode', next.volumeBindingMode, old.volumeBindingMode)];
}

/** Labels of nodes that have had another name for long. */
const RENAMED: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'use "node.kubernetes.io/instance-type" instead',
};

function topologyWarnings(terms: readonly TopologySelectorTerm[]): string[] {
  return terms.flatMap(({ matchLabelExpressions = [] }, i) =>
    matchLabelExpressions.flatMap(({ key }, j) => {
      const advice = RENAMED[key];
      const path = TOPOLOGIES.index(i).child('matchLabelExpressions').index(j).child('key');
      return advice === undefined ? [] : [`${path.toString()}: deprecated since v1.17; ${advice}`];
    }),
  );
}
