/** Whether one set of RBAC rules grants everything that another one does. Pure. */

import type { PolicyRule } from '../../api/types.gen.ts';

/**
 * The single permissions of `wanted` that no rule of `held` grants, each as a rule of one verb and
 * resource.
 */
export function uncoveredRules(
  held: readonly PolicyRule[],
  wanted: readonly PolicyRule[],
): readonly PolicyRule[] {
  return wanted.flatMap(breakDown).filter((single) => !held.some((rule) => covers(rule, single)));
}

/** One rule for each combination of verb, group, resource, name or path. */
function breakDown(rule: PolicyRule): readonly PolicyRule[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const singles: PolicyRule[] = [];
  for (const verb of verbs) {
    for (const url of nonResourceURLs) singles.push({ verbs: [verb], nonResourceURLs: [url] });
    for (const group of apiGroups) {
      for (const resource of resources) {
        const single = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if (resourceNames.length === 0) singles.push(single);
        for (const name of resourceNames) singles.push({ ...single, resourceNames: [name] });
      }
    }
  }
  return singles;
}

function covers(held: PolicyRule, single: PolicyRule): boolean {
  const has = (list: readonly string[] | undefined, item: string | undefined): boolean =>
    list !== undefined && item !== undefined && (list.includes('*') || list.includes(item));
  if (!has(held.verbs, single.verbs[0])) return false;
  const [url] = single.nonResourceURLs ?? [];
  if (url !== undefined) return (held.nonResourceURLs ?? []).some((pattern) => pathCovers(pattern, url));
  const [resource = ''] = single.resources ?? [];
  const [, subresource] = resource.split('/');
  const resources = held.resources ?? [];
  const named =
    has(resources, resource) || (subresource !== undefined && resources.includes(`*/${subresource}`));
  if (!has(held.apiGroups, single.apiGroups?.[0]) || !named) return false;
  const names = held.resourceNames ?? [];
  const [name] = single.resourceNames ?? [];
  return names.length === 0 || (name !== undefined && names.includes(name));
}

function pathCovers(pattern: string, url: string): boolean {
  if (pattern === url || pattern === '*') return true;
  return pattern.endsWith('*') && url.replace(/\*$/, '').startsWith(pattern.slice(0, -1));
}

/** As upstream prints rules in the refusal: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`. */
export function ruleText(rule: PolicyRule): string {
  const list = (items: readonly string[]): string =>
    `[${items.map((item) => JSON.stringify(item)).join(' ')}]`;
  const parts: string[] = [];
  if (rule.nonResourceURLs !== undefined) parts.push(`NonResourceURLs:${list(rule.nonResourceURLs)}`);
  if (rule.apiGroups !== undefined) parts.push(`APIGroups:${list(rule.apiGroups)}`);
  if (rule.resources !== undefined) parts.push(`Resources:${list(rule.resources)}`);
  if (rule.resourceNames !== undefined) parts.push(`ResourceNames:${list(rule.resourceNames)}`);
  parts.push(`Verbs:${list(rule.verbs)}`);
  return `{${parts.join(', ')}}`;
}
