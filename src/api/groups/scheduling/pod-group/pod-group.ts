/**
 * PodGroup: pods that are scheduled together (`spec.schedulingGroup` of each names it). Alpha and off by
 * default upstream: served only where the scheduler is configured to act on it.
 */

import { ROOT_PATH } from '../../../field/field-error.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import { immutable } from '../../../field/rules.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { PodGroup } from '../../../types.gen.ts';
import { validatePolicy } from '../scheduling-policy.ts';

const SPEC = ROOT_PATH.child('spec');

export const podGroups: ResourceDefinition<PodGroup> = {
  group: 'scheduling.k8s.io',
  version: 'v1alpha2',
  kind: 'PodGroup',
  plural: 'podgroups',
  singular: 'podgroup',
  shortNames: [],
  categories: [],
  namespaced: true,
  message: 'scheduling/v1alpha2.PodGroup',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: true,
  validate: ({ spec }) => validatePolicy(SPEC.child('schedulingPolicy'), spec.schedulingPolicy),
  validateUpdate: ({ spec: next }, { spec: old }) =>
    (['podGroupTemplateRef', 'schedulingPolicy', 'schedulingConstraints'] as const).flatMap((name) =>
      immutable(SPEC.child(name), next[name], old[name]),
    ),
  columns: [
    NAME_COLUMN,
    {
      name: 'Policy',
      type: 'string',
      description: 'How its pods are scheduled.',
      priority: 0,
      value: ({ spec }) => (spec.schedulingPolicy.gang === undefined ? 'Basic' : 'Gang'),
    },
    {
      name: 'Min-Count',
      type: 'integer',
      description: 'How many pods must have a node before any is bound.',
      priority: 0,
      value: ({ spec }) => spec.schedulingPolicy.gang?.minCount ?? null,
    },
    AGE_COLUMN,
  ],
};
