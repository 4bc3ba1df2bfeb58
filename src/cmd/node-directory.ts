/**
 * The nodes as the server sees them: simulated ones run in its own process, those of fleets are played from
 * their objects, real ones are reached over HTTPS.
 */

import type { Logger } from '../base/log.ts';
import { nthAddress } from '../api/addresses/addresses.ts';
import type { Node, Pod } from '../api/types.gen.ts';
import { RemoteNodeOperations } from '../client/node/remote-node-operations.ts';
import type { NodeConnection } from '../apiserver/forwarding/proxy-subresources.ts';
import type { NodeOperations } from '../client/node-operations.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { Host } from '../host/host.ts';
import { playedOperations } from '../node-agent/played-node.ts';
import { SimulatedNodes } from '../node-agent/simulated-nodes.ts';
import type { Credentials } from './credentials.ts';
import type { ClusterSettings } from './settings.ts';

export interface NodeDirectoryParts {
  readonly host: Host;
  readonly settings: ClusterSettings;
  readonly credentials: Credentials;
  readonly logger: Logger;
  /** Objects as they are now. */
  readonly nodeOf: (name: string) => Node | undefined;
  readonly podOf: (namespace: string, name: string) => Pod | undefined;
}

const SIMULATED_MACHINE = { cpus: 8, memoryBytes: 32 * 2 ** 30 };

export class NodeDirectory {
  readonly #parts: NodeDirectoryParts;
  #simulated: SimulatedNodes | undefined;

  constructor(parts: NodeDirectoryParts) {
    this.#parts = parts;
  }

  operationsOf(nodeName: string): NodeOperations | undefined {
    const own = this.#simulated?.operationsOf(nodeName);
    if (own !== undefined) return own;
    const { host, nodeOf, podOf } = this.#parts;
    const played = playedOperations(nodeName, { clock: host.clock, nodeOf, podOf });
    if (played !== undefined) return played;
    const connection = this.connectionOf(nodeName);
    return connection?.type === 'kubelet' ? new RemoteNodeOperations(connection) : undefined;
  }

  connectionOf(nodeName: string): NodeConnection | undefined {
    if (this.#simulated?.operationsOf(nodeName) !== undefined) return { type: 'simulated' };
    const node = this.#parts.nodeOf(nodeName);
    const address = (node?.status.addresses ?? []).find(({ type }) => type === 'InternalIP')?.address;
    const port = node?.status.daemonEndpoints?.kubeletEndpoint?.Port ?? 0;
    if (address === undefined || port === 0) return undefined;
    const { authority, kubeletClient } = this.#parts.credentials;
    return {
      type: 'kubelet',
      address,
      port,
      authorityPem: authority.certificatePem,
      client: kubeletClient,
    };
  }

  /** Runs the simulated nodes, if there are any, until `signal` aborts. */
  async run(controlPlane: ControlPlane, signal: AbortSignal): Promise<void> {
    const { host, settings, logger } = this.#parts;
    if (settings.runtime !== 'simulated') return;
    const client = controlPlane.client(undefined, 'k8ts/simulated-nodes');
    this.#simulated = new SimulatedNodes({
      count: settings.nodes,
      namePrefix: 'node',
      client,
      informers: controlPlane.informers,
      host,
      logger,
      clusterDomain: settings.clusterDomain,
      clusterDns: nthAddress(settings.serviceCidr, 10),
      machine: SIMULATED_MACHINE,
    });
    await this.#simulated.run(signal);
  }
}
