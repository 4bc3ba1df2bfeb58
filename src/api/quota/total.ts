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
  const counted = [...hard.keys()].filter((name) => kinds.some(({ evaluator }) => evaluator.counts(name)));
  const zeros = counts(Object.fromEntries(counted.map((name) => [name, 0])));
  let total: Amounts = NO_AMOUNTS;
  for (const { evaluator, objects } of kinds)
    for (const object of objects)
      if (inScopes(scopes, evaluator, object))
        // Several kinds can take of one resource: pods and claims of the devices of a class.
        total = add(total, only(evaluator.usage(object, nowMs), counted));
  const used = new Map([...only(before, hard.keys()), ...zeros, ...total]);
  const isSame = sameAmounts(hard, fromList(quota.status.hard)) && sameAmounts(used, before);
  // An empty status says nothing; it is never the one that is wanted.
  if (isSame && quota.status.hard !== undefined) return undefined;
  return { hard: toList(hard), used: toList(used) };
}
