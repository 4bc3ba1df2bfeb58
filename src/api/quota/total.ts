/** What a namespace uses of a quota, counted anew; pure. */

import type { KubernetesObject } from '../meta/object.ts';
import type { ResourceQuota, ResourceQuotaStatus } from '../types.gen.ts';
import { add, counts, fromList, NO_AMOUNTS, only, sameAmounts, toList, type Amounts } from './amounts.ts';
import type { Evaluator } from './evaluator.ts';
import { inScopes, scopesOf } from './scopes.ts';

export interface CountedObjects {
  readonly evaluator: Evaluator;
  readonly objects: readonly KubernetesObject[];
}

/** The status as it has to be; undefined when it is so already. `kinds` are those that the quota counts. */
export function totalStatus(
  quota: ResourceQuota,
  kinds: readonly CountedObjects[],
  nowMs: number,
): ResourceQuotaStatus | undefined {
  const hard = fromList(quota.spec.hard);
  const before = fromList(quota.status.used);
  const scopes = scopesOf(quota);
  let used: Amounts = only(before, hard.keys());
  for (const { evaluator, objects } of kinds) {
    const names = [...hard.keys()].filter((name) => evaluator.counts(name));
    const zeros = counts(Object.fromEntries(names.map((name) => [name, 0])));
    const inScope = objects.filter((object) => inScopes(scopes, evaluator, object));
    const total = inScope.reduce(
      (sum, object) => add(sum, only(evaluator.usage(object, nowMs), names)),
      NO_AMOUNTS,
    );
    used = new Map([...used, ...zeros, ...total]);
  }
  const isSame = sameAmounts(hard, fromList(quota.status.hard)) && sameAmounts(used, before);
  // An empty status says nothing; it is never the one that is wanted.
  if (isSame && quota.status.hard !== undefined) return undefined;
  return { hard: toList(hard), used: toList(used) };
}
