/** Gives running containers other amounts of CPU and memory, within the control group of their pod. */

import type { Container, Pod, ResourceRequirements } from '../../api/types.gen.ts';
import type { NodeContext } from '../containers/node-context.ts';
import { containerResources } from '../containers/resources.ts';
import type { ObservedContainer } from '../pods/observed-pod.ts';
import { widest } from './resources.ts';

export interface ContainerResize {
  readonly target: ObservedContainer;
  /** As it is to be. */
  readonly container: Container;
  readonly before: ResourceRequirements;
}

/** Rejects when the runtime or the kernel refuses; `onResized` tells of each container that has got its own. */
export async function resizeContainers(
  { runtime, cgroups, machine }: Pick<NodeContext, 'runtime' | 'cgroups' | 'machine'>,
  pod: Pod,
  resizes: readonly ContainerResize[],
  onResized: (id: string, resources: ResourceRequirements) => void,
): Promise<void> {
  const before = new Map(resizes.map((resize) => [resize.container.name, resize.before]));
  await cgroups.create(widest(pod, before));
  for (const { target, container } of resizes) {
    const resources = containerResources(pod, container, machine.memoryBytes);
    await runtime.updateContainerResources(target.id, resources);
    onResized(target.id, container.resources);
  }
  await cgroups.create(pod);
}
