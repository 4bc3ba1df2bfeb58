/**
 * Services as nftables state, as a pure function: services and their endpoints in, elements of maps and
 * sets out.
 *
 * The rules themselves never change with the services; only map elements do. A packet to a service looks up
 * `address . protocol . port` and goes to the chain for its number of endpoints, which draws an index and
 * looks up the endpoint under `address . protocol . port . index`. So one more service costs a few
 * elements, whatever their number. Only services with session affinity need chains of their own.
 *
 * Example: web 10.43.0.9:80/TCP with endpoints 10.42.0.5:8080 and 10.42.0.6:8080
 *   services   10.43.0.9 . tcp . 80     : goto pick-2
 *   endpoints  10.43.0.9 . tcp . 80 . base+0 : 10.42.0.5 . 8080
 *   endpoints  10.43.0.9 . tcp . 80 . base+1 : 10.42.0.6 . 8080
 */

/** Added to a drawn index, far from the small marks that people's own rules use. */
export const MARK_BASE = 0x4b38_0000;

export type Protocol = 'tcp' | 'udp' | 'sctp';

export interface ServicePort {
  /** `namespace/name:port`, for comments and affinity chains. */
  readonly id: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** 0: none. */
  readonly nodePort: number;
  /** Seconds that a client stays with its endpoint; 0: no affinity. */
  readonly affinitySeconds: number;
  /** Addresses inside the cluster: cluster IPs. */
  readonly clusterAddresses: readonly string[];
  /** Addresses outside: external IPs and load balancer addresses. */
  readonly externalAddresses: readonly string[];
  /** Endpoints for traffic from inside the cluster, by the service's policy. */
  readonly internalEndpoints: readonly Endpoint[];
  /** Endpoints for traffic from outside, by the service's policy. */
  readonly externalEndpoints: readonly Endpoint[];
  /** Traffic from outside keeps its source address, and is dropped where no endpoint is on the node. */
  readonly externalLocal: boolean;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Elements by map; keys and values are texts as nft takes them. */
export interface RuleState {
  readonly services: ReadonlyMap<string, string>;
  readonly endpoints: ReadonlyMap<string, string>;
  readonly nodePorts: ReadonlyMap<string, string>;
  readonly nodePortEndpoints: ReadonlyMap<string, string>;
  /** Cluster IPs: ports of theirs that no service has are refused. */
  readonly clusterIps: ReadonlyMap<string, string>;
  /** `address . protocol . port` of services that nobody serves: refused. */
  readonly unserved: ReadonlyMap<string, string>;
  /** `protocol . port`. */
  readonly unservedNodePorts: ReadonlyMap<string, string>;
  /** Node ports whose traffic keeps its source address, by protocol. */
  readonly keepSourceTcp: ReadonlyMap<string, string>;
  readonly keepSourceUdp: ReadonlyMap<string, string>;
  /** `address . address` of endpoints: traffic that comes back to its sender needs another source. */
  readonly hairpin: ReadonlyMap<string, string>;
  /** Numbers of endpoints for which a chain must exist. */
  readonly counts: ReadonlySet<number>;
  /** Bodies of the chains of services with affinity, and the sets that remember their clients. */
  readonly affinity: ReadonlyMap<string, AffinityChain>;
}

export interface AffinityChain {
  readonly timeoutSeconds: number;
  readonly endpoints: readonly Endpoint[];
}

interface Draft {
  services: Map<string, string>;
  endpoints: Map<string, string>;
  nodePorts: Map<string, string>;
  nodePortEndpoints: Map<string, string>;
  clusterIps: Map<string, string>;
  unserved: Map<string, string>;
  unservedNodePorts: Map<string, string>;
  keepSourceTcp: Map<string, string>;
  keepSourceUdp: Map<string, string>;
  hairpin: Map<string, string>;
  counts: Set<number>;
  affinity: Map<string, AffinityChain>;
}

export function emptyRules(): RuleState {
  return draft();
}

function draft(): Draft {
  return {
    services: new Map(),
    endpoints: new Map(),
    nodePorts: new Map(),
    nodePortEndpoints: new Map(),
    clusterIps: new Map(),
    unserved: new Map(),
    unservedNodePorts: new Map(),
    keepSourceTcp: new Map(),
    keepSourceUdp: new Map(),
    hairpin: new Map(),
    counts: new Set(),
    affinity: new Map(),
  };
}

export function planRules(ports: readonly ServicePort[]): RuleState {
  const rules = draft();
  for (const port of ports) {
    for (const address of port.clusterAddresses) {
      rules.clusterIps.set(address, '');
      addAddress(rules, port, address, port.internalEndpoints);
    }
    for (const address of port.externalAddresses) addAddress(rules, port, address, port.externalEndpoints);
    if (port.nodePort > 0) addNodePort(rules, port);
    for (const { address } of [...port.internalEndpoints, ...port.externalEndpoints]) {
      rules.hairpin.set(`${address} . ${address}`, '');
    }
  }
  return rules;
}

function addAddress(rules: Draft, port: ServicePort, address: string, endpoints: readonly Endpoint[]): void {
  const key = `${address} . ${port.protocol} . ${port.port}`;
  if (endpoints.length === 0) rules.unserved.set(key, '');
  else if (port.affinitySeconds > 0) rules.services.set(key, `goto ${addAffinity(rules, port, endpoints)}`);
  else {
    rules.counts.add(endpoints.length);
    rules.services.set(key, `goto pick-${endpoints.length}`);
    for (const [i, endpoint] of endpoints.entries())
      rules.endpoints.set(`${key} . ${MARK_BASE + i}`, target(endpoint));
  }
}

function addNodePort(rules: Draft, port: ServicePort): void {
  const key = `${port.protocol} . ${port.nodePort}`;
  const endpoints = port.externalEndpoints;
  if (port.externalLocal) {
    const keepSource = port.protocol === 'udp' ? rules.keepSourceUdp : rules.keepSourceTcp;
    keepSource.set(String(port.nodePort), '');
  }
  if (endpoints.length === 0) rules.unservedNodePorts.set(key, '');
  else if (port.affinitySeconds > 0) rules.nodePorts.set(key, `goto ${addAffinity(rules, port, endpoints)}`);
  else {
    rules.counts.add(endpoints.length);
    rules.nodePorts.set(key, `goto node-pick-${endpoints.length}`);
    for (const [i, endpoint] of endpoints.entries())
      rules.nodePortEndpoints.set(`${key} . ${MARK_BASE + i}`, target(endpoint));
  }
}

function target({ address, port }: Endpoint): string {
  return `${address} . ${port}`;
}

/** The chain's name: it must be a word, and tell apart inside and outside when their endpoints differ. */
function addAffinity(rules: Draft, port: ServicePort, endpoints: readonly Endpoint[]): string {
  const suffix = endpoints === port.internalEndpoints ? '' : '-out';
  const name = `aff-${port.id.replaceAll(/[^a-zA-Z0-9-]/g, '_')}${suffix}`.slice(0, 100);
  rules.affinity.set(name, { timeoutSeconds: port.affinitySeconds, endpoints });
  return name;
}
