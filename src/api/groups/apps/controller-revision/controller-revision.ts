/** ControllerRevision: an immutable snapshot of a workload's template, for rollbacks. */

import { required, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { nonNegative, immutable } from '../../../field/rules.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { ControllerRevision } from '../../../types.gen.ts';

export const controllerRevisions: ResourceDefinition<ControllerRevision> = {
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  singular: 'controllerrevision',
  shortNames: [],
  categories: [],
  namespaced: true,
  message: 'apps/v1.ControllerRevision',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: false,
  validate: ({ revision }) => nonNegative(ROOT_PATH.child('revision'), revision),
  validateCreate,
  validateUpdate: (next, old) => immutable(ROOT_PATH.child('data'), next.data, old.data),
  columns: [
    NAME_COLUMN,
    {
      name: 'Controller',
      type: 'string',
      description: 'Controller of the object',
      priority: 0,
      value: (revision) => controllerOf(revision),
    },
    {
      name: 'Revision',
      type: 'string',
      description: 'Revision indicates the revision of the state represented by Data.',
      priority: 0,
      value: (revision) => revision.revision,
    },
    AGE_COLUMN,
  ],
};

function validateCreate({ data }: ControllerRevision): FieldError[] {
  if (data === undefined || data === null) return [required('data', 'data is mandatory')];
  const isObject = typeof data === 'object' && !Array.isArray(data);
  return isObject ? [] : [required('data', 'data must be a valid JSON object')];
}

function controllerOf(revision: ControllerRevision): string {
  const owner = revision.metadata.ownerReferences?.find((o) => o.controller === true);
  if (owner === undefined) return '<none>';
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0] ?? ''}` : '';
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}
