/** CPU, memory and out-of-memory priority as the kernel counts them, from a container's resources; pure. */

import { qosClass } from '../../api/groups/core/pod/quality-of-service.ts';
import { quantityMilliValue, quantityValue } from '../../api/quantity/quantity.ts';
import type { Container, Pod, ResourceRequirements } from '../../api/types.gen.ts';
import type { LinuxContainerResources } from '../cri/messages.ts';

const SHARES_MIN = 2;
const SHARES_MAX = 262_144;
const SHARES_PER_CPU = 1024;
const PERIOD_US = 100_000;
const QUOTA_MIN_US = 1_000;
const GUARANTEED_OOM = -997;
const BEST_EFFORT_OOM = 1000;
/** Priorities from here on are for what the system itself runs (`system-cluster-critical` = 2e9). */
const CRITICAL_PRIORITY = 2_000_000_000;

export function cpuShares(milliCpus: number): number {
  if (milliCpus === 0) return SHARES_MIN;
  return Math.min(SHARES_MAX, Math.max(SHARES_MIN, Math.floor((milliCpus * SHARES_PER_CPU) / 1000)));
}

/** Undefined: no limit. */
export function cpuQuota(milliCpus: number): number | undefined {
  return milliCpus === 0 ? undefined : Math.max(QUOTA_MIN_US, Math.floor((milliCpus * PERIOD_US) / 1000));
}

export const CPU_PERIOD_US = PERIOD_US;

export function containerResources(
  pod: Pod,
  container: Container,
  machineMemoryBytes: number,
): LinuxContainerResources {
  const { cpuRequest, cpuLimit, memoryLimit } = amounts(container.resources);
  const quota = cpuQuota(cpuLimit);
  return {
    cpuShares: cpuShares(cpuRequest === 0 ? cpuLimit : cpuRequest),
    ...(quota === undefined ? {} : { cpuQuota: quota, cpuPeriod: PERIOD_US }),
    ...(memoryLimit === 0 ? {} : { memoryLimitInBytes: memoryLimit }),
    oomScoreAdj: oomScoreAdj(pod, container, machineMemoryBytes),
  };
}

/** Burstable containers are the likelier to be killed the less memory they have asked for. */
export function oomScoreAdj(pod: Pod, container: Container, machineMemoryBytes: number): number {
  if ((pod.spec.priority ?? 0) >= CRITICAL_PRIORITY) return GUARANTEED_OOM;
  switch (qosClass(pod.spec)) {
    case 'Guaranteed':
      return GUARANTEED_OOM;
    case 'BestEffort':
      return BEST_EFFORT_OOM;
    case 'Burstable': {
      const { memoryRequest } = amounts(container.resources);
      const share = machineMemoryBytes === 0 ? 0 : Math.floor((1000 * memoryRequest) / machineMemoryBytes);
      return Math.min(BEST_EFFORT_OOM - 1, Math.max(1000 + GUARANTEED_OOM, 1000 - share));
    }
  }
}

export interface Amounts {
  /** Thousandths of a CPU; 0 when nothing is said. */
  readonly cpuRequest: number;
  readonly cpuLimit: number;
  readonly memoryRequest: number;
  readonly memoryLimit: number;
}

export function amounts({ requests = {}, limits = {} }: ResourceRequirements): Amounts {
  return {
    cpuRequest: quantityMilliValue(requests['cpu'] ?? '0'),
    cpuLimit: quantityMilliValue(limits['cpu'] ?? '0'),
    memoryRequest: quantityValue(requests['memory'] ?? '0'),
    memoryLimit: quantityValue(limits['memory'] ?? '0'),
  };
}
