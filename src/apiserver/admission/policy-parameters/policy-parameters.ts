/**
 * Whoever writes an admission policy sees, through its expressions, the parameters that it names, and so has
 * to be allowed to read them: all objects of the kind for a policy, those referred to for a binding.
 * Upstream judges this with the rest of the object (`pkg/registry/admissionregistration/.../authz.go`); here
 * it is an admission plugin, whose refusal reads the same.
 */

import { mutatingAdmissionPolicies } from '../../../api/groups/admissionregistration/mutating-admission-policy/mutating-admission-policy.ts';
import { validatingAdmissionPolicies } from '../../../api/groups/admissionregistration/validating-admission-policy/validating-admission-policy.ts';
import { forbidden } from '../../../api/field/field-error.ts';
import { invalidError } from '../../../api/meta/api-error.ts';
import { deepEqual } from '../../../api/meta/equal.ts';
import { parseApiVersion, type KubernetesObject } from '../../../api/meta/object.ts';
import type { ResourceDefinition } from '../../../api/meta/resource-definition.ts';
import type { ParamKind, ParamRef } from '../../../api/types.gen.ts';
import type { UserInfo } from '../../../client/operation.ts';
import type { Store } from '../../../store/store.ts';
import type { AccessAttributes, Authorizer } from '../../authorization/authorizer.ts';
import { SUPERUSER_GROUP } from '../../authorization/rbac.ts';
import { lookUp } from '../../registry/look-up.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';

export interface PolicyParametersParts {
  readonly store: Store<KubernetesObject>;
  readonly authorizer: Authorizer;
  /** Of the kinds that are served. */
  readonly definitions: () => readonly ResourceDefinition[];
}

type Policy = KubernetesObject & { readonly spec: { readonly paramKind?: ParamKind } };
type Binding = KubernetesObject & {
  readonly spec: { readonly policyName: string; readonly paramRef?: ParamRef };
};

const KINDS = [
  'validatingadmissionpolicies',
  'mutatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicybindings',
].map((plural) => `admissionregistration.k8s.io/${plural}`);

export function policyParameters(parts: PolicyParametersParts): AdmissionPlugin {
  return { name: 'PolicyParameters', kinds: KINDS, validate: (request) => check(parts, request) };
}

async function check(parts: PolicyParametersParts, request: AdmissionRequest): Promise<void> {
  const { resource, target, object, context } = request;
  if (object === undefined || target.subresource !== '') return undefined;
  if (context.user.groups.includes(SUPERUSER_GROUP)) return undefined;
  return resource.definition.plural.endsWith('bindings')
    ? checkBinding(parts, request, object as Binding, request.oldObject as Binding | undefined)
    : checkPolicy(parts, request, object as Policy, request.oldObject as Policy | undefined);
}

async function checkPolicy(
  parts: PolicyParametersParts,
  request: AdmissionRequest,
  { spec: { paramKind } }: Policy,
  old: Policy | undefined,
): Promise<void> {
  if (paramKind === undefined || deepEqual(paramKind, old?.spec.paramKind)) return;
  const { user } = request.context;
  const attributes = attributesFor(parts, user, paramKind);
  if (await isAllowed(parts, { ...attributes, verb: 'get', namespace: '*', name: '*' })) return;
  const kind = `(kind=${paramKind.kind ?? ''}, apiVersion=${paramKind.apiVersion ?? ''})`;
  const what = `"get" permission on all objects of the referenced paramKind ${kind}`;
  refuse(request, 'spec.paramKind', `user ${goText(user)} must have ${what}`);
}

async function checkBinding(
  parts: PolicyParametersParts,
  request: AdmissionRequest,
  { spec }: Binding,
  old: Binding | undefined,
): Promise<void> {
  const { paramRef, policyName } = spec;
  if (paramRef === undefined) return;
  if (deepEqual(paramRef, old?.spec.paramRef) && policyName === old?.spec.policyName) return;
  const { user } = request.context;
  const isMutating = request.resource.definition.plural.startsWith('mutating');
  const policies = isMutating ? mutatingAdmissionPolicies : validatingAdmissionPolicies;
  const policy = lookUp<Policy>(parts.store, policies, '', policyName);
  const { name = '', namespace = '' } = paramRef;
  const verb = name === '' ? 'list' : 'get';
  const attributes = attributesFor(parts, user, policy?.spec.paramKind);
  if (await isAllowed(parts, { ...attributes, verb, namespace, name })) return;
  // Upstream has the verb where the user belongs, and the user where the verb does.
  const why = `user ${verb} does not have "${goText(user)}" permission on the object referenced by paramRef`;
  refuse(request, 'spec.paramRef', why);
}

type Access = Extract<AccessAttributes, { type: 'resource' }>;

/** What is not known is asked for as everything. */
function attributesFor(
  { definitions }: PolicyParametersParts,
  user: UserInfo,
  paramKind: ParamKind | undefined,
): Omit<Access, 'verb' | 'namespace' | 'name'> {
  const parsed = paramKind === undefined ? undefined : parseApiVersion(paramKind.apiVersion ?? '');
  const { group, version } = parsed ?? { group: '*', version: '*' };
  const found = definitions().find(
    (one) => one.group === group && one.version === version && one.kind === paramKind?.kind,
  );
  return { type: 'resource', user, group, version, resource: found?.plural ?? '*', subresource: '' };
}

async function isAllowed({ authorizer }: PolicyParametersParts, access: Access): Promise<boolean> {
  return (await authorizer.authorize(access)).allowed;
}

function refuse({ resource, object }: AdmissionRequest, path: string, why: string): never {
  throw invalidError(resource.kindSubject, object?.metadata.name ?? '', [forbidden(path, why)]);
}

/** As Go prints the user with `%v`. */
function goText({ name, uid = '', groups, extra = {} }: UserInfo): string {
  const entries = Object.entries(extra).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const map = entries.map(([key, values]) => `${key}:[${values.join(' ')}]`).join(' ');
  return `&{${name} ${uid} [${groups.join(' ')}] map[${map}]}`;
}
