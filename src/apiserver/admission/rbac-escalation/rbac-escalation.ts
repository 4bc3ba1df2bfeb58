/**
 * Nobody grants what they do not hold: writing a role or binding needs every permission in it, or the verb
 * `escalate` on roles, or `bind` on the role that is given. Upstream does this in the storage of RBAC kinds.
 */

import { forbiddenError } from '../../../api/meta/api-error.ts';
import { deepEqual } from '../../../api/meta/equal.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import { RBAC_GROUP } from '../../../api/groups/rbac/rules.ts';
import type { AggregationRule, PolicyRule, RoleRef } from '../../../api/types.gen.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';
import { SUPERUSER_GROUP, type RoleSource, type RbacAuthorizer } from '../../authorization/rbac.ts';
import { uncoveredRules, ruleText } from '../../authorization/rule-cover.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';

export interface RbacEscalationParts {
  /** Asked for `escalate` and `bind`. */
  readonly authorizer: Authorizer;
  readonly rbac: RbacAuthorizer;
  readonly roles: RoleSource;
}

const KINDS = ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'].map(
  (plural) => `${RBAC_GROUP}/${plural}`,
);

export function rbacEscalation(parts: RbacEscalationParts): AdmissionPlugin {
  return { name: 'RBACEscalation', kinds: KINDS, validate: (request) => check(parts, request) };
}

async function check(parts: RbacEscalationParts, request: AdmissionRequest): Promise<void> {
  if (request.object === undefined) return undefined;
  if (request.context.user.groups.includes(SUPERUSER_GROUP)) return undefined;
  return request.resource.definition.plural.endsWith('bindings')
    ? checkBinding(parts, request)
    : checkRole(parts, request);
}

type WithRules = KubernetesObject & {
  readonly rules?: readonly PolicyRule[];
  readonly aggregationRule?: AggregationRule;
};

/** What an aggregated role may come to hold. */
const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];
type WithRef = KubernetesObject & { readonly roleRef: RoleRef };

async function checkRole(parts: RbacEscalationParts, request: AdmissionRequest): Promise<void> {
  const { rules = [], aggregationRule } = request.object as WithRules;
  const old = request.oldObject as WithRules | undefined;
  const aggregates = aggregationRule !== undefined;
  if (deepEqual(rules, old?.rules ?? []) && deepEqual(aggregationRule, old?.aggregationRule)) return;
  const { plural } = request.resource.definition;
  if (await mayDo(parts, request, 'escalate', plural, request.target.namespace, request.target.name)) return;
  if (aggregates) requireAll(parts, request);
  requireHeld(parts, request, rules);
}

/** A role that collects the rules of others by label can hold anything tomorrow. */
function requireAll({ rbac }: RbacEscalationParts, request: AdmissionRequest): void {
  if (uncoveredRules(rbac.rulesFor(request.context.user, ''), EVERYTHING).length === 0) return;
  const name = request.object?.metadata.name ?? request.target.name;
  const why = 'must have cluster-admin privileges to use an aggregationRule';
  throw forbiddenError(request.resource.subject, name, why);
}

async function checkBinding(parts: RbacEscalationParts, request: AdmissionRequest): Promise<void> {
  const { roleRef } = request.object as WithRef;
  if (request.oldObject !== undefined && deepEqual(contentOf(request.object), contentOf(request.oldObject)))
    return;
  const { namespace } = request.target;
  const plural = roleRef.kind === 'Role' ? 'roles' : 'clusterroles';
  if (await mayDo(parts, request, 'bind', plural, namespace, roleRef.name)) return;
  requireHeld(parts, request, parts.roles.rules(roleRef, namespace));
}

function contentOf(object: KubernetesObject | undefined): unknown {
  const { metadata: _metadata, ...content } = object ?? { metadata: {} };
  return content;
}

async function mayDo(
  { authorizer }: RbacEscalationParts,
  { context }: AdmissionRequest,
  verb: string,
  resource: string,
  namespace: string,
  name: string,
): Promise<boolean> {
  const { allowed } = await authorizer.authorize({
    type: 'resource',
    user: context.user,
    verb,
    group: RBAC_GROUP,
    version: 'v1',
    resource,
    subresource: '',
    namespace,
    name,
  });
  return allowed;
}

function requireHeld(
  parts: RbacEscalationParts,
  request: AdmissionRequest,
  rules: readonly PolicyRule[],
): void {
  const { user } = request.context;
  const missing = uncoveredRules(parts.rbac.rulesFor(user, request.target.namespace), rules);
  if (missing.length === 0) return;
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ');
  const who = `user ${JSON.stringify(user.name)} (groups=[${groups}])`;
  const what = missing.map(ruleText).join('\n');
  const why = `${who} is attempting to grant RBAC permissions not currently held:\n${what}`;
  const name = request.object?.metadata.name ?? request.target.name;
  throw forbiddenError(request.resource.subject, name, why);
}
