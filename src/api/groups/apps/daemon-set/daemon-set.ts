/** DaemonSet: one pod on every node that fits. */

import { invalid, required, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { nonNegative, notDecremented } from '../../../field/rules.ts';
import { AGE_COLUMN, labelsText, NAME_COLUMN } from '../../../meta/columns.ts';
import { deepEqual } from '../../../meta/equal.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { DaemonSet, DaemonSetStatus, DaemonSetUpdateStrategy } from '../../../types.gen.ts';
import {
  countColumn,
  defaultTemplateOf,
  podTemplateWarnings,
  templateColumns,
  validateAlwaysRunning,
  validateSelectorAndTemplate,
  validateSelectorUpdate,
} from '../pod-owner.ts';
import { amountProblems, isZeroAmount } from '../rolling-update.ts';

const SPEC = ROOT_PATH.child('spec');
const STATUS = ROOT_PATH.child('status');

/** Counts the versions of the template, for controllers and clients of old. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

const COUNTS: readonly (keyof DaemonSetStatus)[] = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
];

export const daemonSets: ResourceDefinition<DaemonSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  singular: 'daemonset',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  message: 'apps/v1.DaemonSet',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: true,
  defaults,
  prepareForCreate: (set) => withTemplateGeneration(set, 1),
  prepareForUpdate: (next, old) => {
    const isSame = deepEqual(next.spec.template, old.spec.template);
    return withTemplateGeneration(next, templateGeneration(old) + (isSame ? 0 : 1));
  },
  validate,
  validateUpdate: validateSelectorUpdate,
  validateStatusUpdate,
  warnings: podTemplateWarnings,
  columns: [
    NAME_COLUMN,
    countColumn('Desired', 'How many nodes shall run the pod.', (d) => d.status.desiredNumberScheduled),
    countColumn('Current', 'How many nodes run it.', (d) => d.status.currentNumberScheduled),
    countColumn('Ready', 'How many of the pods are ready.', (d) => d.status.numberReady),
    countColumn(
      'Up-to-date',
      'How many run the current template.',
      (d) => d.status.updatedNumberScheduled ?? 0,
    ),
    countColumn('Available', 'How many have been ready long enough.', (d) => d.status.numberAvailable ?? 0),
    {
      name: 'Node Selector',
      type: 'string',
      description: 'The labels of the nodes that the pod runs on.',
      priority: 0,
      value: ({ spec }) => labelsText(spec.template.spec.nodeSelector),
    },
    AGE_COLUMN,
    ...templateColumns<DaemonSet>(),
  ],
};

function defaults(set: DaemonSet): DaemonSet {
  const { updateStrategy } = set.spec;
  const strategy = defaultStrategy(updateStrategy);
  const next =
    strategy === updateStrategy ? set : { ...set, spec: { ...set.spec, updateStrategy: strategy } };
  return defaultTemplateOf(next);
}

function defaultStrategy(strategy: DaemonSetUpdateStrategy): DaemonSetUpdateStrategy {
  if (strategy.type !== 'RollingUpdate') return strategy;
  const { maxUnavailable, maxSurge } = strategy.rollingUpdate ?? {};
  if (maxUnavailable !== undefined && maxSurge !== undefined) return strategy;
  return { ...strategy, rollingUpdate: { maxUnavailable: maxUnavailable ?? 1, maxSurge: maxSurge ?? 0 } };
}

function templateGeneration({ metadata }: DaemonSet): number {
  return Number.parseInt(metadata.annotations?.[TEMPLATE_GENERATION] ?? '0', 10) || 0;
}

function withTemplateGeneration(set: DaemonSet, generation: number): DaemonSet {
  const { annotations } = set.metadata;
  if (annotations?.[TEMPLATE_GENERATION] === String(generation)) return set;
  const next = { ...annotations, [TEMPLATE_GENERATION]: String(generation) };
  return { ...set, metadata: { ...set.metadata, annotations: next } };
}

function validate(set: DaemonSet): FieldError[] {
  const { spec } = set;
  return [
    ...validateSelectorAndTemplate(set, 'daemonset'),
    ...validateAlwaysRunning(spec.template, 'DaemonSet'),
    ...nonNegative(SPEC.child('minReadySeconds'), spec.minReadySeconds),
    ...validateStrategy(spec.updateStrategy),
    ...nonNegative(SPEC.child('revisionHistoryLimit'), spec.revisionHistoryLimit),
  ];
}

/** Either the old pod goes first, or the new one comes first. */
function validateStrategy({ type, rollingUpdate }: DaemonSetUpdateStrategy): FieldError[] {
  if (type !== 'RollingUpdate') return [];
  const path = SPEC.child('updateStrategy', 'rollingUpdate');
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate ?? {};
  const errors = [
    ...amountProblems(path.child('maxUnavailable'), maxUnavailable),
    ...amountProblems(path.child('maxSurge'), maxSurge),
  ];
  const hasUnavailable = !isZeroAmount(maxUnavailable);
  const hasSurge = !isZeroAmount(maxSurge);
  if (hasUnavailable && hasSurge) {
    const detail = 'may not be set when maxUnavailable is non-zero';
    errors.push(invalid(path.child('maxSurge'), maxSurge, detail));
  }
  if (!hasUnavailable && !hasSurge) {
    errors.push(required(path.child('maxUnavailable'), 'cannot be 0 when maxSurge is 0'));
  }
  return errors;
}

function validateStatusUpdate(next: DaemonSet, old: DaemonSet): FieldError[] {
  const path = STATUS.child('collisionCount');
  return [
    ...COUNTS.flatMap((name) => nonNegative(STATUS.child(name), Number(next.status[name] ?? 0))),
    ...notDecremented(path, next.status.collisionCount, old.status.collisionCount),
  ];
}
