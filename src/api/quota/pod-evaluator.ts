/** Pods in quotas: what they ask for while they can run, and their number. */

import {
  DEVICE_CLASS_RESOURCE_PREFIX,
  isNativeResource,
  mayComeFromDevices,
} from '../groups/core/resource-names.ts';
import { podAmounts, type Amounts } from '../groups/core/pod/pod-resources.ts';
import { qosClass } from '../groups/core/pod/quality-of-service.ts';
import { quantityFromValue, type Quantity } from '../quantity/quantity.ts';
import { timeMs } from '../time/time.ts';
import type { Container, Pod, PodAffinityTerm } from '../types.gen.ts';
import { counts } from './amounts.ts';
import type { Evaluator } from './evaluator.ts';
import { matchesValues, type Scope } from './scopes.ts';

const COUNT = 'count/pods';
const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'] as const;
const NAMES: ReadonlySet<string> = new Set([
  COUNT,
  'pods',
  ...COMPUTE.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
]);

/** Each container has to ask for these where a quota counts them: a mistake that upstream keeps. */
const DEMANDED: ReadonlySet<string> = new Set(
  ['cpu', 'memory'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
);

export const podEvaluator: Evaluator<Pod> = {
  counts: (name) =>
    NAMES.has(name) ||
    /^(requests\.)?hugepages-/.test(name) ||
    name.startsWith(`requests.${DEVICE_CLASS_RESOURCE_PREFIX}`) ||
    (name.startsWith('requests.') && !isNativeResource(name)),
  usage,
  // Then other quotas are about it.
  chargesUpdate: (next, old) => isTerminating(next) !== isTerminating(old),
  subresource: 'resize',
  matchesScope,
  missing,
};

function usage(pod: Pod, nowMs: number): Amounts {
  const count = counts({ [COUNT]: 1 });
  if (!isCharged(pod, nowMs)) return count;
  const asked = computeUsage(podAmounts(pod, 'requests'), podAmounts(pod, 'limits'));
  return new Map([...count, ...asked]);
}

/** One that has ended, or whose node never said that it did, takes nothing any more. */
function isCharged({ metadata, status }: Pod, nowMs: number): boolean {
  if (status.phase === 'Failed' || status.phase === 'Succeeded') return false;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true;
  return nowMs <= timeMs(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

function computeUsage(requests: Amounts, limits: Amounts): Amounts {
  const used = new Map<string, Quantity>([['pods', quantityFromValue(1)]]);
  for (const name of COMPUTE) {
    const [request, limit] = [requests.get(name), limits.get(name)];
    if (request !== undefined) used.set(name, request).set(`requests.${name}`, request);
    if (limit !== undefined) used.set(`limits.${name}`, limit);
  }
  for (const [name, request] of requests) {
    const isHuge = name.startsWith('hugepages-');
    if (isHuge) used.set(name, request);
    if (isHuge || mayComeFromDevices(name)) used.set(`requests.${name}`, request);
  }
  return used;
}

function matchesScope(scope: Scope, pod: Pod): boolean {
  const { priorityClassName = '' } = pod.spec;
  switch (scope.scopeName) {
    case 'Terminating':
      return isTerminating(pod);
    case 'NotTerminating':
      return !isTerminating(pod);
    case 'BestEffort':
      return isBestEffort(pod);
    case 'NotBestEffort':
      return !isBestEffort(pod);
    case 'PriorityClass':
      return matchesValues(scope, priorityClassName === '' ? [] : [priorityClassName]);
    case 'CrossNamespacePodAffinity':
      return looksElsewhere(pod);
    case 'VolumeAttributesClass':
      return false;
  }
}

/** It ends by itself some time. */
export function isTerminating({ spec }: Pod): boolean {
  return spec.activeDeadlineSeconds !== undefined;
}

function isBestEffort({ spec, status }: Pod): boolean {
  return (status.qosClass ?? qosClass(spec)) === 'BestEffort';
}

function looksElsewhere({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const terms = [podAffinity, podAntiAffinity].flatMap((affinity): readonly PodAffinityTerm[] => [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((one) => one.podAffinityTerm),
  ]);
  return terms.some((term) => (term.namespaces ?? []).length > 0 || term.namespaceSelector !== undefined);
}

function missing(names: readonly string[], { spec }: Pod): string | undefined {
  const { requests = {}, limits = {} } = spec.resources ?? {};
  // Who says it for the pod as a whole need not say it for each container.
  if (Object.keys(requests).length + Object.keys(limits).length > 0) return undefined;
  const demanded = names.filter((name) => DEMANDED.has(name)).toSorted();
  const lacking = demanded.flatMap((name) => {
    const without = [...spec.containers, ...(spec.initContainers ?? [])].filter((one) => !says(one, name));
    if (without.length === 0) return [];
    const containers = [...new Set(without.map((one) => one.name))].toSorted();
    return [`${name} for: ${containers.join(',')}`];
  });
  return lacking.length === 0 ? undefined : `must specify ${lacking.join('; ')}`;
}

function says({ resources }: Container, name: string): boolean {
  const [, side, resource = name] = /^(?:(requests|limits)\.)?(.*)$/.exec(name) ?? [];
  const list = side === 'limits' ? resources.limits : resources.requests;
  return list?.[resource] !== undefined;
}
