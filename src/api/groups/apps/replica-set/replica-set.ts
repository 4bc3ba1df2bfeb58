/** ReplicaSet: keeps a number of equal pods running. */

import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import { ROOT_PATH } from '../../../field/field-error.ts';
import { nonNegative } from '../../../field/rules.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { ReplicaSet } from '../../../types.gen.ts';
import {
  countColumn,
  defaultTemplateOf,
  ownerWarnings,
  templateColumns,
  validateAlwaysRunning,
  validateSelectorAndTemplate,
  validateSelectorUpdate,
} from '../pod-owner.ts';
import { validateReplicaCounts } from '../replica-status.ts';

const SPEC = ROOT_PATH.child('spec');

export const replicaSets: ResourceDefinition<ReplicaSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  message: 'apps/v1.ReplicaSet',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: true,
  scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  defaults: defaultTemplateOf,
  validate: (set) => [
    ...nonNegative(SPEC.child('replicas'), set.spec.replicas),
    ...nonNegative(SPEC.child('minReadySeconds'), set.spec.minReadySeconds),
    ...validateSelectorAndTemplate(set, 'deployment'),
    ...validateAlwaysRunning(set.spec.template, 'ReplicaSet'),
  ],
  validateUpdate: validateSelectorUpdate,
  validateStatusUpdate: ({ status }) => [
    ...validateReplicaCounts(status, ['fullyLabeledReplicas'], 'readyReplicas'),
    ...nonNegative(ROOT_PATH.child('status', 'terminatingReplicas'), status.terminatingReplicas),
  ],
  warnings: ownerWarnings,
  selectableFieldNames: ['status.replicas'],
  selectableFields: ({ status }) => ({ 'status.replicas': String(status.replicas) }),
  columns: [
    NAME_COLUMN,
    countColumn('Desired', 'How many pods there shall be.', ({ spec }) => spec.replicas ?? 0),
    countColumn('Current', 'How many pods there are.', ({ status }) => status.replicas),
    countColumn('Ready', 'How many pods are ready.', ({ status }) => status.readyReplicas ?? 0),
    AGE_COLUMN,
    ...templateColumns<ReplicaSet>(),
  ],
};
