/** StorageVersionMigration: that every object of a kind be written again, in the version stored today. */

import { immutable } from '../../../field/rules.ts';
import { invalid, required, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { NAME_COLUMN } from '../../../meta/columns.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import { validateConditions } from '../../../meta/validate-conditions.ts';
import type { JsonValue } from '../../../schema/schema.ts';
import type { StorageVersionMigration } from '../../../types.gen.ts';

const STATUS = ROOT_PATH.child('status');
const VERSION = STATUS.child('resourceVersion');
const CONDITIONS = STATUS.child('conditions');

export const storageVersionMigrations: ResourceDefinition<StorageVersionMigration> = {
  group: 'storagemigration.k8s.io',
  version: 'v1beta1',
  kind: 'StorageVersionMigration',
  plural: 'storageversionmigrations',
  singular: 'storageversionmigration',
  shortNames: [],
  categories: [],
  namespaced: false,
  message: 'storagemigration/v1beta1.StorageVersionMigration',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: true,
  validate: ({ spec: { resource } }) =>
    resource.resource === ''
      ? [required(ROOT_PATH.child('spec', 'resource', 'resource'), 'resource is required')]
      : [],
  // Upstream names the fields without their place.
  validateUpdate: ({ spec: next }, { spec: old }) => [
    ...immutable('group', next.resource.group, old.resource.group),
    ...immutable('resource', next.resource.resource, old.resource.resource),
  ],
  validateStatusUpdate,
  columns: [
    { ...NAME_COLUMN, description: 'The name of the migration.' },
    {
      name: 'Resource',
      type: 'string',
      description: 'Fully qualified resource to migrate',
      priority: 0,
      value: ({ spec: { resource } }) =>
        [resource.resource, resource.group].filter((part) => part !== '').join('.'),
    },
  ],
};

function validateStatusUpdate(next: StorageVersionMigration, old: StorageVersionMigration): FieldError[] {
  const { resourceVersion: version = '', conditions = [] } = next.status;
  const { resourceVersion: before = '' } = old.status;
  const errors: FieldError[] = [];
  if (version !== '' && !/^[+-]?\d+$/.test(version)) {
    const text = JSON.stringify(version);
    const why = `failed to parse resource version ${text}: strconv.ParseInt: parsing ${text}: invalid syntax`;
    errors.push(invalid(VERSION, version, why));
  } else if (version.startsWith('-')) {
    errors.push(invalid(VERSION, Number(version), 'must be greater than or equal to 0'));
  }
  errors.push(...validateConditions(CONDITIONS, conditions));
  if (before !== '' && before !== version) errors.push(invalid(VERSION, version, 'cannot be updated'));
  return [...errors, ...validateProgress(next, old)];
}

/** A migration ends once, in one way. */
function validateProgress(next: StorageVersionMigration, old: StorageVersionMigration): FieldError[] {
  const [succeeded, failed, running] = ['Succeeded', 'Failed', 'Running'].map((type) => isTrue(next, type));
  const problems = [
    [succeeded && failed, 'Both success and failed conditions cannot be true at the same time'],
    [succeeded && running, 'Running condition cannot be true when success condition is true'],
    [failed && running, 'Running condition cannot be true when failed condition is true'],
    [isTrue(old, 'Succeeded') && !succeeded, 'Success condition cannot be set to false once it is true'],
    [isTrue(old, 'Failed') && !failed, 'Failed condition cannot be set to false once it is true'],
  ] as const;
  const shown = (next.status.conditions ?? []) as unknown as JsonValue;
  return problems.filter(([holds]) => holds).map(([, detail]) => invalid(CONDITIONS, shown, detail));
}

function isTrue({ status }: StorageVersionMigration, type: string): boolean {
  return (status.conditions ?? []).some((c) => c.type === type && c.status === 'True');
}
