/**
 * Which flow schema a request belongs to, and which flow of it. Pure; schemas are compiled once, when they
 * change, so that a request costs a few comparisons.
 *
 * Rules: https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#flowschema
 */

import { MANDATORY_FLOW_SCHEMAS, EXEMPT } from '../../api/groups/flowcontrol/mandatory-objects.ts';
import type {
  FlowcontrolV1Subject,
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
} from '../../api/types.gen.ts';
import { present } from '../../base/assert.ts';
import type { Target, UserInfo } from '../../client/operation.ts';

/** What is looked at: a resource request, or a plain path. */
export type FlowRequest =
  | { readonly type: 'resource'; readonly verb: string; readonly target: Target }
  | { readonly type: 'path'; readonly verb: string; readonly path: string };

/** The parts of a FlowSchema that matter here; without a UID where the server makes up for a missing one. */
export interface FlowSchemaInput {
  readonly name: string;
  readonly uid: string;
  readonly spec: FlowSchemaSpec;
}

export interface CompiledSchema {
  readonly name: string;
  readonly uid: string;
  readonly level: string;
  readonly distinguisher: 'ByUser' | 'ByNamespace' | undefined;
  readonly rules: readonly CompiledRule[];
}

type UserTest = (user: UserInfo) => boolean;
type RequestTest = (request: FlowRequest) => boolean;

interface CompiledRule {
  readonly matchesUser: UserTest;
  readonly matchesRequest: RequestTest;
}

const ACCOUNT_PREFIX = 'system:serviceaccount:';

/**
 * In the order in which they are asked: by precedence, then name. Schemas that lead to a level that is not
 * there are left out; the exempt schema comes first and the catch-all last where they are missing.
 */
export function compileSchemas(
  schemas: readonly FlowSchemaInput[],
  hasLevel: (name: string) => boolean,
): readonly CompiledSchema[] {
  const usable = schemas.filter(({ spec }) => hasLevel(spec.priorityLevelConfiguration.name));
  const sorted = usable.toSorted(
    (a, b) =>
      (a.spec.matchingPrecedence ?? 0) - (b.spec.matchingPrecedence ?? 0) || (a.name < b.name ? -1 : 1),
  );
  const names = new Set(sorted.map(({ name }) => name));
  const missing = MANDATORY_FLOW_SCHEMAS.filter(({ name }) => !names.has(name));
  const mandatory = (isExempt: boolean): readonly FlowSchemaInput[] =>
    missing.filter(({ name }) => (name === EXEMPT) === isExempt).map((schema) => ({ ...schema, uid: '' }));
  return [...mandatory(true), ...sorted, ...mandatory(false)].map(compileSchema);
}

function compileSchema({ name, uid, spec }: FlowSchemaInput): CompiledSchema {
  const method = spec.distinguisherMethod?.type;
  return {
    name,
    uid,
    level: spec.priorityLevelConfiguration.name,
    distinguisher: method === 'ByUser' || method === 'ByNamespace' ? method : undefined,
    rules: (spec.rules ?? []).map(compileRule),
  };
}

/** The first that matches; the last (the catch-all stands there) when none does. */
export function classify(
  schemas: readonly CompiledSchema[],
  request: FlowRequest,
  user: UserInfo,
): CompiledSchema {
  for (const schema of schemas) {
    for (const rule of schema.rules) {
      if (rule.matchesUser(user) && rule.matchesRequest(request)) return schema;
    }
  }
  return present(schemas.findLast(({ name }) => name === 'catch-all') ?? schemas.at(-1), 'catch-all schema');
}

/** What tells the flows of a schema apart. */
export function distinguish(schema: CompiledSchema, request: FlowRequest, user: UserInfo): string {
  switch (schema.distinguisher) {
    case undefined:
      return '';
    case 'ByUser':
      return user.name;
    case 'ByNamespace':
      return request.type === 'resource' ? request.target.namespace : '';
  }
}

function compileRule(rule: PolicyRulesWithSubjects): CompiledRule {
  const resourceTests = (rule.resourceRules ?? []).map(resourceTest);
  const pathTests = (rule.nonResourceRules ?? []).map(pathTest);
  return {
    matchesUser: userTest(rule.subjects),
    matchesRequest: (request) =>
      (request.type === 'resource' ? resourceTests : pathTests).some((matches) => matches(request)),
  };
}

function userTest(subjects: readonly FlowcontrolV1Subject[]): UserTest {
  const groups = new Set<string>();
  const names = new Set<string>();
  const prefixes: string[] = [];
  let isAnybody = false;
  for (const { kind, user, group, serviceAccount } of subjects) {
    if (kind === 'User' && user !== undefined) {
      if (user.name === '*') isAnybody = true;
      else names.add(user.name);
    } else if (kind === 'Group' && group !== undefined) {
      if (group.name === '*') isAnybody = true;
      else groups.add(group.name);
    } else if (kind === 'ServiceAccount' && serviceAccount !== undefined) {
      const prefix = `${ACCOUNT_PREFIX}${serviceAccount.namespace}:`;
      if (serviceAccount.name === '*') prefixes.push(prefix);
      else names.add(prefix + serviceAccount.name);
    }
  }
  if (isAnybody) return () => true;
  return (user) => {
    if (names.has(user.name)) return true;
    if (groups.size > 0) for (const group of user.groups) if (groups.has(group)) return true;
    return prefixes.some((prefix) => user.name.startsWith(prefix));
  };
}

/** `*` stands alone, as validation makes sure. */
function anyOf(values: readonly string[]): (value: string) => boolean {
  if (values.includes('*')) return () => true;
  const set = new Set(values);
  return (value) => set.has(value);
}

function resourceTest(rule: ResourcePolicyRule): RequestTest {
  const verbs = anyOf(rule.verbs);
  const groups = anyOf(rule.apiGroups);
  const resources = anyOf(rule.resources);
  const namespaces = anyOf(rule.namespaces ?? []);
  const clusterScope = rule.clusterScope ?? false;
  return (request) => {
    if (request.type !== 'resource' || !verbs(request.verb)) return false;
    const { group, resource, subresource, namespace } = request.target;
    return (
      groups(group) &&
      resources(subresource === '' ? resource : `${resource}/${subresource}`) &&
      (namespace === '' ? clusterScope : namespaces(namespace))
    );
  };
}

/** A URL stands for itself and, as upstream has it, for everything below it. */
function pathTest(rule: NonResourcePolicyRule): RequestTest {
  const verbs = anyOf(rule.verbs);
  const everything = rule.nonResourceURLs.includes('*');
  const exact = new Set(rule.nonResourceURLs);
  const prefixes = rule.nonResourceURLs.map((url) => {
    const stem = url.endsWith('*') ? url.slice(0, -1) : url;
    return stem.endsWith('/') ? stem : `${stem}/`;
  });
  return (request) =>
    request.type === 'path' &&
    verbs(request.verb) &&
    (everything || exact.has(request.path) || prefixes.some((prefix) => request.path.startsWith(prefix)));
}
