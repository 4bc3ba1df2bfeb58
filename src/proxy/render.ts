/** From wanted rules to an nft script: the whole table once, afterwards only what differs. Pure. */

import { MARK_BASE, type AffinityChain, type Endpoint, type RuleState } from './rules.ts';

export interface TableOptions {
  /** Name of the table; every cluster and node network has its own. */
  readonly table: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
}

/** Elements of one command; longer lists are split, which nft takes in one transaction all the same. */
const ELEMENTS_PER_COMMAND = 5_000;

const MAPS = {
  services: 'services',
  endpoints: 'endpoints',
  nodePorts: 'node-ports',
  nodePortEndpoints: 'node-port-endpoints',
  clusterIps: 'cluster-ips',
  unserved: 'unserved',
  unservedNodePorts: 'unserved-node-ports',
  keepSourceTcp: 'keep-source-tcp',
  keepSourceUdp: 'keep-source-udp',
  hairpin: 'hairpin',
} as const satisfies { readonly [K in keyof RuleState]?: string };

type MapName = keyof typeof MAPS;
const MAP_NAMES = Object.keys(MAPS) as readonly MapName[];

/** Replaces whatever is there: for the first application and after a failed one. */
export function renderTable(options: TableOptions, rules: RuleState): string {
  const { table } = options;
  const chains = [...rules.counts].map((count) => pickChains(table, count));
  const affinity = [...rules.affinity].map(([name, chain]) => affinityChain(table, name, chain));
  const elements = MAP_NAMES.flatMap((map) => addElements(table, map, [...rules[map]]));
  return [
    `table ip ${table}`,
    `delete table ip ${table}`,
    base(options),
    ...chains,
    ...affinity,
    ...elements,
    '',
  ].join('\n');
}

/** Empty when nothing differs. */
export function renderDifference({ table }: TableOptions, before: RuleState, after: RuleState): string {
  const commands: string[] = [];
  for (const count of after.counts) if (!before.counts.has(count)) commands.push(pickChains(table, count));
  for (const [name, chain] of after.affinity) {
    const old = before.affinity.get(name);
    if (old === undefined || !sameChain(old, chain)) commands.push(affinityChain(table, name, chain));
  }
  for (const map of MAP_NAMES) {
    const gone = [...before[map]].filter(([key, value]) => after[map].get(key) !== value);
    const fresh = [...after[map]].filter(([key, value]) => before[map].get(key) !== value);
    commands.push(...deleteElements(table, map, gone), ...addElements(table, map, fresh));
  }
  // After the elements and rules that pointed at them.
  for (const [name, chain] of before.affinity) {
    commands.push(...affinityRemoval(table, name, chain, after.affinity.get(name)));
  }
  return commands.length === 0 ? '' : `${commands.join('\n')}\n`;
}

export function renderRemoval({ table }: TableOptions): string {
  return `table ip ${table}\ndelete table ip ${table}\n`;
}

function base({ table, podCidr, serviceCidr }: TableOptions): string {
  return `table ip ${table} {
  map services { type ipv4_addr . inet_proto . inet_service : verdict; }
  map endpoints { type ipv4_addr . inet_proto . inet_service . mark : ipv4_addr . inet_service; }
  map node-ports { type inet_proto . inet_service : verdict; }
  map node-port-endpoints { type inet_proto . inet_service . mark : ipv4_addr . inet_service; }
  set cluster-ips { type ipv4_addr; }
  set unserved { type ipv4_addr . inet_proto . inet_service; }
  set unserved-node-ports { type inet_proto . inet_service; }
  set keep-source-tcp { type inet_service; }
  set keep-source-udp { type inet_service; }
  set hairpin { type ipv4_addr . ipv4_addr; }
  chain find-service {
    ip daddr . meta l4proto . th dport vmap @services
    ip daddr != 127.0.0.0/8 fib daddr type local meta l4proto . th dport vmap @node-ports
  }
  chain refuse-unknown {
    ip daddr @cluster-ips reject
    drop
  }
  chain refuse-unserved {
    ip daddr . meta l4proto . th dport @unserved reject
    ip daddr != 127.0.0.0/8 fib daddr type local meta l4proto . th dport @unserved-node-ports reject
    ip daddr ${serviceCidr} fib daddr type != local jump refuse-unknown
  }
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    jump find-service
  }
  chain output {
    type nat hook output priority -100; policy accept;
    jump find-service
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ct status & dnat == 0 return
    ip saddr . ip daddr @hairpin masquerade
    ip saddr ${podCidr} return
    ct original ip daddr ${serviceCidr} fib saddr type local return
    ct original ip daddr ${serviceCidr} masquerade
    meta l4proto tcp ct original proto-dst @keep-source-tcp return
    meta l4proto udp ct original proto-dst @keep-source-udp return
    masquerade
  }
  chain refuse-input {
    type filter hook input priority filter; policy accept;
    ct state new jump refuse-unserved
  }
  chain refuse-forward {
    type filter hook forward priority filter; policy accept;
    ct state new jump refuse-unserved
  }
  chain refuse-output {
    type filter hook output priority filter; policy accept;
    ct state new jump refuse-unserved
  }
}`;
}

