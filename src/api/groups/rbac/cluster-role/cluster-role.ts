/** ClusterRole: what may be done anywhere, also to cluster-scoped objects and plain paths. */

import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { ClusterRole } from '../../../types.gen.ts';
import { RBAC_GROUP, ROLE_COLUMNS, validateAggregation, validateRules } from '../rules.ts';

export const clusterRoles: ResourceDefinition<ClusterRole> = {
  group: RBAC_GROUP,
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  singular: 'clusterrole',
  shortNames: [],
  categories: [],
  namespaced: false,
  message: 'rbac/v1.ClusterRole',
  nameFormat: 'pathSegment',
  hasStatus: false,
  hasGeneration: false,
  validate: (role) => [
    ...validateRules(role.rules ?? [], false),
    ...validateAggregation(
      role.aggregationRule === undefined ? undefined : (role.aggregationRule.clusterRoleSelectors ?? []),
    ),
  ],
  columns: ROLE_COLUMNS,
};
