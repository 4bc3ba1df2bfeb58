/**
 * RBAC: roles grant verbs on resources and paths, bindings give roles to users, groups and service accounts.
 * There is no denial; what no rule allows is refused.
 *
 * Reads roles and bindings where they lie, in the store's memory, so a binding counts from the very next
 * request. Semantics: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */

import type { KubernetesObject } from '../../api/meta/object.ts';
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
  Subject,
} from '../../api/types.gen.ts';
import type { UserInfo } from '../../client/operation.ts';
import { prefixRange, type Store } from '../../store/store.ts';
import type { AccessAttributes, Authorizer, Decision } from './authorizer.ts';

/** Its members pass without a look at any rule: the way back in when the rules are broken. */
export const SUPERUSER_GROUP = 'system:masters';

const PREFIX = '/registry/rbac.authorization.k8s.io/';

export interface RoleSource {
  clusterBindings(): readonly ClusterRoleBinding[];
  bindings(namespace: string): readonly RoleBinding[];
  rules(ref: RoleRef, namespace: string): readonly PolicyRule[];
}

export class RbacAuthorizer implements Authorizer {
  readonly #roles: RoleSource;

  constructor(roles: RoleSource) {
    this.#roles = roles;
  }

  authorize(attributes: AccessAttributes): Decision {
    const { user } = attributes;
    if (user.groups.includes(SUPERUSER_GROUP)) return { allowed: true, reason: '' };
    for (const binding of this.#roles.clusterBindings()) {
      if (!bindsTo(binding.subjects, user, '')) continue;
      if (anyAllows(this.#roles.rules(binding.roleRef, ''), attributes))
        return allowedBy('ClusterRoleBinding', binding);
    }
    const namespace = attributes.type === 'resource' ? attributes.namespace : '';
    if (namespace !== '') {
      for (const binding of this.#roles.bindings(namespace)) {
        if (!bindsTo(binding.subjects, user, namespace)) continue;
        if (anyAllows(this.#roles.rules(binding.roleRef, namespace), attributes))
          return allowedBy('RoleBinding', binding);
      }
    }
    return { allowed: false, reason: '' };
  }

  /** Every rule that holds for the user in the namespace (`SelfSubjectRulesReview`, escalation checks). */
  rulesFor(user: UserInfo, namespace: string): readonly PolicyRule[] {
    const cluster = this.#roles
      .clusterBindings()
      .filter((binding) => bindsTo(binding.subjects, user, ''))
      .flatMap((binding) => this.#roles.rules(binding.roleRef, ''));
    if (namespace === '') return cluster;
    const local = this.#roles
      .bindings(namespace)
      .filter((binding) => bindsTo(binding.subjects, user, namespace))
      .flatMap((binding) => this.#roles.rules(binding.roleRef, namespace));
    return [...cluster, ...local];
  }
}

function allowedBy(kind: string, binding: ClusterRoleBinding | RoleBinding): Decision {
  const { namespace, name = '' } = binding.metadata;
  const at = namespace === undefined ? name : `${name}/${namespace}`;
  const role = `${binding.roleRef.kind} ${JSON.stringify(binding.roleRef.name)}`;
  const subjects = (binding.subjects ?? []).map((s) => `${s.kind} ${JSON.stringify(s.name)}`).join(', ');
  return {
    allowed: true,
    reason: `RBAC: allowed by ${kind} ${JSON.stringify(at)} of ${role} to ${subjects}`,
  };
}

export function bindsTo(
  subjects: readonly Subject[] | undefined,
  user: UserInfo,
  namespace: string,
): boolean {
  for (const subject of subjects ?? []) {
    switch (subject.kind) {
      case 'User':
        if (subject.name === user.name) return true;
        break;
      case 'Group':
        if (user.groups.includes(subject.name)) return true;
        break;
      case 'ServiceAccount':
        if (user.name === `system:serviceaccount:${subject.namespace ?? namespace}:${subject.name}`)
          return true;
        break;
    }
  }
  return false;
}

function anyAllows(rules: readonly PolicyRule[], attributes: AccessAttributes): boolean {
  for (const rule of rules) if (ruleAllows(rule, attributes)) return true;
  return false;
}

export function ruleAllows(rule: PolicyRule, attributes: AccessAttributes): boolean {
  if (!rule.verbs.includes('*') && !rule.verbs.includes(attributes.verb)) return false;
  if (attributes.type === 'path') return pathMatches(rule.nonResourceURLs ?? [], attributes.path);
  const { group, resource, subresource, name } = attributes;
  const groups = rule.apiGroups ?? [];
  if (!groups.includes('*') && !groups.includes(group)) return false;
  if (!resourceMatches(rule.resources ?? [], resource, subresource)) return false;
  const names = rule.resourceNames ?? [];
  return names.length === 0 || names.includes(name);
}

function resourceMatches(resources: readonly string[], resource: string, subresource: string): boolean {
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  return resources.some(
    (allowed) =>
      allowed === '*' || allowed === full || (subresource !== '' && allowed === `*/${subresource}`),
  );
}

/** A trailing `*` stands for any rest. */
function pathMatches(patterns: readonly string[], path: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : pattern === path,
  );
}

/** Roles and bindings as the store has them now. */
export function storeRoles(store: Store<KubernetesObject>): RoleSource {
  const all = <T>(prefix: string): readonly T[] => {
    const page = store.list(prefixRange(PREFIX + prefix));
    return page.ok ? page.result.entries.map((entry) => entry.value as unknown as T) : [];
  };
  return {
    clusterBindings: () => all<ClusterRoleBinding>('clusterrolebindings/'),
    bindings: (namespace) => all<RoleBinding>(`rolebindings/${namespace}/`),
    rules: ({ kind, name }, namespace) => {
      const key = kind === 'Role' ? `roles/${namespace}/${name}` : `clusterroles/${name}`;
      const role = store.get(PREFIX + key)?.value as unknown as Role | ClusterRole | undefined;
      return role?.rules ?? [];
    },
  };
}
