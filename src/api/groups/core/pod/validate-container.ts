/** Rules for the containers of a pod: names, images, environment, mounts; ports and probes stand beside. */

import {
  duplicate,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { dns1123LabelProblem } from '../../../names/names.ts';
import type { Container, EphemeralContainer, PodSpec } from '../../../types.gen.ts';
import { validateContainerPorts, validateHostPorts } from './validate-container-ports.ts';
import { validateEnvironment } from './validate-environment.ts';
import { validateLifecycle, validateProbes } from './validate-probe.ts';
import { validateResources } from './validate-resources.ts';
import { validateContainerSecurity } from './validate-security-context.ts';
import { validateMounts } from './validate-volume.ts';

const RESTART_POLICIES: readonly string[] = ['Always', 'Never', 'OnFailure'];

export function validateContainers(path: FieldPath, spec: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  const check = (at: FieldPath, container: Container | EphemeralContainer): void => {
    errors.push(
      ...validateName(at.child('name'), container.name, names),
      ...validateContainer(at, container, spec),
    );
  };
  for (const [i, container] of spec.containers.entries()) {
    const at = path.child('containers').index(i);
    check(at, container);
    errors.push(
      ...validateLifecycle(at.child('lifecycle'), container.lifecycle),
      ...validateProbes(at, container),
    );
  }
  for (const [i, container] of (spec.initContainers ?? []).entries()) {
    const at = path.child('initContainers').index(i);
    check(at, container);
    errors.push(...validateInitContainer(at, container));
  }
  for (const [i, container] of (spec.ephemeralContainers ?? []).entries()) {
    const at = path.child('ephemeralContainers').index(i);
    check(at, container);
    errors.push(...validateEphemeralContainer(at, container, spec));
  }
  return [...errors, ...validateHostPorts(path, spec)];
}

function validateName(path: FieldPath, name: string, names: Set<string>): FieldError[] {
  if (name === '') return [required(path)];
  const problem = dns1123LabelProblem(name);
  if (problem !== undefined) return [invalid(path, name, problem)];
  if (names.has(name)) return [duplicate(path, name)];
  names.add(name);
  return [];
}

function validateContainer(
  path: FieldPath,
  container: Container | EphemeralContainer,
  spec: PodSpec,
): FieldError[] {
  const { image = '', restartPolicy } = container;
  const errors: FieldError[] = [];
  if (image === '') errors.push(required(path.child('image')));
  else if (image !== image.trim()) {
    errors.push(invalid(path.child('image'), image, 'must not have leading or trailing whitespace'));
  }
  if (restartPolicy !== undefined && !RESTART_POLICIES.includes(restartPolicy)) {
    errors.push(notSupported(path.child('restartPolicy'), restartPolicy, RESTART_POLICIES));
  }
  return [
    ...errors,
    ...validateContainerPorts(path.child('ports'), container.ports ?? []),
    ...validateEnvironment(path, container),
    ...validateMounts(path.child('volumeMounts'), container, spec.volumes ?? []),
    ...validateResources(path.child('resources'), container.resources),
    ...validateContainerSecurity(path.child('securityContext'), container.securityContext),
  ];
}

/** An init container that restarts always is a sidecar and may have probes; others end before they could. */
function validateInitContainer(path: FieldPath, container: Container): FieldError[] {
  if (container.restartPolicy === 'Always') {
    return [
      ...validateLifecycle(path.child('lifecycle'), container.lifecycle),
      ...validateProbes(path, container),
    ];
  }
  const detail = 'may not be set for init containers without restartPolicy=Always';
  const fields = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;
  return fields
    .filter((field) => container[field] !== undefined)
    .map((field) => forbidden(path.child(field), detail));
}

const NOT_EPHEMERAL = [
  'ports',
  'lifecycle',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'resizePolicy',
  'restartPolicyRules',
] as const;

function validateEphemeralContainer(
  path: FieldPath,
  container: EphemeralContainer,
  spec: PodSpec,
): FieldError[] {
  const errors: FieldError[] = NOT_EPHEMERAL.filter((field) => container[field] !== undefined).map((field) =>
    forbidden(path.child(field), 'cannot be set for an Ephemeral Container'),
  );
  if (container.resources.limits !== undefined || container.resources.requests !== undefined) {
    errors.push(forbidden(path.child('resources'), 'cannot be set for an Ephemeral Container'));
  }
  const { targetContainerName: target = '' } = container;
  const others = [...spec.containers, ...(spec.initContainers ?? [])];
  if (target !== '' && !others.some(({ name }) => name === target)) {
    errors.push(notFound(path.child('targetContainerName'), target));
  }
  for (const [i, mount] of (container.volumeMounts ?? []).entries()) {
    if ((mount.subPath ?? '') === '' && (mount.subPathExpr ?? '') === '') continue;
    const at = path.child('volumeMounts').index(i).child('subPath');
    errors.push(forbidden(at, 'cannot be set for an Ephemeral Container'));
  }
  return errors;
}
