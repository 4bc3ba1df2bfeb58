/** Deployment: declares pods and how a new version of them takes over from the old one. */

import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import { fromLabelSelector, selectorText } from '../../../labels/selector.ts';
import { forbidden, invalid, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { nonNegative, notDecremented } from '../../../field/rules.ts';
import { deepEqual } from '../../../meta/equal.ts';
import type { Column, ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { Deployment, DeploymentStrategy } from '../../../types.gen.ts';
import { defaultPodTemplate } from '../../core/pod/pod-defaults.ts';
import { amountProblems, isZeroAmount } from '../rolling-update.ts';
import {
  containerColumns,
  ownerWarnings,
  wideColumn,
  validateAlwaysRunning,
  validateSelectorAndTemplate,
  validateSelectorUpdate,
} from '../pod-owner.ts';
import { validateReplicaCounts } from '../replica-status.ts';

const SPEC = ROOT_PATH.child('spec');
const STATUS = ROOT_PATH.child('status');
const DEFAULT_AMOUNT = '25%';

export const deployments: ResourceDefinition<Deployment> = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  message: 'apps/v1.Deployment',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: true,
  scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  defaults,
  prepareForUpdate: (next, old) => countAnnotations(next, old),
  prepareForStatusUpdate: keepLabels,
  validate,
  validateUpdate: validateSelectorUpdate,
  validateStatusUpdate: (next, old) => [
    ...validateReplicaCounts(next.status, ['updatedReplicas'], 'readyReplicas'),
    ...nonNegative(STATUS.child('unavailableReplicas'), next.status.unavailableReplicas),
    ...nonNegative(STATUS.child('terminatingReplicas'), next.status.terminatingReplicas),
    ...nonNegative(STATUS.child('collisionCount'), next.status.collisionCount),
    ...notDecremented(STATUS.child('collisionCount'), next.status.collisionCount, old.status.collisionCount),
  ],
  warnings: ownerWarnings,
  columns: [
    NAME_COLUMN,
    {
      name: 'Ready',
      type: 'string',
      description: 'Number of the pod with ready state',
      priority: 0,
      value: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    },
    count('Up-to-date', 'How many pods run the current template.', (d) => d.status.updatedReplicas ?? 0),
    count('Available', 'How many pods have been ready long enough.', (d) => d.status.availableReplicas ?? 0),
    AGE_COLUMN,
    ...containerColumns<Deployment>(({ spec }) => spec.template.spec.containers),
    wideColumn('Selector', 'Which pods count as its own.', ({ spec }) =>
      selectorText(fromLabelSelector(spec.selector) ?? []),
    ),
  ],
};

function count(name: string, description: string, value: (d: Deployment) => number): Column<Deployment> {
  return { name, type: 'string', description, priority: 0, value };
}

/** Upstream's status strategy, of this kind alone: labels are not written with the status. */
function keepLabels(next: Deployment, old: Deployment): Deployment {
  const { labels: _, ...metadata } = next.metadata;
  const { labels } = old.metadata;
  return { ...next, metadata: labels === undefined ? metadata : { ...metadata, labels } };
}

function defaults(deployment: Deployment): Deployment {
  const { spec } = deployment;
  const template = defaultPodTemplate(spec.template);
  const strategy = defaultStrategy(spec.strategy);
  if (template === spec.template && strategy === spec.strategy) return deployment;
  return { ...deployment, spec: { ...spec, template, strategy } };
}

function defaultStrategy(strategy: DeploymentStrategy): DeploymentStrategy {
  if (strategy.type === 'Recreate') return strategy;
  const { maxUnavailable, maxSurge } = strategy.rollingUpdate ?? {};
  if (maxUnavailable !== undefined && maxSurge !== undefined) return strategy;
  const rollingUpdate = {
    maxUnavailable: maxUnavailable ?? DEFAULT_AMOUNT,
    maxSurge: maxSurge ?? DEFAULT_AMOUNT,
  };
  return { ...strategy, rollingUpdate };
}

/** Annotations reach the pods' ReplicaSets, so a change of them counts as a new generation too. */
function countAnnotations(next: Deployment, old: Deployment): Deployment {
  if (deepEqual(next.metadata.annotations, old.metadata.annotations)) return next;
  return { ...next, metadata: { ...next.metadata, generation: (old.metadata.generation ?? 0) + 1 } };
}

function validate(deployment: Deployment): FieldError[] {
  const { spec } = deployment;
  const errors = [
    ...nonNegative(SPEC.child('replicas'), spec.replicas),
    ...validateSelectorAndTemplate(deployment, 'deployment'),
    ...validateAlwaysRunning(spec.template, 'ReplicaSet'),
    ...validateStrategy(spec.strategy),
    ...nonNegative(SPEC.child('minReadySeconds'), spec.minReadySeconds),
    ...nonNegative(SPEC.child('revisionHistoryLimit'), spec.revisionHistoryLimit),
    ...nonNegative(SPEC.child('progressDeadlineSeconds'), spec.progressDeadlineSeconds),
  ];
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
  if (deadline !== undefined && deadline <= minReadySeconds) {
    errors.push(
      invalid(SPEC.child('progressDeadlineSeconds'), deadline, 'must be greater than minReadySeconds'),
    );
  }
  return errors;
}

function validateStrategy({ type, rollingUpdate }: DeploymentStrategy): FieldError[] {
  const path = SPEC.child('strategy', 'rollingUpdate');
  if (rollingUpdate === undefined) return [];
  if (type === 'Recreate') {
    return [forbidden(path, "may not be specified when strategy `type` is 'Recreate'")];
  }
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
  const errors = [
    ...amountProblems(path.child('maxUnavailable'), maxUnavailable),
    ...amountProblems(path.child('maxSurge'), maxSurge, Number.POSITIVE_INFINITY),
  ];
  if (isZeroAmount(maxUnavailable) && isZeroAmount(maxSurge)) {
    errors.push(invalid(path.child('maxUnavailable'), maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  return errors;
}
