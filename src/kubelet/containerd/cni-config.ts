/**
 * Renders the CNI configuration of a node (pure): a bridge per node, addresses from the pod CIDR, host ports.
 *
 * Containerd adds the loopback interface by itself. Masquerading is not the bridge's: the network layer does
 * it, since only it knows which destinations are pods of other nodes.
 */

export interface CniConfig {
  /** The network's name; names the folder of taken addresses. */
  readonly name: string;
  /** Name of the bridge: at most 15 characters, as Linux has it. */
  readonly bridge: string;
  readonly podCidr: string;
  /** Where host-local keeps the taken addresses; one folder per node. */
  readonly dataFolder: string;
  /** Absent: the kernel's default of 1500. */
  readonly mtu?: number;
}

export const bridgeNameLengthMax = 15;

export function renderCniConfig(config: CniConfig): string {
  const bridge = {
    type: 'bridge',
    bridge: config.bridge,
    isGateway: true,
    // A pod reaches its own Service, which may lead back to itself.
    hairpinMode: true,
    forceAddress: true,
    ipMasq: false,
    ...(config.mtu === undefined ? {} : { mtu: config.mtu }),
    ipam: {
      type: 'host-local',
      dataDir: config.dataFolder,
      ranges: config.podCidr.split(',').map((subnet) => [{ subnet }]),
      routes: config.podCidr
        .split(',')
        .map((subnet) => ({ dst: subnet.includes(':') ? '::/0' : '0.0.0.0/0' })),
    },
  };
  const portmap = { type: 'portmap', capabilities: { portMappings: true }, snat: true };
  const list = { cniVersion: '0.4.0', name: config.name, plugins: [bridge, portmap] };
  return `${JSON.stringify(list, undefined, 2)}\n`;
}

/** Why the configuration cannot work, in words for the user; undefined when it can. */
export function invalidCniConfig(config: CniConfig): string | undefined {
  const { bridge, podCidr } = config;
  if (bridge.length > bridgeNameLengthMax || !/^[A-Za-z0-9._-]+$/.test(bridge)) {
    return `bridge name "${bridge}" must have 1 to ${bridgeNameLengthMax} letters, digits, dots or dashes`;
  }
  const wrong = podCidr.split(',').find((cidr) => !/^[0-9a-fA-F.:]+\/\d{1,3}$/.test(cidr));
  return wrong === undefined ? undefined : `pod CIDR "${wrong}" is no network such as 10.42.0.0/24`;
}
