/** ResourceClaims in quotas: their number, and for each device class how many devices they may come to take. */

import type { ResourceV1ResourceClaim as ResourceClaim } from '../types.gen.ts';
import { counts, type Amounts } from './amounts.ts';
import type { Evaluator } from './evaluator.ts';

const COUNT = 'count/resourceclaims.resource.k8s.io';
const OF_CLASS = '.deviceclass.resource.k8s.io/devices';
/** The most devices that a claim can be given: upstream's `AllocationResultsMaxSize`. */
const ALL_MAX = 32;

export const resourceClaimEvaluator: Evaluator<ResourceClaim> = {
  counts: (name) => name === COUNT || name.endsWith(OF_CLASS),
  usage,
  chargesUpdates: true,
};

interface Wish {
  readonly deviceClassName: string;
  readonly allocationMode?: string;
  readonly count?: number;
}

function usage({ spec }: ResourceClaim): Amounts {
  const used: { [name: string]: number } = { [COUNT]: 1 };
  for (const { exactly, firstAvailable = [] } of spec.devices?.requests ?? []) {
    const wishes: readonly Wish[] = exactly === undefined ? firstAvailable : [exactly];
    // Only one of several alternatives is taken: the largest of a class.
    const most = new Map<string, number>();
    for (const { deviceClassName, allocationMode, count = 1 } of wishes) {
      const devices = allocationMode === 'All' ? ALL_MAX : count;
      most.set(deviceClassName, Math.max(most.get(deviceClassName) ?? 0, devices));
    }
    for (const [name, devices] of most) used[name + OF_CLASS] = (used[name + OF_CLASS] ?? 0) + devices;
  }
  return counts(used);
}
