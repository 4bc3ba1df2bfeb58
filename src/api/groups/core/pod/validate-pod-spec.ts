/**
 * Rules for the specification of pods, the same for pods and for the templates of their owners, worded as
 * upstream words them (`pkg/apis/core/validation`). This file walks; each part has a file of its own.
 * What the notation says already (enums, required strings) is not repeated.
 */

import { ipVersion } from '../../../addresses/ip-version.ts';
import {
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { labelKeyProblem } from '../../../labels/selector.ts';
import { dns1123LabelProblem, dns1123SubdomainProblem } from '../../../names/names.ts';
import type { HostAlias, PodSpec, PodTemplateSpec } from '../../../types.gen.ts';
import { validateAnnotations } from '../../../meta/validate-metadata.ts';
import { validateContainers } from './validate-container.ts';
import { validateLabelMap } from './validate-label-selector.ts';
import { validatePodAnnotations } from './validate-pod-annotations.ts';
import { validatePodDns } from './validate-pod-dns.ts';
import { validateResources } from './validate-resources.ts';
import { validateAffinity, validateSpread, validateTolerations } from './validate-scheduling.ts';
import { validatePodSecurity } from './validate-security-context.ts';
import { validateVolumes } from './validate-volume.ts';

const SECONDS_MAX = 2_147_483_647;

export function validatePodTemplate(path: FieldPath, template: PodTemplateSpec): FieldError[] {
  // As upstream, where these paths leave `metadata` out.
  const { labels, annotations } = template.metadata;
  const errors = [
    ...validateLabelMap(path.child('labels'), labels),
    ...validateAnnotations(path.child('annotations'), annotations),
    ...validatePodAnnotations(path.child('annotations'), annotations, template.spec),
  ];
  if ((template.spec.ephemeralContainers ?? []).length > 0) {
    const detail = 'ephemeral containers not allowed in pod template';
    errors.push(forbidden(path.child('spec', 'ephemeralContainers'), detail));
  }
  return [...errors, ...validatePodSpec(path.child('spec'), template.spec)];
}

export function validatePodSpec(path: FieldPath, spec: PodSpec): FieldError[] {
  const errors = validateVolumes(path.child('volumes'), spec.volumes ?? []);
  if (spec.containers.length === 0) errors.push(required(path.child('containers')));
  return [
    ...errors,
    ...validateContainers(path, spec),
    ...validateNames(path, spec),
    ...validateLabelMap(path.child('nodeSelector'), spec.nodeSelector),
    ...validateAffinity(path.child('affinity'), spec.affinity),
    ...validateTolerations(path.child('tolerations'), spec.tolerations ?? []),
    ...validateSpread(path.child('topologySpreadConstraints'), spec.topologySpreadConstraints ?? []),
    ...validateGates(path, spec),
    ...validatePodSecurity(path, spec),
    ...validatePodDns(path, spec),
    ...validateHostAliases(path.child('hostAliases'), spec.hostAliases ?? []),
    ...(spec.resources === undefined ? [] : validateResources(path.child('resources'), spec.resources)),
    ...validateNumbers(path, spec),
  ];
}

function validateNames(path: FieldPath, spec: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  const check = (
    field: keyof PodSpec,
    value: string | undefined,
    problem: (text: string) => string | undefined,
  ): void => {
    const found = value === undefined || value === '' ? undefined : problem(value);
    if (found !== undefined) errors.push(invalid(path.child(field), value, found));
  };
  check('serviceAccountName', spec.serviceAccountName, dns1123SubdomainProblem);
  check('nodeName', spec.nodeName, dns1123SubdomainProblem);
  check('schedulerName', spec.schedulerName, dns1123SubdomainProblem);
  check('priorityClassName', spec.priorityClassName, dns1123SubdomainProblem);
  check('runtimeClassName', spec.runtimeClassName, dns1123SubdomainProblem);
  check('hostname', spec.hostname, dns1123LabelProblem);
  check('subdomain', spec.subdomain, dns1123LabelProblem);
  check('hostnameOverride', spec.hostnameOverride, dns1123SubdomainProblem);
  if (spec.os !== undefined && spec.os.name !== 'linux' && spec.os.name !== 'windows') {
    errors.push(notSupported(path.child('os', 'name'), spec.os.name, ['linux', 'windows']));
  }
  return errors;
}

function validateGates(path: FieldPath, spec: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, { conditionType }] of (spec.readinessGates ?? []).entries()) {
    const problem = labelKeyProblem(conditionType);
    const at = path.child('readinessGates').index(i).child('conditionType');
    if (problem !== undefined) errors.push(invalid(at, conditionType, problem));
  }
  const gates = spec.schedulingGates ?? [];
  const seen = new Set<string>();
  for (const [i, { name }] of gates.entries()) {
    const at = path.child('schedulingGates').index(i);
    const problem = labelKeyProblem(name);
    if (problem !== undefined) errors.push(invalid(at, name, problem));
    if (seen.has(name)) errors.push(duplicate(at, name));
    seen.add(name);
  }
  if (gates.length > 0 && (spec.nodeName ?? '') !== '') {
    errors.push(
      forbidden(path.child('nodeName'), 'cannot be set until all schedulingGates have been cleared'),
    );
  }
  return errors;
}

function validateHostAliases(path: FieldPath, aliases: readonly HostAlias[]): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, { ip, hostnames = [] }] of aliases.entries()) {
    if (ipVersion(ip) === 0) {
      const detail = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
      errors.push(invalid(path.index(i).child('ip'), ip, detail));
    }
    for (const [j, hostname] of hostnames.entries()) {
      const problem = dns1123SubdomainProblem(hostname);
      const at = path.index(i).child('hostnames').index(j);
      if (problem !== undefined) errors.push(invalid(at, hostname, problem));
    }
  }
  return errors;
}

function validateNumbers(path: FieldPath, { activeDeadlineSeconds: deadline }: PodSpec): FieldError[] {
  if (deadline === undefined || (deadline >= 1 && deadline <= SECONDS_MAX)) return [];
  const detail = `must be between 1 and ${SECONDS_MAX}, inclusive`;
  return [invalid(path.child('activeDeadlineSeconds'), deadline, detail)];
}
