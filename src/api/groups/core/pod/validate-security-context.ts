/** Rules for what containers may do on their node. */

import {
  duplicate,
  forbidden,
  invalid,
  required,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { laterRule } from '../../../field/later-rule.ts';
import type { PodSpec, SeccompProfile, SecurityContext } from '../../../types.gen.ts';

const ID_MAX = 2_147_483_647;
const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;

export function validatePodSecurity(path: FieldPath, spec: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  const { securityContext: context = {}, hostPID, hostIPC, hostNetwork, hostUsers } = spec;
  const at = path.child('securityContext');
  errors.push(
    ...validateIds(at, context),
    ...validateSeccomp(at.child('seccompProfile'), context.seccompProfile),
  );
  for (const [i, group] of (context.supplementalGroups ?? []).entries()) {
    errors.push(...validateId(at.child('supplementalGroups').index(i), group));
  }
  errors.push(...validateId(at.child('fsGroup'), context.fsGroup));
  if (spec.shareProcessNamespace === true && hostPID === true) {
    const detail = 'ShareProcessNamespace and HostPID cannot both be enabled';
    errors.push(invalid(path.child('shareProcessNamespace'), true, detail));
  }
  const names = new Set<string>();
  for (const [i, { name }] of (context.sysctls ?? []).entries()) {
    const sysctl = at.child('sysctls').index(i).child('name');
    if (!SYSCTL.test(name) || name.length > 253) {
      errors.push(invalid(sysctl, name, `must have at most 253 characters and match regex ${SYSCTL.source}`));
    }
    if (names.has(name)) errors.push(duplicate(sysctl, name));
    names.add(name);
    errors.push(...validateShared(sysctl, name, spec));
  }
  if (hostUsers === false) {
    const shared = { hostPID, hostIPC, hostNetwork };
    for (const [field, on] of Object.entries(shared)) {
      if (on !== true) continue;
      const detail = `when \`hostUsers\` is false, \`${field}\` must be false`;
      errors.push(forbidden(path.child(field), detail));
    }
  }
  return errors;
}

const IPC_SYSCTLS: readonly string[] = ['kernel.shm', 'kernel.msg', 'fs.mqueue.'];

/** What the node's own namespace has is set on the node, not by a pod that shares the namespace. */
function validateShared(path: FieldPath, name: string, { hostNetwork, hostIPC }: PodSpec): FieldError[] {
  const dotted = withDots(name);
  const ofIpc = dotted === 'kernel.sem' || IPC_SYSCTLS.some((start) => dotted.startsWith(start));
  const shared =
    hostNetwork === true && dotted.startsWith('net.')
      ? 'hostNetwork'
      : hostIPC === true && ofIpc
        ? 'hostIPC'
        : undefined;
  if (shared === undefined) return [];
  const detail = `may not be specified when '${shared}' is true`;
  return laterRule('sysctls of shared namespaces', [invalid(path, name, detail)]);
}

/** `net/ipv4/conf/eth0.1/mtu` separates by slashes, and its dots are those of names. */
function withDots(name: string): string {
  const separator = /[./]/.exec(name)?.[0];
  if (separator !== '/') return name;
  return name.replaceAll(/[./]/g, (char) => (char === '/' ? '.' : '/'));
}

export function validateContainerSecurity(
  path: FieldPath,
  context: SecurityContext | undefined,
): FieldError[] {
  if (context === undefined) return [];
  const errors = validateIds(path, context);
  errors.push(...validateSeccomp(path.child('seccompProfile'), context.seccompProfile));
  if (context.allowPrivilegeEscalation === false) {
    const shown = context as unknown as { readonly [key: string]: string };
    if (context.privileged === true) {
      const detail = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true';
      errors.push(invalid(path, shown, detail));
    }
    if ((context.capabilities?.add ?? []).includes('CAP_SYS_ADMIN')) {
      const detail = 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN';
      errors.push(invalid(path, shown, detail));
    }
  }
  return errors;
}

interface Ids {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
}

function validateIds(path: FieldPath, { runAsUser, runAsGroup }: Ids): FieldError[] {
  return [
    ...validateId(path.child('runAsUser'), runAsUser),
    ...validateId(path.child('runAsGroup'), runAsGroup),
  ];
}

function validateId(path: FieldPath, id: number | undefined): FieldError[] {
  if (id === undefined || (id >= 0 && id <= ID_MAX)) return [];
  return [invalid(path, id, `must be between 0 and ${ID_MAX}, inclusive`)];
}

function validateSeccomp(path: FieldPath, profile: SeccompProfile | undefined): FieldError[] {
  if (profile === undefined) return [];
  const at = path.child('localhostProfile');
  const { type, localhostProfile } = profile;
  if (type === 'Localhost') {
    return localhostProfile === undefined ? [required(at, 'must be set when seccomp type is Localhost')] : [];
  }
  if (localhostProfile === undefined) return [];
  return [invalid(at, localhostProfile, 'can only be set when seccomp type is Localhost')];
}
