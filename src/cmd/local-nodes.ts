/**
 * The nodes that `up` runs on this machine: their processes, and what is left to remove when the cluster
 * goes.
 */

import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { silentLogger } from '../base/log.ts';
import type { Host } from '../host/host.ts';
import { mountPointsBelow, removeContainerd } from '../kubelet/containerd/remove.ts';
import { nthAddress } from '../api/addresses/addresses.ts';
import { removePodCgroups } from '../kubelet/cgroups/pod-cgroups.ts';
import { createLinuxSystem } from '../kubelet/system/linux/linux-system.ts';
import { cgroupParent, containerdOptions, DNS_DEVICE } from '../node-agent/real-node.ts';
import type { DataFolder } from './data-folder.ts';
import { ensureNamespaces, removeNamespaces } from './node-namespaces.ts';
import { JOINED_NODE, nodeBridge, nodePlaces, type NamespacePlace, type NodePlace } from './node-places.ts';
import type { ClusterSettings } from './settings.ts';
import type { ChildSpec } from './supervisor.ts';

export interface LocalParts {
  readonly host: Host;
  readonly folder: DataFolder;
  readonly settings: ClusterSettings;
}

/** What the supervisor keeps running: the server, and an agent for every real node. */
export async function localChildren(
  parts: LocalParts & { readonly self: readonly string[] },
): Promise<readonly ChildSpec[]> {
  const { host, folder, settings, self } = parts;
  const place = ['--data-dir', folder.root];
  const server = { name: 'server', command: [...self, 'server', ...place], environment: {} };
  if (settings.runtime === 'simulated') return [server];
  const places = nodePlaces(folder, settings);
  const namespaces = namespacesOf(places);
  if (namespaces.length > 0) await ensureNamespaces(host.processes, nodeBridge(folder), namespaces);
  const agents = places.map(({ name, networkNamespace }) => ({
    name,
    command: [...(networkNamespace?.prefixCommand ?? []), ...self, 'node', ...place, '--name', name],
    environment: {},
  }));
  return [server, ...agents];
}

function namespacesOf(places: readonly NodePlace[]): readonly NamespacePlace[] {
  return places.flatMap(({ networkNamespace }) => (networkNamespace === undefined ? [] : [networkNamespace]));
}

/** Containers, mounts, bridges, rules and namespaces of every node of this machine. */
export async function removeNodes({ host, folder, settings }: LocalParts): Promise<void> {
  if (settings.runtime === 'simulated') return;
  const places = nodePlaces(folder, settings);
  for (const place of places) await removeNode(host, place, settings.serviceCidr);
  await removeNamespaces(host.processes, nodeBridge(folder), namespacesOf(places));
  for (const { stateFolder } of places.slice(0, 1))
    await rm(dirname(stateFolder), { recursive: true, force: true });
}

/** What `agent` brought to this machine; false when nothing of it is there. */
export async function removeJoinedNodes(host: Host, folder: DataFolder): Promise<boolean> {
  const names = await host.disk.list(folder.node(''));
  let found = false;
  for (const name of names) {
    const membership = await host.disk.readFile(`${folder.node(name)}/membership.json`);
    if (membership === undefined) continue;
    found = true;
    const { networks } = JSON.parse(Buffer.from(membership).toString()) as {
      networks: { serviceCidr: string };
    };
    await removeNode(host, { ...JOINED_NODE, folder: folder.node(name) }, networks.serviceCidr);
  }
  return found;
}

/** Volumes of pods in memory; removing a folder stops at a mount point. */
async function unmountBelow({ disk, processes }: Host, folder: string): Promise<void> {
  const table = await disk.readFile('/proc/self/mountinfo');
  const points = mountPointsBelow(Buffer.from(table ?? []).toString(), folder);
  for (const point of points) await processes.run(['umount', '--lazy', point]);
}

type RemovablePlace = Pick<NodePlace, 'folder' | 'stateFolder' | 'cniName' | 'bridge' | 'tunnelDevice'> & {
  readonly networkNamespace?: NamespacePlace | undefined;
};

async function removeNode(host: Host, place: RemovablePlace, serviceCidr: string): Promise<void> {
  const prefixCommand = place.networkNamespace?.prefixCommand ?? [];
  const options = { ...containerdOptions(place, ''), prefixCommand };
  await removeContainerd(host, options, silentLogger);
  await unmountBelow(host, place.folder);
  const { files } = createLinuxSystem(host.processes);
  await removePodCgroups({ files, parent: cgroupParent(place.cniName) });
  const run = (command: readonly string[], input = '') =>
    host.processes.run([...prefixCommand, ...command], { input });
  for (const device of [place.tunnelDevice, place.bridge]) await run(['ip', 'link', 'delete', device]);
  await run(['ip', 'address', 'delete', `${nthAddress(serviceCidr, 10)}/32`, 'dev', DNS_DEVICE]);
  for (const table of ['services', 'pods']) {
    const name = `${place.cniName}-${table}`;
    await run(['nft', '-f', '-'], `table ip ${name}\ndelete table ip ${name}\n`);
  }
}
