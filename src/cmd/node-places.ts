/**
 * Where the nodes of this machine live: folders, sockets, bridges, network namespaces and addresses, all
 * derived from the data folder, so that clusters side by side do not meet. Pure.
 */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { DataFolder } from './data-folder.ts';
import type { ClusterSettings } from './settings.ts';

export interface NodePlace {
  readonly name: string;
  readonly folder: string;
  /** Short, since it holds sockets. */
  readonly stateFolder: string;
  readonly cniName: string;
  readonly bridge: string;
  readonly tunnelDevice: string;
  /** Undefined: the machine's own network. */
  readonly networkNamespace: NamespacePlace | undefined;
  readonly kubeletPort: number;
}

export interface NamespacePlace {
  readonly name: string;
  /** Ends of the cable between the namespace and the machine's bridge. */
  readonly outerDevice: string;
  readonly innerDevice: string;
  /** `10.44.7.11/24` */
  readonly address: string;
  readonly prefixCommand: readonly string[];
}

/** The bridge that joins nodes in network namespaces with the machine. */
export interface NodeBridge {
  readonly device: string;
  /** `10.44.7.1` */
  readonly address: string;
  /** `10.44.7.0/24` */
  readonly network: string;
  readonly table: string;
}

const STOCK_PORT = 6443;
const STOCK_KUBELET_PORT = 10_250;

/** Four hexadecimal digits that stand for the data folder in device names of 15 characters. */
export function clusterTag(folder: DataFolder): string {
  return createHash('sha256').update(folder.root).digest('hex').slice(0, 4);
}

export function nodeBridge(folder: DataFolder): NodeBridge {
  const tag = clusterTag(folder);
  const third = Number.parseInt(tag.slice(0, 2), 16);
  return {
    device: `k8ts${tag}`,
    address: `10.44.${third}.1`,
    network: `10.44.${third}.0/24`,
    table: `k8ts-${tag}-nodes`,
  };
}

export function nodePlaces(folder: DataFolder, settings: ClusterSettings): readonly NodePlace[] {
  return Array.from({ length: settings.nodes }, (_, i) => nodePlace(folder, settings, i + 1));
}

function nodePlace(folder: DataFolder, settings: ClusterSettings, number: number): NodePlace {
  const tag = clusterTag(folder);
  const name = `node-${number}`;
  return {
    name,
    folder: folder.node(name),
    stateFolder: join('/run/k8ts', tag, String(number)),
    cniName: `k8ts-${tag}-${number}`,
    bridge: `cni${tag}-${number}`,
    tunnelDevice: `vx${tag}-${number}`,
    networkNamespace: settings.nodes === 1 ? undefined : namespacePlace(folder, number),
    kubeletPort: settings.nodes === 1 ? STOCK_KUBELET_PORT + settings.port - STOCK_PORT : STOCK_KUBELET_PORT,
  };
}

function namespacePlace(folder: DataFolder, number: number): NamespacePlace {
  const tag = clusterTag(folder);
  const name = `k8ts-${tag}-${number}`;
  const [a = '', b = '', c = ''] = nodeBridge(folder).address.split('.');
  return {
    name,
    outerDevice: `k${tag}-${number}`,
    innerDevice: 'eth0',
    address: `${a}.${b}.${c}.${10 + number}/24`,
    // `ip netns exec` would hide the cgroup mounts, and runc then finds no cgroups.
    prefixCommand: ['nsenter', `--net=/run/netns/${name}`],
  };
}

/** `--nodes` beyond this would need more addresses than the bridge has. */
export const LOCAL_NODES_MAX = 200;

/** A node that joined from another machine: one per machine, so its names are fixed. */
export const JOINED_NODE = {
  stateFolder: '/run/k8ts/agent',
  cniName: 'k8ts-agent',
  bridge: 'cni-k8ts',
  tunnelDevice: 'vx-k8ts',
} as const;
