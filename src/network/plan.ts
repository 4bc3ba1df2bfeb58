/**
 * The pod network between nodes, as a pure function: every node owns a slice of the pod network, and a
 * VXLAN device carries packets to the slices of the others.
 *
 * Nothing but the Node objects has to be exchanged: a node's tunnel address is the first one of its slice,
 * and its tunnel's hardware address is derived from that, as CNI derives those of pods.
 *
 * Example, seen from node-1 (10.42.0.0/24, 192.0.2.1) with node-2 (10.42.1.0/24, 192.0.2.2):
 *   route 10.42.1.0/24 via 10.42.1.0 onlink; neighbour 10.42.1.0 is 0a:58:0a:2a:01:00; that lives at 192.0.2.2
 */

import { parseAddress } from '../api/addresses/addresses.ts';
import type { Node } from '../api/types.gen.ts';

export interface Peer {
  readonly podCidr: string;
  readonly nodeAddress: string;
}

export interface NetworkState {
  /** Slice and address of this node; undefined while it has none. */
  readonly self: Peer | undefined;
  readonly peers: readonly Peer[];
}

export function observeNodes(nodes: readonly Node[], ownName: string): NetworkState {
  let self: Peer | undefined;
  const peers: Peer[] = [];
  for (const node of nodes) {
    const podCidr = node.spec.podCIDR ?? '';
    const nodeAddress = (node.status.addresses ?? []).find((a) => a.type === 'InternalIP')?.address ?? '';
    if (podCidr === '' || nodeAddress === '') continue;
    if (node.metadata.name === ownName) self = { podCidr, nodeAddress };
    else peers.push({ podCidr, nodeAddress });
  }
  return { self, peers: peers.toSorted((a, b) => (a.podCidr < b.podCidr ? -1 : 1)) };
}

/** First address of a slice: the tunnel end of its node. */
export function tunnelAddress(podCidr: string): string {
  return podCidr.split('/')[0] ?? '';
}

export function tunnelHardwareAddress(podCidr: string): string {
  const address = parseAddress(tunnelAddress(podCidr)) ?? 0;
  const bytes = [24, 16, 8, 0].map((shift) => ((address >>> shift) & 255).toString(16).padStart(2, '0'));
  return `0a:58:${bytes.join(':')}`;
}

/** What VXLAN leaves of an Ethernet frame. */
const TUNNEL_MTU = 1450;

export interface DeviceOptions {
  readonly device: string;
  /** VXLAN network identifier; clusters on the same machines need different ones. */
  readonly vni: number;
  readonly port: number;
}

/** Batches for `ip -batch` and `bridge -batch`. */
export interface NetworkCommands {
  readonly ip: readonly string[];
  readonly bridge: readonly string[];
}

export function setUpDevice({ device, vni, port }: DeviceOptions, self: Peer): NetworkCommands {
  return {
    ip: [
      `link add ${device} type vxlan id ${vni} local ${self.nodeAddress} dstport ${port} nolearning`,
      `link set ${device} mtu ${TUNNEL_MTU}`,
      `link set ${device} address ${tunnelHardwareAddress(self.podCidr)}`,
      `address replace ${tunnelAddress(self.podCidr)}/32 dev ${device}`,
      `link set ${device} up`,
    ],
    bridge: [],
  };
}

/** From the peers that are set up to those that shall be. */
export function changePeers(
  { device }: DeviceOptions,
  before: readonly Peer[],
  after: readonly Peer[],
): NetworkCommands {
  const ip: string[] = [];
  const bridge: string[] = [];
  const same = (a: Peer, b: Peer): boolean => a.podCidr === b.podCidr && a.nodeAddress === b.nodeAddress;
  for (const peer of before) {
    if (after.some((p) => same(p, peer))) continue;
    const hardware = tunnelHardwareAddress(peer.podCidr);
    bridge.push(`fdb delete ${hardware} dev ${device} dst ${peer.nodeAddress}`);
    if (after.some((p) => p.podCidr === peer.podCidr)) continue;
    ip.push(
      `route delete ${peer.podCidr} dev ${device}`,
      `neighbour delete ${tunnelAddress(peer.podCidr)} dev ${device}`,
    );
  }
  for (const peer of after) {
    if (before.some((p) => same(p, peer))) continue;
    const hardware = tunnelHardwareAddress(peer.podCidr);
    const tunnel = tunnelAddress(peer.podCidr);
    ip.push(
      `neighbour replace ${tunnel} lladdr ${hardware} dev ${device} nud permanent`,
      `route replace ${peer.podCidr} via ${tunnel} dev ${device} onlink`,
    );
    bridge.push(`fdb replace ${hardware} dev ${device} dst ${peer.nodeAddress}`);
  }
  return { ip, bridge };
}

/**
 * Pods reach the world under the node's address; among each other, and to nodes of the network, under their
 * own.
 */
export function masqueradeTable(table: string, podNetwork: string): string {
  return `table ip ${table}
delete table ip ${table}
table ip ${table} {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${podNetwork} ip daddr != ${podNetwork} ip daddr != 224.0.0.0/4 masquerade
  }
}
`;
}
