/**
 * NodeResourcesBalancedAllocation: prefers nodes where resources (cpu and memory, if nothing else is said)
 * would be used to similar shares.
 */

import type { NodeInfo } from '../../cache/node-info.ts';
import {
  amountOf,
  isScalarResource,
  podAmounts,
  signAmounts,
  type Amounts,
  type PodAmounts,
} from '../../cache/resources.ts';
import { NO_DEVICE_VIEW, signDevices, type DeviceView } from '../../devices/device-counts.ts';
import { neverWakes, SCORE_MAX, type SchedulerPlugin } from '../../framework.ts';

export interface BalancedAllocationArgs {
  /** Names of resources. */
  readonly resources?: readonly string[];
}

const CPU_AND_MEMORY: readonly string[] = ['cpu', 'memory'];

export function balancedAllocation(
  { resources = CPU_AND_MEMORY }: BalancedAllocationArgs = {},
  devices: DeviceView = NO_DEVICE_VIEW,
): SchedulerPlugin<PodAmounts> {
  return {
    name: 'NodeResourcesBalancedAllocation',
    wakesOn: neverWakes,
    sign: (pod) => signAmounts(pod) + signDevices(pod, resources, devices),
    prepare: (pod) => ({ state: podAmounts(pod) }),
    score: ({ requested }, _pod, node) => {
      // A pod that requests none of them changes no balance.
      if (resources.every((name) => amountOf(requested, name) === 0)) return 0;
      const before = spread(sharesOf(resources, requested, node, devices, false));
      const after = spread(sharesOf(resources, requested, node, devices, true));
      // Half of the points for being balanced, half for becoming more so.
      return Math.trunc((SCORE_MAX / 2) * (1 + (before - after)));
    },
  };
}

/** Of each resource that the node has; of devices only those that the pod asks for. */
function sharesOf(
  resources: readonly string[],
  wanted: Amounts,
  { requested, allocatable, node }: NodeInfo,
  devices: DeviceView,
  withPod: boolean,
): readonly number[] {
  const shares: number[] = [];
  for (const name of resources) {
    const own = amountOf(wanted, name);
    const capacity = amountOf(allocatable, name);
    if (own === 0 && isScalarResource(name)) continue;
    const other = capacity === 0 ? devices.countOn(name, node) : undefined;
    const all = other?.capacity ?? capacity;
    if (all === 0) continue;
    shares.push(Math.min(((other?.used ?? amountOf(requested, name)) + (withPod ? own : 0)) / all, 1));
  }
  return shares;
}

/** Standard deviation; of two shares that is half of their distance. */
function spread(shares: readonly number[]): number {
  const [first = 0, second = 0] = shares;
  if (shares.length < 2) return 0;
  if (shares.length === 2) return Math.abs(first - second) / 2;
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length);
}
