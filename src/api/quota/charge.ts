/**
 * What an object that is to be written adds to the quotas of its namespace; pure. Upstream's `CheckRequest`, in its
 * words.
 */

import type { KubernetesObject } from '../meta/object.ts';
import type { ResourceQuota } from '../types.gen.ts';
import {
  add,
  amountsText,
  exceeding,
  fromList,
  increase,
  only,
  toList,
  withoutZeros,
  type Amounts,
} from './amounts.ts';
import type { Evaluator } from './evaluator.ts';
import { inScopes, scopesOf } from './scopes.ts';

export interface ChargeInput {
  readonly quotas: readonly ResourceQuota[];
  readonly evaluator: Evaluator;
  readonly object: KubernetesObject;
  /** Undefined for a creation. */
  readonly old: KubernetesObject | undefined;
  readonly nowMs: number;
}

export type ChargeOutcome =
  /** The quotas that change, with what is used then. */
  | { readonly ok: true; readonly charged: readonly ResourceQuota[] }
  | { readonly ok: false; readonly refusal: string };

export function charge({ quotas, evaluator, object, old, nowMs }: ChargeInput): ChargeOutcome {
  const charged: ResourceQuota[] = [];
  const usage = evaluator.usage(object, nowMs);
  const negative = [...usage].filter(([, { nanos }]) => nanos < 0n).map(([name]) => name);
  if (negative.length > 0) return refused(`quota usage is negative for resource(s): ${namesText(negative)}`);
  for (const quota of quotas) {
    const hard = fromList(quota.status.hard);
    const counted = [...hard.keys()].filter((name) => evaluator.counts(name));
    const scopes = scopesOf(quota);
    if (counted.length === 0 || !inScopes(scopes, evaluator, object)) continue;
    const name = quota.metadata.name ?? '';
    const lacking = evaluator.missing?.(counted, object);
    if (lacking !== undefined) return refused(`failed quota: ${name}: ${lacking}`);
    const used = fromList(quota.status.used);
    if (counted.some((resource) => !used.has(resource))) {
      return refused(`status unknown for quota: ${name}, resources: ${namesText(counted)}`);
    }
    const wasCounted = old !== undefined && inScopes(scopes, evaluator, old);
    const more = wasCounted ? increase(usage, evaluator.usage(old, nowMs)) : usage;
    const requested = only(withoutZeros(more), hard.keys());
    if (requested.size === 0) continue;
    const next = add(used, requested);
    const exceeded = exceeding(only(next, requested.keys()), hard);
    if (exceeded.length > 0) return refused(exceededText(name, exceeded, { requested, used, hard }));
    charged.push({ ...quota, status: { ...quota.status, used: toList(next) } });
  }
  return { ok: true, charged };
}

interface Numbers {
  readonly requested: Amounts;
  readonly used: Amounts;
  readonly hard: Amounts;
}

function exceededText(name: string, exceeded: readonly string[], { requested, used, hard }: Numbers): string {
  const [asked, taken, limit] = [requested, used, hard].map((amounts) =>
    amountsText(only(amounts, exceeded)),
  );
  return `exceeded quota: ${name}, requested: ${asked ?? ''}, used: ${taken ?? ''}, limited: ${limit ?? ''}`;
}

function refused(refusal: string): ChargeOutcome {
  return { ok: false, refusal };
}

function namesText(names: readonly string[]): string {
  return names.toSorted().join(',');
}
