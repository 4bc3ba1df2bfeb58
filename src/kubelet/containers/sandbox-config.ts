/** The runtime's configuration of a pod's sandbox; pure. */

import type { Pod } from '../../api/types.gen.ts';
import type { PodSandboxConfig, PortMapping } from '../cri/messages.ts';
import { podLabels, podLogFolder, podName } from '../pods/pod-names.ts';
import { podDns, type ClusterDns } from './dns.ts';
import { kernelHostname } from './hosts-file.ts';
import { sandboxSecurity } from './security.ts';

export interface SandboxSettings {
  readonly logsFolder: string;
  readonly dns: ClusterDns;
  readonly hostResolvConf: string;
  /** Absent: the runtime puts the pod where it likes. */
  readonly cgroupParent?: string | undefined;
}

export function sandboxConfig(pod: Pod, attempt: number, settings: SandboxSettings): PodSandboxConfig {
  const name = podName(pod);
  const { hostNetwork, securityContext } = pod.spec;
  const sysctls = Object.fromEntries((securityContext?.sysctls ?? []).map((s) => [s.name, s.value]));
  return {
    metadata: { ...name, attempt },
    // The host's network comes with the host's name.
    ...(hostNetwork === true ? {} : { hostname: kernelHostname(pod, settings.dns.domain) }),
    logDirectory: podLogFolder(settings.logsFolder, name),
    dnsConfig: podDns(pod, settings.dns, settings.hostResolvConf),
    portMappings: portMappings(pod),
    labels: podLabels(pod),
    annotations: { ...pod.metadata.annotations, 'kubernetes.io/config.source': 'api' },
    linux: {
      ...(settings.cgroupParent === undefined ? {} : { cgroupParent: settings.cgroupParent }),
      securityContext: sandboxSecurity(pod),
      sysctls,
    },
  };
}

function portMappings({ spec }: Pod): readonly PortMapping[] {
  if (spec.hostNetwork === true) return [];
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  return containers.flatMap(({ ports = [] }) =>
    ports.map(({ containerPort, hostPort = 0, hostIP = '', protocol = 'TCP' }) => ({
      protocol,
      containerPort,
      hostPort,
      ...(hostIP === '' ? {} : { hostIp: hostIP }),
    })),
  );
}
