/** The quality of service class of a pod: how safe it is when a node runs short of memory. */

import { compareQuantities, quantityOf, ZERO_QUANTITY, addQuantities } from '../../../quantity/quantity.ts';
import type { PodSpec, PodStatus, ResourceRequirements } from '../../../types.gen.ts';

const RESOURCES: readonly string[] = ['cpu', 'memory'];

/**
 * Guaranteed: every container has limits for both, equal to its requests. BestEffort: nobody asks for
 * anything. Everything between is Burstable. Requests for the pod as a whole take the place of those of its
 * containers.
 */
export function qosClass(spec: PodSpec): NonNullable<PodStatus['qosClass']> {
  const all = podLevel(spec) ?? [...spec.containers, ...(spec.initContainers ?? [])].map((c) => c.resources);
  const requests = all.map((r) => positive(r.requests));
  const limits = all.map((r) => positive(r.limits));
  if ([...requests, ...limits].every((list) => list.size === 0)) return 'BestEffort';
  if (limits.some((list) => list.size < RESOURCES.length)) return 'Burstable';
  const same = RESOURCES.every((name) => {
    const asked = requests.filter((list) => list.has(name));
    return asked.length === 0 || compareQuantities(total(requests, name), total(limits, name)) === 0;
  });
  return same && sameNames(requests, limits) ? 'Guaranteed' : 'Burstable';
}

function podLevel({ resources }: PodSpec): readonly ResourceRequirements[] | undefined {
  if (resources === undefined) return undefined;
  const named = [...Object.keys(resources.requests ?? {}), ...Object.keys(resources.limits ?? {})];
  return named.length === 0 ? undefined : [resources];
}

type Amounts = ReadonlyMap<string, string>;

function positive(list: ResourceRequirements['limits']): Amounts {
  const entries = Object.entries(list ?? {});
  const counted = entries.filter(([name, text]) => RESOURCES.includes(name) && quantityOf(text).nanos > 0n);
  return new Map(counted);
}

function total(lists: readonly Amounts[], name: string): ReturnType<typeof quantityOf> {
  return lists.reduce((sum, list) => addQuantities(sum, quantityOf(list.get(name) ?? '0')), ZERO_QUANTITY);
}

function sameNames(requests: readonly Amounts[], limits: readonly Amounts[]): boolean {
  const names = (lists: readonly Amounts[]): number =>
    new Set(lists.flatMap((list) => [...list.keys()])).size;
  return names(requests) === names(limits);
}
