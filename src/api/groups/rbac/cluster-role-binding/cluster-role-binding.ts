/** ClusterRoleBinding: grants a cluster role everywhere. */

import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { ClusterRoleBinding } from '../../../types.gen.ts';
import {
  BINDING_COLUMNS,
  defaultBinding,
  RBAC_GROUP,
  validateBinding,
  validateBindingUpdate,
} from '../rules.ts';

export const clusterRoleBindings: ResourceDefinition<ClusterRoleBinding> = {
  group: RBAC_GROUP,
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  singular: 'clusterrolebinding',
  shortNames: [],
  categories: [],
  namespaced: false,
  message: 'rbac/v1.ClusterRoleBinding',
  nameFormat: 'pathSegment',
  hasStatus: false,
  hasGeneration: false,
  defaults: defaultBinding,
  validate: (binding) => validateBinding(binding, false),
  validateUpdate: validateBindingUpdate,
  columns: BINDING_COLUMNS,
};
