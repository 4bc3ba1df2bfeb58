/**
 * Which requests a webhook or a policy is about: rules, scope, labels of the object and of its namespace.
 *
 * Inputs: what the configuration says, the request, what the server knows (`World`). Output: the resource as
 * which the request matched, its own or an equivalent one; to that one its objects are converted.
 * As upstream's `admission/plugin/webhook/{generic,predicates}` and `admission/plugin/policy/matching`.
 */

import { fromLabelSelector, matches, type LabelMap, type Selector } from '../../../api/labels/selector.ts';
import { notFoundError } from '../../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import type { Resource } from '../../../api/resource.ts';
import type { LabelSelector, NamedRuleWithOperations } from '../../../api/types.gen.ts';
import type { AdmissionRequest } from '../admission.ts';
import { admissionName, admissionNamespace, isNamespaces, labelsOf, spokenResource } from './attributes.ts';

/** As the API has them; no `resourceNames`: any. */
export type Rule = NamedRuleWithOperations;

/** For who matches everything as long as no rule is given. */
export const EVERYTHING: Rule = {
  operations: ['*'],
  apiGroups: ['*'],
  apiVersions: ['*'],
  resources: ['*/*'],
};

export interface Criteria {
  /** One has to match; none matches nothing. */
  readonly rules: readonly Rule[];
  readonly excludeRules?: readonly Rule[] | undefined;
  readonly matchPolicy: 'Exact' | 'Equivalent';
  /** Absent: any. */
  readonly namespaceSelector?: LabelSelector | undefined;
  readonly objectSelector?: LabelSelector | undefined;
}

export interface World {
  namespaceOf(name: string): KubernetesObject | undefined;
  /** All resources through which the same objects are served, the given one among them. */
  equivalentsOf(resource: Resource): readonly Resource[];
}

/**
 * Undefined: it does not match. Throws `NotFound` when the labels of a namespace decide that is not there,
 * and everything else matches.
 */
export function matchOf(
  criteria: Criteria,
  request: AdmissionRequest,
  world: World,
): { readonly resource: Resource } | undefined {
  const { rules, excludeRules = [], objectSelector } = criteria;
  const inNamespace = matchesNamespace(criteria.namespaceSelector, request, world);
  if (inNamespace === false || !matchesObject(objectSelector, request)) return undefined;
  if (matchRules(excludeRules, criteria, request, world) !== undefined) return undefined;
  const resource = matchRules(rules, criteria, request, world);
  if (resource === undefined) return undefined;
  if (inNamespace === 'unknown') {
    throw notFoundError({ group: '', resource: 'namespaces' }, admissionNamespace(request));
  }
  return { resource };
}

/** The kinds that configure admission cannot be kept from being changed, or nothing could be mended. */
export function isExempt({ resource: { definition } }: AdmissionRequest): boolean {
  return definition.group === 'admissionregistration.k8s.io' && CONFIGURING.has(definition.kind);
}

const CONFIGURING: ReadonlySet<string> = new Set([
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
]);

function matchRules(
  rules: readonly Rule[],
  { matchPolicy }: Criteria,
  request: AdmissionRequest,
  world: World,
): Resource | undefined {
  if (rules.length === 0) return undefined;
  const own = spokenResource(request);
  if (rules.some((rule) => holds(rule, request, own))) return own;
  if (matchPolicy === 'Exact') return undefined;
  const others = world.equivalentsOf(own).filter(({ apiVersion }) => apiVersion !== own.apiVersion);
  // The rule that comes first says as what the request is seen.
  for (const rule of rules) {
    const found = others.find((other) => holds(rule, request, other));
    if (found !== undefined) return found;
  }
  return undefined;
}

function holds(rule: Rule, request: AdmissionRequest, { definition }: Resource): boolean {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], resourceNames = [] } = rule;
  if (!operations.includes('*') && !operations.includes(request.operation)) return false;
  if (!apiGroups.includes('*') && !apiGroups.includes(definition.group)) return false;
  if (!apiVersions.includes('*') && !apiVersions.includes(definition.version)) return false;
  if (!resources.some((text) => namesResource(text, definition.plural, request.target.subresource))) {
    return false;
  }
  if (!isInScope(rule.scope ?? '*', request)) return false;
  return resourceNames.length === 0 || resourceNames.includes(admissionName(request));
}

function namesResource(text: string, plural: string, subresource: string): boolean {
  const slash = text.indexOf('/');
  const [resource, sub] = slash < 0 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1)];
  return (resource === '*' || resource === plural) && (sub === '*' || sub === subresource);
}

function isInScope(scope: string, request: AdmissionRequest): boolean {
  if (scope === '*') return true;
  // A Namespace is itself in none.
  const isNamespaced = !isNamespaces(request.resource) && admissionNamespace(request) !== '';
  if (scope === 'Namespaced') return isNamespaced;
  return scope === 'Cluster' && !isNamespaced;
}

/** Whatever is in no namespace is in every one. */
function matchesNamespace(
  selector: LabelSelector | undefined,
  request: AdmissionRequest,
  world: World,
): boolean | 'unknown' {
  const compiled = compiledOf(selector);
  if (compiled.length === 0) return true;
  const name = admissionNamespace(request);
  const isOfNamespaces = isNamespaces(request.resource);
  if (name === '' && !isOfNamespaces) return true;
  if (isOfNamespaces && request.target.subresource === '' && request.object !== undefined) {
    return matches(compiled, request.object.metadata.labels);
  }
  const namespace = world.namespaceOf(name);
  return namespace === undefined ? 'unknown' : matches(compiled, namespace.metadata.labels);
}

function matchesObject(selector: LabelSelector | undefined, request: AdmissionRequest): boolean {
  const compiled = compiledOf(selector);
  if (compiled.length === 0) return true;
  return labelsOf(request).some((labels: LabelMap | undefined) => matches(compiled, labels));
}

const compiledSelectors = new WeakMap<LabelSelector, Selector>();

/** Selectors were validated when they were written. */
function compiledOf(selector: LabelSelector | undefined): Selector {
  if (selector === undefined) return [];
  const known = compiledSelectors.get(selector);
  if (known !== undefined) return known;
  const compiled = fromLabelSelector(selector) ?? [];
  compiledSelectors.set(selector, compiled);
  return compiled;
}
