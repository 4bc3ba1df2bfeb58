/** NodePorts: host ports that the pod wants must be free on the node. */

import { hostPortsOf, type NodeInfo } from '../../cache/node-info.ts';
import type { Refusal, SchedulerPlugin } from '../../framework.ts';

const REFUSAL: Refusal = {
  reason: "node(s) didn't have free ports for the requested pod ports",
  resolvable: true,
};

export const nodePorts: SchedulerPlugin<readonly string[]> = {
  name: 'NodePorts',
  wakesOn: (event) => event.resource === 'Node' || event.resource === 'Pod/Gone',
  sign: (pod) => hostPortsOf(pod).join(),
  prepare: (pod) => {
    const ports = hostPortsOf(pod);
    return { state: ports, filters: ports.length > 0 };
  },
  filter: (wanted, _pod, node) => (wanted.some((port) => isTaken(port, node)) ? REFUSAL : undefined),
};

/** 0.0.0.0 collides with every address. */
function isTaken(wanted: string, { hostPorts }: NodeInfo): boolean {
  if (hostPorts.size === 0) return false;
  if (hostPorts.has(wanted)) return true;
  const [protocol = '', address = '', port = ''] = wanted.split(' ');
  for (const used of hostPorts.keys()) {
    const [usedProtocol, usedAddress, usedPort] = used.split(' ');
    if (usedProtocol !== protocol || usedPort !== port) continue;
    if (address === '0.0.0.0' || usedAddress === '0.0.0.0') return true;
  }
  return false;
}
