/** RoleBinding: grants a role in one namespace to users, groups and service accounts. */

import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { RoleBinding } from '../../../types.gen.ts';
import {
  BINDING_COLUMNS,
  defaultBinding,
  RBAC_GROUP,
  validateBinding,
  validateBindingUpdate,
} from '../rules.ts';

export const roleBindings: ResourceDefinition<RoleBinding> = {
  group: RBAC_GROUP,
  version: 'v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
  singular: 'rolebinding',
  shortNames: [],
  categories: [],
  namespaced: true,
  message: 'rbac/v1.RoleBinding',
  nameFormat: 'pathSegment',
  hasStatus: false,
  hasGeneration: false,
  defaults: defaultBinding,
  validate: (binding) => validateBinding(binding, true),
  validateUpdate: validateBindingUpdate,
  columns: BINDING_COLUMNS,
};
