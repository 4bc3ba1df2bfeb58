/** What a pod's /etc/resolv.conf says, by its `dnsPolicy`; pure. */

import type { Pod } from '../../api/types.gen.ts';
import type { DNSConfig } from '../cri/messages.ts';

export interface ClusterDns {
  readonly servers: readonly string[];
  /** `cluster.local` */
  readonly domain: string;
}

/** Limits of validation upstream (KEP-2595). */
const NAMESERVERS_MAX = 3;
const SEARCHES_MAX = 32;

export function podDns(pod: Pod, cluster: ClusterDns, hostResolvConf: string): DNSConfig {
  const { dnsPolicy = 'ClusterFirst', hostNetwork, dnsConfig = {} } = pod.spec;
  const base = baseDns(
    dnsPolicy,
    hostNetwork === true,
    pod.metadata.namespace ?? '',
    cluster,
    hostResolvConf,
  );
  const options = new Map(base.options.map((option) => [option.split(':')[0] ?? '', option]));
  for (const { name = '', value } of dnsConfig.options ?? [])
    options.set(name, value === undefined ? name : `${name}:${value}`);
  return {
    servers: unique([...base.servers, ...(dnsConfig.nameservers ?? [])]).slice(0, NAMESERVERS_MAX),
    searches: unique([...base.searches, ...(dnsConfig.searches ?? [])]).slice(0, SEARCHES_MAX),
    options: [...options.values()],
  };
}

function baseDns(
  policy: NonNullable<Pod['spec']['dnsPolicy']>,
  hostNetwork: boolean,
  namespace: string,
  { servers, domain }: ClusterDns,
  hostResolvConf: string,
): DNSConfig {
  const host = parseResolvConf(hostResolvConf);
  switch (policy) {
    case 'None':
      return { servers: [], searches: [], options: [] };
    case 'Default':
      return host;
    case 'ClusterFirst':
    case 'ClusterFirstWithHostNet': {
      if (servers.length === 0 || (policy === 'ClusterFirst' && hostNetwork)) return host;
      const searches = [`${namespace}.svc.${domain}`, `svc.${domain}`, domain];
      return { servers, searches: [...searches, ...host.searches], options: ['ndots:5'] };
    }
  }
}

export function parseResolvConf(text: string): DNSConfig {
  const words = text
    .split('\n')
    .map((line) =>
      line
        .replace(/[#;].*$/, '')
        .trim()
        .split(/\s+/),
    )
    .filter(([keyword]) => keyword !== '');
  const last = (keyword: string): readonly string[] =>
    words.findLast(([first]) => first === keyword)?.slice(1) ?? [];
  return {
    servers: words.filter(([keyword]) => keyword === 'nameserver').flatMap(([, server]) => server ?? []),
    searches: last('search').filter((search) => search !== '.'),
    options: words.filter(([keyword]) => keyword === 'options').flatMap(([, ...options]) => options),
  };
}

function unique(items: readonly string[]): readonly string[] {
  return [...new Set(items)];
}
