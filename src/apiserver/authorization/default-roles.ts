/**
 * The default roles and bindings, made sure of at every start: what is missing is created, rules and
 * subjects that were taken away come back, what was added stays. An administrator who wants it otherwise
 * sets the annotation `rbac.authorization.kubernetes.io/autoupdate` to `false`, as upstream has it.
 *
 * Inputs: a client that may do everything, the roles of the controllers. Output: the objects in the cluster.
 */

import { clusterRoleBindings } from '../../api/groups/rbac/cluster-role-binding/cluster-role-binding.ts';
import { clusterRoles } from '../../api/groups/rbac/cluster-role/cluster-role.ts';
import { roleBindings } from '../../api/groups/rbac/role-binding/role-binding.ts';
import { roles } from '../../api/groups/rbac/role/role.ts';
import { RBAC_GROUP } from '../../api/groups/rbac/rules.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import type { Draft, KubernetesObject, ResourceType } from '../../api/meta/object.ts';
import type { LabelSelector, PolicyRule, RoleRef, Subject } from '../../api/types.gen.ts';
import type { Client } from '../../client/client.ts';
import { account, type BindingSpec, type RoleSpec } from './role-spec.ts';
import { uncoveredRules } from './rule-cover.ts';
import { SYSTEM_BINDINGS, SYSTEM_ROLES } from './system-roles.ts';
import { USER_ROLES } from './user-roles.ts';

const LABELS = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate';

export interface RolesAndBindings {
  readonly roles: readonly RoleSpec[];
  readonly bindings: readonly BindingSpec[];
}

export const DEFAULT_ROLES: RolesAndBindings = {
  roles: [...SYSTEM_ROLES, ...USER_ROLES],
  bindings: SYSTEM_BINDINGS,
};

/** What a controller says of itself; `reconcile/controller.ts` has the whole. */
export interface Permitted {
  readonly name: string;
  readonly permissions: readonly PolicyRule[];
}

/** `system:controller:<name>` for each, bound to the service account of that name in kube-system. */
export function controllerRoles(controllers: readonly Permitted[]): RolesAndBindings {
  return {
    roles: controllers.map(({ name, permissions }) => ({ name: roleName(name), rules: permissions })),
    bindings: controllers.map(({ name }) => ({
      name: roleName(name),
      role: roleName(name),
      subjects: [account('kube-system', name)],
    })),
  };
}

function roleName(controller: string): string {
  return `system:controller:${controller}`;
}

/** What stands in a namespace waits for `namespacesThere`. */
export async function ensureDefaults(
  client: Client,
  parts: readonly RolesAndBindings[],
  namespacesThere: Promise<void> = Promise.resolve(),
): Promise<void> {
  const ensureAll = <S extends { readonly namespace?: string }>(
    specs: readonly S[],
    ensure: (client: Client, spec: S) => Promise<void>,
  ): Promise<unknown> =>
    Promise.all(
      specs.map(async (spec) => {
        if (spec.namespace !== undefined) await namespacesThere;
        await ensure(client, spec);
      }),
    );
  // Roles first, so that no binding points nowhere.
  await ensureAll(
    parts.flatMap((part) => part.roles),
    ensureRole,
  );
  await ensureAll(
    parts.flatMap((part) => part.bindings),
    ensureBinding,
  );
}

interface AnyRole extends KubernetesObject {
  readonly rules?: readonly PolicyRule[];
  readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly LabelSelector[] };
}

async function ensureRole(client: Client, spec: RoleSpec): Promise<void> {
  const { name, namespace, rules, labels, aggregates } = spec;
  const type: ResourceType<AnyRole> = namespace === undefined ? clusterRoles : roles;
  const wanted: Draft<AnyRole> = {
    metadata: { ...metadataOf(spec), labels: { ...LABELS, ...labels } },
    rules,
    ...(aggregates === undefined ? {} : { aggregationRule: { clusterRoleSelectors: aggregates } }),
  };
  if (await created(client, type, wanted)) return;
  const current = await client.get(type, { namespace, name });
  if (isHandsOff(current)) return;
  const missing = uncoveredRules(current.rules ?? [], rules);
  const allLabels = { ...current.metadata.labels, ...LABELS, ...labels };
  if (missing.length === 0 && deepEqual(allLabels, current.metadata.labels)) return;
  const metadata = { ...current.metadata, labels: allLabels };
  await client.update(type, { ...current, metadata, rules: [...(current.rules ?? []), ...missing] });
}

interface AnyBinding extends KubernetesObject {
  readonly roleRef: RoleRef;
  readonly subjects?: readonly Subject[];
}

async function ensureBinding(client: Client, spec: BindingSpec): Promise<void> {
  const { name, namespace, role, subjects } = spec;
  const type: ResourceType<AnyBinding> = namespace === undefined ? clusterRoleBindings : roleBindings;
  const roleRef = {
    apiGroup: RBAC_GROUP,
    kind: namespace === undefined ? 'ClusterRole' : 'Role',
    name: role,
  };
  const wanted: Draft<AnyBinding> = { metadata: { ...metadataOf(spec), labels: LABELS }, roleRef, subjects };
  if (await created(client, type, wanted)) return;
  const current = await client.get(type, { namespace, name });
  if (isHandsOff(current)) return;
  if (!deepEqual(current.roleRef, roleRef)) {
    // The role of a binding never changes, so a binding to another one is replaced.
    await client.delete(type, { namespace, name });
    await client.create(type, wanted);
    return;
  }
  const present = current.subjects ?? [];
  const missing = subjects.filter((subject) => !present.some((other) => deepEqual(other, subject)));
  if (missing.length > 0) await client.update(type, { ...current, subjects: [...present, ...missing] });
}

function metadataOf({ name, namespace }: { readonly name: string; readonly namespace?: string }): object {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    annotations: { [AUTO_UPDATE]: 'true' },
  };
}

function isHandsOff({ metadata }: KubernetesObject): boolean {
  return metadata.annotations?.[AUTO_UPDATE] === 'false';
}

async function created<T extends KubernetesObject>(
  client: Client,
  type: ResourceType<T>,
  object: Draft<T>,
): Promise<boolean> {
  try {
    await client.create(type, object);
    return true;
  } catch (error) {
    if (isApiError(error, 'AlreadyExists')) return false;
    throw error;
  }
}
