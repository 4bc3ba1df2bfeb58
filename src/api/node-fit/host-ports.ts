/** Which host ports a pod takes, and which of them cannot be taken twice. Pure. */

import type { Pod } from '../types.gen.ts';

const NO_PORTS: readonly string[] = [];

/** `TCP 0.0.0.0 80`: protocol, address and port. */
export function hostPortsOf(pod: Pod): readonly string[] {
  let ports: string[] | undefined;
  for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
    for (const { hostPort = 0, hostIP = '', protocol = 'TCP' } of container.ports ?? []) {
      if (hostPort > 0) (ports ??= []).push(`${protocol} ${hostIP === '' ? '0.0.0.0' : hostIP} ${hostPort}`);
    }
  }
  return ports ?? NO_PORTS;
}

/** 0.0.0.0 collides with every address. */
export function isPortTaken(wanted: string, taken: Iterable<string>): boolean {
  const [protocol = '', address = '', port = ''] = wanted.split(' ');
  for (const used of taken) {
    const [usedProtocol, usedAddress, usedPort] = used.split(' ');
    if (usedProtocol !== protocol || usedPort !== port) continue;
    if (address === usedAddress || address === '0.0.0.0' || usedAddress === '0.0.0.0') return true;
  }
  return false;
}