/** The drawn index travels in the packet's mark: nft accepts no bare number in the key of a named map. */
function pickChains(table: string, count: number): string {
  const draw = `meta mark set numgen random mod ${count} offset ${MARK_BASE}`;
  const chain = (name: string, key: string, map: string): readonly string[] => [
    `add chain ip ${table} ${name}`,
    `flush chain ip ${table} ${name}`,
    `add rule ip ${table} ${name} ${draw}`,
    `add rule ip ${table} ${name} dnat ip to ${key} . meta mark map @${map}`,
  ];
  return [
    ...chain(`pick-${count}`, 'ip daddr . meta l4proto . th dport', MAPS.endpoints),
    ...chain(`node-pick-${count}`, 'meta l4proto . th dport', MAPS.nodePortEndpoints),
  ].join('\n');
}

/** One endpoint's chain, and the set of clients that stay with it. */
function memberName(name: string, { address, port }: Endpoint): string {
  return `${name}-${address.replaceAll('.', '_')}_${port}`;
}

/** A client goes where it went before, while that endpoint is there; else one is drawn and remembered. */
function affinityChain(table: string, name: string, { timeoutSeconds, endpoints }: AffinityChain): string {
  const lines = [`add chain ip ${table} ${name}`, `flush chain ip ${table} ${name}`];
  const members = endpoints.map((endpoint) => ({ endpoint, member: memberName(name, endpoint) }));
  for (const { endpoint, member } of members) {
    lines.push(
      `add set ip ${table} ${member} { type ipv4_addr; flags dynamic,timeout; timeout ${timeoutSeconds}s; }`,
      `add chain ip ${table} ${member}`,
      `flush chain ip ${table} ${member}`,
      `add rule ip ${table} ${member} update @${member} { ip saddr }`,
    );
    for (const protocol of ['tcp', 'udp', 'sctp']) {
      const to = `${endpoint.address}:${endpoint.port}`;
      lines.push(`add rule ip ${table} ${member} meta l4proto ${protocol} dnat ip to ${to}`);
    }
    lines.push(`add rule ip ${table} ${name} ip saddr @${member} goto ${member}`);
  }
  const choices = members.map(({ member }, i) => `${i} : goto ${member}`).join(', ');
  lines.push(`add rule ip ${table} ${name} numgen random mod ${endpoints.length} vmap { ${choices} }`);
  return lines.join('\n');
}

/** What of an old chain is left over once `next` stands in its place. */
function affinityRemoval(
  table: string,
  name: string,
  old: AffinityChain,
  next: AffinityChain | undefined,
): string[] {
  const kept = new Set((next?.endpoints ?? []).map((endpoint) => memberName(name, endpoint)));
  const gone = old.endpoints
    .map((endpoint) => memberName(name, endpoint))
    .filter((member) => !kept.has(member));
  return [
    ...(next === undefined ? [`flush chain ip ${table} ${name}`, `delete chain ip ${table} ${name}`] : []),
    ...gone.flatMap((member) => [
      `flush chain ip ${table} ${member}`,
      `delete chain ip ${table} ${member}`,
      `delete set ip ${table} ${member}`,
    ]),
  ];
}

function sameChain(a: AffinityChain, b: AffinityChain): boolean {
  return a.timeoutSeconds === b.timeoutSeconds && JSON.stringify(a.endpoints) === JSON.stringify(b.endpoints);
}

type Elements = readonly (readonly [key: string, value: string])[];

function addElements(table: string, map: MapName, elements: Elements): string[] {
  const text = ([key, value]: readonly [string, string]): string =>
    value === '' ? key : `${key} : ${value}`;
  return chunks(elements).map(
    (chunk) => `add element ip ${table} ${MAPS[map]} { ${chunk.map(text).join(', ')} }`,
  );
}

function deleteElements(table: string, map: MapName, elements: Elements): string[] {
  return chunks(elements).map(
    (chunk) => `delete element ip ${table} ${MAPS[map]} { ${chunk.map(([key]) => key).join(', ')} }`,
  );
}

function chunks(elements: Elements): Elements[] {
  const parts: Elements[] = [];
  for (let i = 0; i < elements.length; i += ELEMENTS_PER_COMMAND)
    parts.push(elements.slice(i, i + ELEMENTS_PER_COMMAND));
  return parts;
}
