/** ControllerRevision: an immutable snapshot of a workload's template, for rollbacks. */

import { invalid, required, type FieldError } from '../../../field/field-error.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import { deepEqual } from '../../../meta/equal.ts';
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
  validate,
  validateUpdate: (next, old) =>
    deepEqual(next.data, old.data) ? [] : [invalid('data', next.data, 'field is immutable')],
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

function validate(revision: ControllerRevision): FieldError[] {
  const errors: FieldError[] = [];
  if (revision.data === undefined) errors.push(required('data', 'data is mandatory'));
  if (revision.revision < 0)
    errors.push(invalid('revision', revision.revision, 'must be greater than or equal to 0'));
  return errors;
}

function controllerOf(revision: ControllerRevision): string {
  const owner = revision.metadata.ownerReferences?.find((o) => o.controller === true);
  if (owner === undefined) return '<none>';
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0] ?? ''}` : '';
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}
