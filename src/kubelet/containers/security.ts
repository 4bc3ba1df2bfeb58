/**
 * Security contexts of sandboxes and containers for the runtime, from the pod's and the container's; pure.
 */

import type { Container, Pod, SeccompProfile, SecurityContext } from '../../api/types.gen.ts';
import type {
  Image,
  LinuxContainerSecurityContext,
  LinuxSandboxSecurityContext,
  NamespaceOption,
  SecurityProfile,
  SELinuxOption,
} from '../cri/messages.ts';

/** What upstream hides from containers with the default `procMount`. */
const MASKED_PATHS = [
  '/proc/asound', '/proc/acpi', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list',
  '/proc/timer_stats', '/proc/sched_debug', '/proc/scsi', '/sys/firmware', '/sys/devices/virtual/powercap',
]; // prettier-ignore
const READONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

export function namespaces({ spec }: Pod, targetId?: string): NamespaceOption {
  const pid = spec.hostPID === true ? 'NODE' : spec.shareProcessNamespace === true ? 'POD' : 'CONTAINER';
  return {
    network: spec.hostNetwork === true ? 'NODE' : 'POD',
    pid: targetId === undefined ? pid : 'TARGET',
    ipc: spec.hostIPC === true ? 'NODE' : 'POD',
    ...(targetId === undefined ? {} : { targetId }),
  };
}

export function sandboxSecurity(pod: Pod): LinuxSandboxSecurityContext {
  const context = pod.spec.securityContext ?? {};
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  return {
    namespaceOptions: namespaces(pod),
    ...(context.runAsUser === undefined ? {} : { runAsUser: context.runAsUser }),
    ...(context.runAsUser === undefined || context.runAsGroup === undefined
      ? {}
      : { runAsGroup: context.runAsGroup }),
    ...groups(pod),
    privileged: containers.some(({ securityContext }) => securityContext?.privileged === true),
    seccomp: { profileType: 'RuntimeDefault' },
    ...selinux(context.seLinuxOptions),
  };
}

export function containerSecurity(
  pod: Pod,
  container: Container,
  image: Pick<Image, 'uid' | 'username'> | undefined,
  seccompFolder: string,
  targetId?: string,
): LinuxContainerSecurityContext {
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext ?? {};
  const privileged = own.privileged ?? false;
  const group = own.runAsGroup ?? shared.runAsGroup;
  const unmasked = own.procMount === 'Unmasked' || privileged;
  return {
    namespaceOptions: namespaces(pod, targetId),
    ...user(pod, container, image),
    ...(group === undefined ? {} : { runAsGroup: group }),
    ...groups(pod),
    privileged,
    readonlyRootfs: own.readOnlyRootFilesystem ?? false,
    ...capabilities(own),
    noNewPrivs: own.allowPrivilegeEscalation === false,
    maskedPaths: unmasked ? [] : MASKED_PATHS,
    readonlyPaths: unmasked ? [] : READONLY_PATHS,
    seccomp: privileged
      ? { profileType: 'Unconfined' }
      : profile(own.seccompProfile ?? shared.seccompProfile, seccompFolder),
    ...selinux(own.seLinuxOptions ?? shared.seLinuxOptions),
  };
}

/** Why a container may not run as it is configured; undefined when it may. */
export function nonRootProblem(
  pod: Pod,
  container: Container,
  image: Pick<Image, 'uid' | 'username'> | undefined,
  podText: string,
): string | undefined {
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext ?? {};
  if ((own.runAsNonRoot ?? shared.runAsNonRoot) !== true) return undefined;
  const where = `(pod: "${podText}", container: ${container.name})`;
  const uid = own.runAsUser ?? shared.runAsUser;
  if (uid !== undefined)
    return uid === 0 ? `container's runAsUser breaks non-root policy ${where}` : undefined;
  if (image?.uid === 0 || (image?.uid === undefined && (image?.username ?? '') === ''))
    return `container has runAsNonRoot and image will run as root ${where}`;
  if (image?.uid === undefined && image?.username !== undefined)
    return `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${where}`;
  return undefined;
}

/** What the pod says; else what the image says, since a group or groups may be set without a user. */
function user(
  pod: Pod,
  { securityContext }: Container,
  image: Pick<Image, 'uid' | 'username'> | undefined,
): Pick<LinuxContainerSecurityContext, 'runAsUser' | 'runAsUsername'> {
  const uid = securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser ?? image?.uid;
  if (uid !== undefined) return { runAsUser: uid };
  const username = image?.username ?? '';
  return username === '' ? {} : { runAsUsername: username };
}

function groups({
  spec,
}: Pod): Pick<LinuxContainerSecurityContext, 'supplementalGroups' | 'supplementalGroupsPolicy'> {
  const { fsGroup, supplementalGroups = [], supplementalGroupsPolicy } = spec.securityContext ?? {};
  return {
    supplementalGroups: [...supplementalGroups, ...(fsGroup === undefined ? [] : [fsGroup])],
    ...(supplementalGroupsPolicy === undefined ? {} : { supplementalGroupsPolicy }),
  };
}

function capabilities({
  capabilities: named,
}: SecurityContext): Pick<LinuxContainerSecurityContext, 'capabilities'> {
  if (named === undefined) return {};
  return { capabilities: { addCapabilities: named.add ?? [], dropCapabilities: named.drop ?? [] } };
}

/** Without a profile containers run unconfined, as with upstream's default. */
function profile(wanted: SeccompProfile | undefined, folder: string): SecurityProfile {
  switch (wanted?.type) {
    case undefined:
    case 'Unconfined':
      return { profileType: 'Unconfined' };
    case 'RuntimeDefault':
      return { profileType: 'RuntimeDefault' };
    case 'Localhost':
      return { profileType: 'Localhost', localhostRef: `${folder}/${wanted.localhostProfile ?? ''}` };
  }
}

function selinux(options: SELinuxOption | undefined): { readonly selinuxOptions?: SELinuxOption } {
  return options === undefined ? {} : { selinuxOptions: options };
}
