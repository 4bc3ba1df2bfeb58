/** What a pod as a whole may use, for its control group; pure. As upstream's `ResourceConfigForPod`. */

import { qosClass } from '../../api/groups/core/pod/quality-of-service.ts';
import type { Container, Pod } from '../../api/types.gen.ts';
import { amounts, cpuQuota, cpuShares, type Amounts } from '../containers/resources.ts';
import { isSidecar } from '../pods/pod-containers.ts';

export interface GroupLimits {
  readonly cpuShares: number;
  /** Microseconds per 100 ms; undefined: no limit. */
  readonly cpuQuotaUs: number | undefined;
  /** Undefined: no limit. */
  readonly memoryBytes: number | undefined;
}

/** Thousandths of a CPU that the pod has asked for. */
export function podCpuRequest(pod: Pod): number {
  return podAmount(pod, 'cpuRequest');
}

export function podLimits(pod: Pod): GroupLimits {
  const own = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map(({ resources }) =>
    amounts(resources),
  );
  const whole = pod.spec.resources === undefined ? undefined : amounts(pod.spec.resources);
  const limitOf = (name: 'cpuLimit' | 'memoryLimit'): number => {
    if (whole !== undefined && whole[name] > 0) return whole[name];
    // One container without a limit leaves the pod without one.
    return own.every((each) => each[name] > 0) ? podAmount(pod, name) : 0;
  };
  const isBestEffort = qosClass(pod.spec) === 'BestEffort';
  const memory = limitOf('memoryLimit');
  return {
    cpuShares: isBestEffort ? cpuShares(0) : cpuShares(whole?.cpuRequest || podCpuRequest(pod)),
    cpuQuotaUs: cpuQuota(limitOf('cpuLimit')),
    memoryBytes: memory === 0 ? undefined : memory,
  };
}

/**
 * The most that is needed at once: all regular containers, or one init container beside the sidecars before
 * it.
 */
function podAmount({ spec }: Pod, name: keyof Amounts): number {
  const of = ({ resources }: Container): number => amounts(resources)[name];
  let sidecars = 0;
  let most = 0;
  for (const container of spec.initContainers ?? []) {
    if (isSidecar(container)) sidecars += of(container);
    most = Math.max(most, isSidecar(container) ? sidecars : sidecars + of(container));
  }
  return Math.max(most, sidecars + spec.containers.reduce((sum, container) => sum + of(container), 0));
}
