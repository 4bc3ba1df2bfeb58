/** NodeResourcesBalancedAllocation: prefers nodes where cpu and memory would be used to similar shares. */

import { podAmounts, signAmounts, type PodAmounts } from '../../cache/resources.ts';
import { neverWakes, SCORE_MAX, type SchedulerPlugin } from '../../framework.ts';

export const balancedAllocation: SchedulerPlugin<PodAmounts> = {
  name: 'NodeResourcesBalancedAllocation',
  wakesOn: neverWakes,
  sign: signAmounts,
  prepare: (pod) => ({ state: podAmounts(pod) }),
  score: ({ requested }, _pod, node) => {
    // A pod that requests nothing changes no balance.
    if (requested.milliCpu === 0 && requested.memory === 0) return 0;
    const { allocatable, requested: used } = node;
    const before = spread(allocatable.milliCpu, used.milliCpu, allocatable.memory, used.memory);
    const after = spread(
      allocatable.milliCpu,
      used.milliCpu + requested.milliCpu,
      allocatable.memory,
      used.memory + requested.memory,
    );
    // Half of the points for being balanced, half for becoming more so.
    return Math.trunc((SCORE_MAX / 2) * (1 + (before - after)));
  },
};

/** Standard deviation of the two shares: half of their distance. */
function spread(cpuCapacity: number, cpu: number, memoryCapacity: number, memory: number): number {
  const share = (used: number, capacity: number): number =>
    capacity === 0 ? 0 : Math.min(used / capacity, 1);
  return Math.abs(share(cpu, cpuCapacity) - share(memory, memoryCapacity)) / 2;
}
