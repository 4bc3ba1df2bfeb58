/** Role: what may be done in one namespace. */

import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { Role } from '../../../types.gen.ts';
import { RBAC_GROUP, ROLE_COLUMNS, validateRules } from '../rules.ts';

export const roles: ResourceDefinition<Role> = {
  group: RBAC_GROUP,
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
  singular: 'role',
  shortNames: [],
  categories: [],
  namespaced: true,
  message: 'rbac/v1.Role',
  nameFormat: 'pathSegment',
  hasStatus: false,
  hasGeneration: false,
  validate: (role) => validateRules(role.rules ?? [], true),
  columns: ROLE_COLUMNS,
};
