/**
 * What an object of a kind counts in a quota; pure. One evaluator for each kind that counts as more than an
 * object, and one for all others. Upstream's `pkg/quota/v1/evaluator`.
 */

import type { KubernetesObject } from '../meta/object.ts';
import type { ScopedResourceSelectorRequirement } from '../types.gen.ts';
import { counts, type Amounts } from './amounts.ts';
import { claimEvaluator } from './claim-evaluator.ts';
import { podEvaluator } from './pod-evaluator.ts';
import { resourceClaimEvaluator } from './resource-claim-evaluator.ts';
import { serviceEvaluator } from './service-evaluator.ts';
import type { Surroundings } from './surroundings.ts';

export interface Evaluator<T extends KubernetesObject = KubernetesObject> {
  /** Whether a quota's resource of this name is about such objects. */
  counts(name: string): boolean;
  usage(object: T, nowMs: number): Amounts;
  /** Whether an update can take more; absent: creations only. */
  chargesUpdate?(next: T, old: T): boolean;
  /** The subresource by which more can be taken, besides the object itself. */
  readonly subresource?: string;
  /** Absent: quotas with scopes are not about such objects. */
  matchesScope?(scope: ScopedResourceSelectorRequirement, object: T): boolean;
  /** What has to be said by an object that a quota with these resources counts: why it is refused. */
  missing?(names: readonly string[], object: T): string | undefined;
}

export interface Counted {
  readonly group: string;
  readonly plural: string;
}

/** `count/pods`, `count/deployments.apps` */
export function objectCountName({ group, plural }: Counted): string {
  return group === '' ? `count/${plural}` : `count/${plural}.${group}`;
}

/** Core kinds that were counted before all kinds were. */
const PLAIN_NAMES: ReadonlySet<string> = new Set([
  'configmaps',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
]);

const OWN: { readonly [name: string]: (around: Surroundings) => Evaluator } = {
  pods: () => erased(podEvaluator),
  persistentvolumeclaims: () => erased(claimEvaluator),
  services: () => erased(serviceEvaluator),
  'resourceclaims.resource.k8s.io': (around) => erased(resourceClaimEvaluator(around)),
};

export function evaluatorOf(kind: Counted, around: Surroundings): Evaluator {
  const own = OWN[kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`]?.(around);
  if (own !== undefined) return own;
  const names = [objectCountName(kind)];
  if (kind.group === '' && PLAIN_NAMES.has(kind.plural)) names.push(kind.plural);
  const usage = counts(Object.fromEntries(names.map((name) => [name, 1])));
  return { counts: (name) => names.includes(name), usage: () => usage };
}

function erased<T extends KubernetesObject>(evaluator: Evaluator<T>): Evaluator {
  return evaluator as unknown as Evaluator;
}
