/** The containers of a pod's spec, by role, and the rules for restarting them; pure. */

import type { Container, Pod, PodSpec } from '../../api/types.gen.ts';
import type { ContainerStatus } from '../cri/messages.ts';

export type ContainerRole = 'init' | 'sidecar' | 'regular' | 'ephemeral';

export interface PodContainer {
  readonly role: ContainerRole;
  readonly container: Container;
}

/** Init containers and sidecars in their order, then regular ones, then ephemeral ones. */
export function podContainers(spec: PodSpec): readonly PodContainer[] {
  return [
    ...(spec.initContainers ?? []).map((container) => ({
      role: isSidecar(container) ? ('sidecar' as const) : ('init' as const),
      container,
    })),
    ...spec.containers.map((container) => ({ role: 'regular' as const, container })),
    ...(spec.ephemeralContainers ?? []).map((container) => ({ role: 'ephemeral' as const, container })),
  ];
}

/** An init container that runs as long as the pod does (KEP-753). */
export function isSidecar({ restartPolicy }: Container): boolean {
  return restartPolicy === 'Always';
}

export function findContainer(spec: PodSpec, name: string): PodContainer | undefined {
  return podContainers(spec).find(({ container }) => container.name === name);
}

/** `spec.containers{app}`: how events name a container. */
export function containerFieldPath({ role, container }: PodContainer): string {
  const list = { init: 'initContainers', sidecar: 'initContainers', regular: 'containers', ephemeral: 'ephemeralContainers' }[role]; // prettier-ignore
  return `spec.${list}{${container.name}}`;
}

/** Whether a container is to be started (again), from the last that is known of it. */
export function shouldRestart(
  pod: Pod,
  { role, container }: PodContainer,
  last: Pick<ContainerStatus, 'state' | 'exitCode'> | undefined,
): boolean {
  if (last === undefined) return true;
  switch (last.state) {
    case 'CONTAINER_RUNNING':
      return false;
    case 'CONTAINER_CREATED':
    case 'CONTAINER_UNKNOWN':
      return role !== 'ephemeral';
    case 'CONTAINER_EXITED':
      return role !== 'ephemeral' && restartsAfter(pod, role, container, last.exitCode);
  }
}

function restartsAfter({ spec }: Pod, role: ContainerRole, container: Container, exitCode: number): boolean {
  if (role === 'sidecar') return true;
  for (const rule of container.restartPolicyRules ?? []) {
    const { operator = 'In', values = [] } = rule.exitCodes ?? {};
    if (rule.action === 'Restart' && values.includes(exitCode) === (operator === 'In')) return true;
  }
  const policy = container.restartPolicy ?? spec.restartPolicy ?? 'Always';
  if (policy === 'Never') return false;
  // An init container that succeeded has done its work whatever the policy says.
  return exitCode !== 0 || (policy === 'Always' && role !== 'init');
}
