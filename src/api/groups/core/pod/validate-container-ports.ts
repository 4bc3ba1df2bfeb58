/** Rules for the ports of containers. */

import { duplicate, invalid, required, type FieldError, type FieldPath } from '../../../field/field-error.ts';
import type { Container, ContainerPort, PodSpec } from '../../../types.gen.ts';
import { portNameProblem, portNumberProblem } from './validate-port.ts';

export function validateContainerPorts(path: FieldPath, ports: readonly ContainerPort[]): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, { name = '', containerPort, hostPort = 0 }] of ports.entries()) {
    const at = path.index(i);
    if (name !== '') {
      const problem = portNameProblem(name);
      if (problem !== undefined) errors.push(invalid(at.child('name'), name, problem));
      else if (names.has(name)) errors.push(duplicate(at.child('name'), name));
      names.add(name);
    }
    const bad = portNumberProblem(containerPort);
    if (containerPort === 0) errors.push(required(at.child('containerPort')));
    else if (bad !== undefined) errors.push(invalid(at.child('containerPort'), containerPort, bad));
    const badHost = hostPort === 0 ? undefined : portNumberProblem(hostPort);
    if (badHost !== undefined) errors.push(invalid(at.child('hostPort'), hostPort, badHost));
  }
  return errors;
}

/** Two containers cannot have the same port of the node; in the node's network both numbers are one. */
export function validateHostPorts(path: FieldPath, spec: PodSpec): FieldError[] {
  return [
    ...claimPorts(path.child('containers'), spec.containers, spec.hostNetwork ?? false, new Set()),
    // One after the other, so that each may use what those before it used.
    ...(spec.initContainers ?? []).flatMap((container, i) =>
      claimPorts(path.child('initContainers'), [container], spec.hostNetwork ?? false, new Set(), i),
    ),
  ];
}

function claimPorts(
  path: FieldPath,
  containers: readonly Container[],
  hostNetwork: boolean,
  taken: Set<string>,
  offset = 0,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, { ports = [] }] of containers.entries()) {
    for (const [j, { hostPort = 0, hostIP = '', protocol = 'TCP', containerPort }] of ports.entries()) {
      const at = path
        .index(i + offset)
        .child('ports')
        .index(j);
      if (hostNetwork && hostPort !== containerPort) {
        const detail = 'must match `hostPort` when `hostNetwork` is true';
        errors.push(invalid(at.child('containerPort'), containerPort, detail));
      }
      if (hostPort === 0) continue;
      const claim = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(claim)) errors.push(duplicate(at.child('hostPort'), claim));
      taken.add(claim);
    }
  }
  return errors;
}
