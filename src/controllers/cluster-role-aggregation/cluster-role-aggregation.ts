/**
 * The cluster role aggregation controller: a ClusterRole with an `aggregationRule` has the rules of all
 * ClusterRoles that its selectors match; so `view`, `edit` and `admin` grow with the custom kinds of the
 * cluster.
 */

import { deepEqual } from '../../api/meta/equal.ts';
import { fromLabelSelector, matches } from '../../api/labels/selector.ts';
import { clusterRoles } from '../../api/groups/rbac/cluster-role/cluster-role.ts';
import type { ClusterRole, PolicyRule } from '../../api/types.gen.ts';
import type { ControllerDefinition } from '../../reconcile/controller.ts';

export const clusterRoleAggregationController: ControllerDefinition = {
  name: 'clusterrole-aggregation-controller',
  permissions: [
    {
      apiGroups: ['rbac.authorization.k8s.io'],
      resources: ['clusterroles'],
      // It writes rules that it does not hold itself.
      verbs: ['escalate', 'get', 'list', 'patch', 'update', 'watch'],
    },
  ],
  workers: 2,
  build: ({ client, informers }, enqueue) => {
    const roles = informers.of(clusterRoles);
    const wakeAggregates = (): void => {
      for (const { aggregationRule, metadata } of roles.list()) {
        if (aggregationRule !== undefined) enqueue(metadata.name ?? '');
      }
    };
    roles.subscribe(wakeAggregates);
    return {
      reconcile: async (name) => {
        const role = roles.getByKey(name);
        if (role?.aggregationRule === undefined) return {};
        const rules = aggregateRules(role, roles.list());
        if (!deepEqual(rules, role.rules ?? [])) await client.update(clusterRoles, { ...role, rules });
        return {};
      },
    };
  },
};

/** Pure: the rules of all selected roles, each once, in the order of the roles' names. */
export function aggregateRules(role: ClusterRole, all: readonly ClusterRole[]): readonly PolicyRule[] {
  const rules: PolicyRule[] = [];
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    const compiled = fromLabelSelector(selector);
    if (compiled === undefined) continue;
    const selected = all.filter(({ metadata }) => matches(compiled, metadata.labels));
    for (const other of selected.toSorted(byName)) {
      if (other.metadata.name === role.metadata.name) continue;
      for (const rule of other.rules ?? []) {
        if (!rules.some((present) => deepEqual(present, rule))) rules.push(rule);
      }
    }
  }
  return rules;
}

function byName(a: ClusterRole, b: ClusterRole): number {
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}
