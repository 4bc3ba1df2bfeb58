/**
 * A pod's /etc/hosts; pure. Managed by the kubelet, so that `hostAliases` work and the pod knows its own
 * name.
 */

import type { HostAlias, Pod } from '../../api/types.gen.ts';

const HEAD = `# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
`;

export function hostsFile(pod: Pod, podIps: readonly string[], domain: string, hostHosts: string): string {
  const aliases = aliasLines(pod.spec.hostAliases ?? []);
  if (pod.spec.hostNetwork === true)
    return `# Kubernetes-managed hosts file (host network).\n${hostHosts}${aliases}`;
  const { subdomain = '' } = pod.spec;
  const name = podHostname(pod);
  const full = subdomain === '' ? '' : `${name}.${subdomain}.${pod.metadata.namespace ?? ''}.svc.${domain}\t`;
  return `${HEAD}${podIps.map((ip) => `${ip}\t${full}${name}\n`).join('')}${aliases}`;
}

/** At most 63 characters, which the kernel allows; no dash or dot at the end. */
export function podHostname({ metadata, spec }: Pod): string {
  if (spec.hostnameOverride !== undefined) return spec.hostnameOverride;
  const name = (spec.hostname ?? '') === '' ? (metadata.name ?? '') : (spec.hostname ?? '');
  return name.slice(0, 63).replace(/[-.]+$/, '');
}

/** With `setHostnameAsFQDN` the kernel's host name is the name in the service's domain. */
export function kernelHostname(pod: Pod, domain: string): string {
  const { subdomain = '', setHostnameAsFQDN } = pod.spec;
  const name = podHostname(pod);
  if (setHostnameAsFQDN !== true || subdomain === '') return name;
  return `${name}.${subdomain}.${pod.metadata.namespace ?? ''}.svc.${domain}`;
}

function aliasLines(aliases: readonly HostAlias[]): string {
  if (aliases.length === 0) return '';
  const lines = aliases.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}\n`);
  return `\n# Entries added by HostAliases.\n${lines.join('')}`;
}
