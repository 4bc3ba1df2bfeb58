/** Which objects the scopes of a quota are about; pure. */

import type { KubernetesObject } from '../meta/object.ts';
import type { ResourceQuota, ScopedResourceSelectorRequirement } from '../types.gen.ts';
import type { Evaluator } from './evaluator.ts';

export type Scope = ScopedResourceSelectorRequirement;

export function scopesOf({ spec }: ResourceQuota): readonly Scope[] {
  const plain = (spec.scopes ?? []).map((scopeName): Scope => ({ scopeName, operator: 'Exists' }));
  return [...plain, ...(spec.scopeSelector?.matchExpressions ?? [])];
}

/** All scopes have to match. */
export function inScopes(scopes: readonly Scope[], evaluator: Evaluator, object: KubernetesObject): boolean {
  return scopes.every((scope) => evaluator.matchesScope?.(scope, object) ?? false);
}

/** As labels are selected: what is not there is in no list. */
export function matchesValues({ operator, values = [] }: Scope, actual: readonly string[]): boolean {
  switch (operator) {
    case 'In':
      return actual.some((one) => values.includes(one));
    case 'NotIn':
      return actual.length === 0 || actual.some((one) => !values.includes(one));
    case 'Exists':
      return actual.length > 0;
    default:
      return actual.length === 0;
  }
}
