/** ReplicationController: the older ReplicaSet, with a selector that is a plain map of labels. */

import { invalid, required, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { nonNegative } from '../../../field/rules.ts';
import { fromLabelMap, matches } from '../../../labels/selector.ts';
import { AGE_COLUMN, labelsText, NAME_COLUMN } from '../../../meta/columns.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { ReplicationController } from '../../../types.gen.ts';
import {
  containerColumns,
  countColumn,
  isNewGeneration,
  validateAlwaysRunning,
  wideColumn,
} from '../../apps/pod-owner.ts';
import { validateReplicaCounts } from '../../apps/replica-status.ts';
import { defaultPodTemplate } from '../pod/pod-defaults.ts';
import { ownerNameWarnings, templateWarnings } from '../pod/pod-warnings.ts';
import { validatePodTemplate } from '../pod/validate-pod-spec.ts';

const SPEC = ROOT_PATH.child('spec');
const TEMPLATE = SPEC.child('template');

export const replicationControllers: ResourceDefinition<ReplicationController> = {
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  singular: 'replicationcontroller',
  shortNames: ['rc'],
  categories: ['all'],
  namespaced: true,
  message: 'core/v1.ReplicationController',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: true,
  scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  defaults,
  validate,
  validateStatusUpdate: ({ status }) =>
    validateReplicaCounts(status, ['fullyLabeledReplicas'], 'readyReplicas'),
  warnings,
  selectableFieldNames: ['status.replicas'],
  selectableFields: ({ status }) => ({ 'status.replicas': String(status.replicas) }),
  columns: [
    NAME_COLUMN,
    countColumn('Desired', 'How many pods there shall be.', ({ spec }) => spec.replicas ?? 0),
    countColumn('Current', 'How many pods there are.', ({ status }) => status.replicas),
    countColumn('Ready', 'How many pods are ready.', ({ status }) => status.readyReplicas ?? 0),
    AGE_COLUMN,
    ...containerColumns<ReplicationController>(({ spec }) => spec.template?.spec.containers ?? []),
    wideColumn('Selector', 'Which pods count as its own.', ({ spec }) => labelsText(spec.selector)),
  ],
};

/** Labels and selector are the template's labels, unless they are given. */
function defaults(controller: ReplicationController): ReplicationController {
  const { metadata, spec } = controller;
  if (spec.template === undefined) return controller;
  const { labels } = spec.template.metadata;
  const template = defaultPodTemplate(spec.template);
  const isEmpty = (map: object | undefined): boolean => Object.keys(map ?? {}).length === 0;
  const takesLabels = labels !== undefined && isEmpty(metadata.labels) && !isEmpty(labels);
  const takesSelector = labels !== undefined && isEmpty(spec.selector) && !isEmpty(labels);
  if (template === spec.template && !takesLabels && !takesSelector) return controller;
  return {
    ...controller,
    ...(takesLabels ? { metadata: { ...metadata, labels } } : {}),
    spec: { ...spec, ...(takesSelector ? { selector: labels } : {}), template },
  };
}

function validate({ spec }: ReplicationController): FieldError[] {
  const { selector = {}, template } = spec;
  const hasSelector = Object.keys(selector).length > 0;
  const errors = [
    ...nonNegative(SPEC.child('minReadySeconds'), spec.minReadySeconds),
    ...(hasSelector ? [] : [required(SPEC.child('selector'))]),
    ...nonNegative(SPEC.child('replicas'), spec.replicas),
  ];
  if (template === undefined) return [...errors, required(TEMPLATE)];
  const { labels = {} } = template.metadata;
  if (hasSelector && !matches(fromLabelMap(selector), labels)) {
    const at = TEMPLATE.child('metadata', 'labels');
    errors.push(invalid(at, { ...labels }, '`selector` does not match template `labels`'));
  }
  return [
    ...errors,
    ...validatePodTemplate(TEMPLATE, template),
    ...validateAlwaysRunning(template, 'ReplicationController'),
  ];
}

function warnings(
  { metadata, spec: { template } }: ReplicationController,
  old: ReplicationController | undefined,
): readonly string[] {
  const names = old === undefined ? ownerNameWarnings(metadata) : [];
  const isNew = old === undefined || isNewGeneration(metadata, old.metadata);
  return template === undefined || !isNew ? names : [...names, ...templateWarnings(TEMPLATE, template)];
}
