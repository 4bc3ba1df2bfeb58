/** What a resize changes for the containers of a pod, and what a node can give; pure. */

import type { Container, Pod, ResourceRequirements } from '../../api/types.gen.ts';
import { quantityOf, compareQuantities } from '../../api/quantity/quantity.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import { amounts } from '../containers/resources.ts';
import { latestOf, type ObservedContainer, type ObservedPod } from '../pods/observed-pod.ts';

/** Equal in CPU and memory, however they are written. */
export function sameAmounts(a: ResourceRequirements, b: ResourceRequirements): boolean {
  return deepEqual(amounts(a), amounts(b));
}

/** Whether a container that was given `before` has to start anew to get what it is to have (`resizePolicy`). */
export function needsRestart(
  { resources, resizePolicy = [] }: Container,
  before: ResourceRequirements,
): boolean {
  const [was, is] = [amounts(before), amounts(resources)];
  const changed = {
    cpu: was.cpuRequest !== is.cpuRequest || was.cpuLimit !== is.cpuLimit,
    memory: was.memoryRequest !== is.memoryRequest || was.memoryLimit !== is.memoryLimit,
  };
  return resizePolicy.some(
    ({ resourceName, restartPolicy }) =>
      restartPolicy === 'RestartContainer' &&
      (resourceName === 'cpu' || resourceName === 'memory') &&
      changed[resourceName],
  );
}

/** Whether a container of the pod runs that has not got yet what it is to have. */
export function isResizing(
  { spec }: Pod,
  observed: ObservedPod,
  given: (container: ObservedContainer) => ResourceRequirements | undefined,
): boolean {
  return [...(spec.initContainers ?? []), ...spec.containers].some(({ name, resources }) => {
    const latest = latestOf(observed, name);
    const before = latest?.state === 'CONTAINER_RUNNING' ? given(latest) : undefined;
    return before !== undefined && !sameAmounts(before, resources);
  });
}

/** The pod with other resources for some of its containers, by name. */
export function withResources(pod: Pod, byName: ReadonlyMap<string, ResourceRequirements>): Pod {
  const change = (container: Container): Container => {
    const resources = byName.get(container.name);
    return resources === undefined ? container : { ...container, resources };
  };
  const { containers, initContainers } = pod.spec;
  return {
    ...pod,
    spec: {
      ...pod.spec,
      containers: containers.map(change),
      ...(initContainers === undefined ? {} : { initContainers: initContainers.map(change) }),
    },
  };
}

/** Room for what a pod has and for what it is to have: no container may exceed its pod meanwhile. */
export function widest(pod: Pod, before: ReadonlyMap<string, ResourceRequirements>): Pod {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const wide = all.flatMap(({ name, resources }): readonly (readonly [string, ResourceRequirements])[] => {
    const was = before.get(name);
    if (was === undefined) return [];
    const requests = { ...was.requests, ...resources.requests };
    for (const key of Object.keys(requests))
      requests[key] = larger(was.requests?.[key], resources.requests?.[key]);
    const limits: Record<string, string> = {};
    // What has no limit before or after has none meanwhile.
    for (const [key, limit] of Object.entries(resources.limits ?? {}))
      if (was.limits?.[key] !== undefined) limits[key] = larger(was.limits[key], limit);
    return [[name, { ...resources, requests, limits }]];
  });
  return withResources(pod, new Map(wide));
}

function larger(a = '0', b = '0'): string {
  return compareQuantities(quantityOf(a), quantityOf(b)) < 0 ? b : a;
}
