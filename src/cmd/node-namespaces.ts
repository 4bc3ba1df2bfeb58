/**
 * Network namespaces for several real nodes on one machine: made before the agents start, removed with the
 * cluster.
 */

import type { Processes } from '../host/host.ts';
import type { NamespacePlace, NodeBridge } from './node-places.ts';

/** Idempotent: what is there stays. */
export async function ensureNamespaces(
  processes: Processes,
  bridge: NodeBridge,
  places: readonly NamespacePlace[],
): Promise<void> {
  await succeed(processes, ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1']);
  if (!(await exists(processes, ['ip', 'link', 'show', bridge.device]))) {
    await succeed(processes, ['ip', 'link', 'add', bridge.device, 'type', 'bridge']);
  }
  await succeed(processes, ['ip', 'address', 'replace', `${bridge.address}/24`, 'dev', bridge.device]);
  await succeed(processes, ['ip', 'link', 'set', bridge.device, 'up']);
  await succeed(processes, ['nft', '-f', '-'], masquerade(bridge));
  for (const place of places) await ensureNamespace(processes, bridge, place);
}

async function ensureNamespace(
  processes: Processes,
  bridge: NodeBridge,
  place: NamespacePlace,
): Promise<void> {
  const { name, outerDevice, innerDevice, address, prefixCommand } = place;
  if (await exists(processes, ['ip', 'link', 'show', outerDevice])) return;
  // A namespace whose cable is gone is of no use: begin anew.
  await processes.run(['ip', 'netns', 'delete', name]);
  await succeed(processes, ['ip', 'netns', 'add', name]);
  const peer = ['peer', 'name', innerDevice, 'netns', name];
  await succeed(processes, ['ip', 'link', 'add', outerDevice, 'type', 'veth', ...peer]);
  await succeed(processes, ['ip', 'link', 'set', outerDevice, 'master', bridge.device, 'up']);
  const inside = (...command: readonly string[]): Promise<void> =>
    succeed(processes, [...prefixCommand, ...command]);
  await inside('ip', 'link', 'set', 'lo', 'up');
  await inside('ip', 'address', 'add', address, 'dev', innerDevice);
  await inside('ip', 'link', 'set', innerDevice, 'up');
  await inside('ip', 'route', 'add', 'default', 'via', bridge.address);
  await inside('sysctl', '-q', '-w', 'net.ipv4.ip_forward=1');
}

export async function removeNamespaces(
  processes: Processes,
  bridge: NodeBridge,
  places: readonly NamespacePlace[],
): Promise<void> {
  for (const { name, outerDevice } of places) {
    await processes.run(['ip', 'link', 'delete', outerDevice]);
    await processes.run(['ip', 'netns', 'delete', name]);
  }
  if (places.length === 0) return;
  await processes.run(['ip', 'link', 'delete', bridge.device]);
  await processes.run(['nft', '-f', '-'], {
    input: `table ip ${bridge.table}\ndelete table ip ${bridge.table}\n`,
  });
}

/** Nodes reach the world, and registries on it, through the machine. */
function masquerade({ table, network, device }: NodeBridge): string {
  return `table ip ${table}
delete table ip ${table}
table ip ${table} {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${network} oifname != "${device}" masquerade
  }
}
`;
}

async function exists(processes: Processes, command: readonly string[]): Promise<boolean> {
  return (await processes.run(command)).exitCode === 0;
}

async function succeed(processes: Processes, command: readonly string[], input = ''): Promise<void> {
  const { exitCode, stderr } = await processes.run(command, { input });
  if (exitCode !== 0) throw new Error(`${command.join(' ')}: ${stderr.trim().slice(0, 400)}`);
}
