/** The compact form in which the default roles and bindings are written down. */

import type { LabelSelector, PolicyRule, Subject } from '../../api/types.gen.ts';

export const READ: readonly string[] = ['get', 'list', 'watch'];
export const WRITE: readonly string[] = ['create', 'delete', 'deletecollection', 'patch', 'update'];

export interface RoleSpec {
  readonly name: string;
  /** Absent: a ClusterRole. */
  readonly namespace?: string;
  readonly rules: readonly PolicyRule[];
  readonly labels?: { readonly [key: string]: string };
  readonly aggregates?: readonly LabelSelector[];
}

export interface BindingSpec {
  readonly name: string;
  /** Absent: a ClusterRoleBinding; else a RoleBinding to the Role of that namespace. */
  readonly namespace?: string;
  readonly role: string;
  readonly subjects: readonly Subject[];
}

export function rule(
  group: string,
  verbs: readonly string[],
  resources: readonly string[],
  resourceNames?: readonly string[],
): PolicyRule {
  return {
    verbs,
    apiGroups: [group],
    resources,
    ...(resourceNames === undefined ? {} : { resourceNames }),
  };
}

export function paths(verbs: readonly string[], nonResourceURLs: readonly string[]): PolicyRule {
  return { verbs, nonResourceURLs };
}

const RBAC_GROUP = 'rbac.authorization.k8s.io';

export function group(name: string): Subject {
  return { kind: 'Group', apiGroup: RBAC_GROUP, name };
}

export function user(name: string): Subject {
  return { kind: 'User', apiGroup: RBAC_GROUP, name };
}

export function account(namespace: string, name: string): Subject {
  return { kind: 'ServiceAccount', namespace, name };
}
