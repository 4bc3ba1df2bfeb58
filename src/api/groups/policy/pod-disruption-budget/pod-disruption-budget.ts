/** PodDisruptionBudget: how many pods of an application may be gone on purpose at one time. */

import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import { invalid, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { asJson, nonNegative } from '../../../field/rules.ts';
import { validateConditions } from '../../../meta/validate-conditions.ts';
import type { Column, ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { PodDisruptionBudget } from '../../../types.gen.ts';
import { amountProblems } from '../../apps/rolling-update.ts';
import { validateLabelSelector } from '../../core/pod/validate-label-selector.ts';

const SPEC = ROOT_PATH.child('spec');
const STATUS = ROOT_PATH.child('status');
const COUNTS = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const;

export const podDisruptionBudgets: ResourceDefinition<PodDisruptionBudget> = {
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  singular: 'poddisruptionbudget',
  shortNames: ['pdb'],
  categories: [],
  namespaced: true,
  message: 'policy/v1.PodDisruptionBudget',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: true,
  validate,
  validateStatusUpdate: ({ status }) => [
    ...validateConditions(STATUS.child('conditions'), status.conditions ?? []),
    ...COUNTS.flatMap((name) => nonNegative(STATUS.child(name), status[name])),
  ],
  columns: [
    NAME_COLUMN,
    amount('Min Available', 'The minimum number of pods that must be available.', (b) => b.spec.minAvailable),
    amount(
      'Max Unavailable',
      'The maximum number of pods that may be unavailable.',
      (b) => b.spec.maxUnavailable,
    ),
    {
      name: 'Allowed Disruptions',
      type: 'integer',
      description: 'Calculated number of pods that may be disrupted at this time.',
      priority: 0,
      value: (budget) => budget.status.disruptionsAllowed,
    },
    AGE_COLUMN,
  ],
};

function amount(
  name: string,
  description: string,
  value: (budget: PodDisruptionBudget) => number | string | undefined,
): Column<PodDisruptionBudget> {
  return {
    name,
    type: 'string',
    description,
    priority: 0,
    value: (budget) => String(value(budget) ?? 'N/A'),
  };
}

function validate({ spec }: PodDisruptionBudget): FieldError[] {
  const { minAvailable, maxUnavailable, selector } = spec;
  const errors: FieldError[] = [];
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const detail = 'minAvailable and maxUnavailable cannot be both set';
    errors.push(invalid(SPEC, asJson(spec), detail));
  }
  if (minAvailable !== undefined) errors.push(...amountProblems(SPEC.child('minAvailable'), minAvailable));
  if (maxUnavailable !== undefined)
    errors.push(...amountProblems(SPEC.child('maxUnavailable'), maxUnavailable));
  return [...errors, ...validateLabelSelector(SPEC.child('selector'), selector)];
}
