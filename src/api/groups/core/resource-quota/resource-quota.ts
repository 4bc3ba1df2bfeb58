/** ResourceQuota: how much all of a namespace may use together. `validate-quota-scopes.ts` judges scopes. */

import { invalid, ROOT_PATH, type FieldError, type FieldPath } from '../../../field/field-error.ts';
import { asJson } from '../../../field/rules.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import type { Column, ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { ResourceQuota } from '../../../types.gen.ts';
import { validateQuotaResourceName, validateResourceAmount } from '../resource-names.ts';
import { validateScopes, validateScopeSelector } from './validate-quota-scopes.ts';

const SPEC = ROOT_PATH.child('spec');
const STATUS = ROOT_PATH.child('status');

type ResourceList = { readonly [name: string]: string };

export const resourceQuotas: ResourceDefinition<ResourceQuota> = {
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  singular: 'resourcequota',
  shortNames: ['quota'],
  categories: [],
  namespaced: true,
  message: 'core/v1.ResourceQuota',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: false,
  validate: ({ spec }) => [
    ...validateAmounts(SPEC.child('hard'), spec.hard),
    ...validateScopes(SPEC, spec),
    ...validateScopeSelector(SPEC, spec),
  ],
  validateUpdate,
  validateStatusUpdate: ({ status }) => [
    ...validateAmounts(STATUS.child('hard'), status.hard),
    ...validateAmounts(STATUS.child('used'), status.used),
  ],
  columns: [
    NAME_COLUMN,
    column(
      'Request',
      'Request represents a minimum amount of cpu/memory that a container may consume.',
      (name) => !isLimit(name),
    ),
    column(
      'Limit',
      'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.',
      isLimit,
    ),
    AGE_COLUMN,
  ],
};

function isLimit(name: string): boolean {
  return name.startsWith('limits.');
}

function column(
  name: string,
  description: string,
  isShown: (resource: string) => boolean,
): Column<ResourceQuota> {
  const value = ({ status: { hard = {}, used = {} } }: ResourceQuota): string =>
    Object.keys(hard)
      .filter(isShown)
      .toSorted()
      .map((resource) => `${resource}: ${used[resource] ?? '0'}/${hard[resource] ?? '0'}`)
      .join(', ');
  return { name, type: 'string', description, priority: 0, value };
}

function validateAmounts(path: FieldPath, list: ResourceList = {}): FieldError[] {
  return Object.entries(list).flatMap(([name, text]) => [
    ...validateQuotaResourceName(path.key(name), name),
    ...validateResourceAmount(path.key(name), name, text),
  ]);
}

function validateUpdate(next: ResourceQuota, old: ResourceQuota): FieldError[] {
  const [before, after] = [new Set(old.spec.scopes), new Set(next.spec.scopes)];
  if (before.size === after.size && [...before].every((scope) => after.has(scope))) return [];
  return [invalid(SPEC.child('scopes'), asJson(next.spec.scopes ?? []), 'field is immutable')];
}
