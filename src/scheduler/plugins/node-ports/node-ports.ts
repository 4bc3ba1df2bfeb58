/** NodePorts: host ports that the pod wants must be free on the node. */

import { hostPortsOf, isPortTaken } from '../../../api/node-fit/host-ports.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
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

function isTaken(wanted: string, { hostPorts }: NodeInfo): boolean {
  return hostPorts.has(wanted) || (hostPorts.size > 0 && isPortTaken(wanted, hostPorts.keys()));
}
