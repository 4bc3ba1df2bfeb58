/**
 * Keeps a node's part of the pod network in step with the Node objects: forwarding, masquerading, the VXLAN
 * device and its peers. Removing it is the caller's matter (`remove`), since pods must keep their network
 * while an agent restarts.
 */

import { notReady, READY, type Component, type Readiness } from '../base/component.ts';
import { errorText, type Logger } from '../base/log.ts';
import type { ResourceType } from '../api/meta/object.ts';
import type { Node } from '../api/types.gen.ts';
import type { Informers } from '../client/informer/informer.ts';
import type { Clock, Processes } from '../host/host.ts';
import {
  changePeers,
  masqueradeTable,
  observeNodes,
  setUpDevice,
  type DeviceOptions,
  type NetworkCommands,
  type Peer,
} from './plan.ts';

const RETRY_MS = 2_000;
const GATHER_MS = 50;
const COMMAND_TIMEOUT_MS = 10_000;

export interface PodNetworkOptions extends DeviceOptions {
  readonly nodeName: string;
  /** The network of all pods of the cluster. */
  readonly podCidr: string;
  readonly table: string;
  readonly informers: Informers;
  readonly nodes: ResourceType<Node>;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class PodNetwork implements Component {
  readonly name = 'pod-network';
  readonly #options: PodNetworkOptions;
  #self: Peer | undefined;
  #peers: readonly Peer[] = [];
  #based = false;
  #problem = 'the node has no pod CIDR yet';
  #wake: (() => void) | undefined;
  #dirty = true;

  constructor(options: PodNetworkOptions) {
    this.#options = options;
    options.informers.of(options.nodes);
  }

  ready(): Readiness {
    return this.#problem === '' ? READY : notReady(this.#problem);
  }

  async start(signal: AbortSignal): Promise<void> {
    const { informers, nodes, clock, logger } = this.#options;
    informers.of(nodes).subscribe(() => this.#mark());
    await informers.waitForSync(signal);
    signal.addEventListener('abort', () => this.#mark(), { once: true });
    while (!signal.aborted) {
      this.#dirty = false;
      try {
        await this.#sync();
      } catch (error) {
        this.#problem = errorText(error);
        logger.error(`the pod network could not be set up: ${this.#problem}`);
        await clock.sleep(RETRY_MS, signal);
        continue;
      }
      await this.#untilMarked();
      await clock.sleep(GATHER_MS, signal);
    }
  }

  async remove(): Promise<void> {
    const { processes, device, table } = this.#options;
    await processes.run(['ip', 'link', 'delete', device]);
    await processes.run(['nft', '-f', '-'], { input: `table ip ${table}\ndelete table ip ${table}\n` });
  }

  #mark(): void {
    this.#dirty = true;
    this.#wake?.();
  }

  #untilMarked(): Promise<void> {
    if (this.#dirty) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #sync(): Promise<void> {
    const { informers, nodes, nodeName } = this.#options;
    if (!this.#based) await this.#setUpBase();
    const { self, peers } = observeNodes(informers.of(nodes).list(), nodeName);
    if (self === undefined) return;
    // One node needs no tunnel.
    if (peers.length > 0 && !samePeer(self, this.#self)) {
      await this.#options.processes.run(['ip', 'link', 'delete', this.#options.device]);
      await this.#apply(setUpDevice(this.#options, self));
      this.#self = self;
      this.#peers = [];
    }
    if (this.#self !== undefined) {
      await this.#apply(changePeers(this.#options, this.#peers, peers));
      this.#peers = peers;
    }
    this.#problem = '';
  }

  async #setUpBase(): Promise<void> {
    await this.#run(['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1'], '');
    await this.#run(['nft', '-f', '-'], masqueradeTable(this.#options.table, this.#options.podCidr));
    this.#based = true;
  }

  async #apply({ ip, bridge }: NetworkCommands): Promise<void> {
    if (ip.length > 0) await this.#run(['ip', '-force', '-batch', '-'], `${ip.join('\n')}\n`);
    if (bridge.length > 0) await this.#run(['bridge', '-force', '-batch', '-'], `${bridge.join('\n')}\n`);
  }

  async #run(command: readonly string[], input: string): Promise<void> {
    const answer = await this.#options.processes.run(command, { input, timeoutMs: COMMAND_TIMEOUT_MS });
    if (answer.exitCode !== 0) throw new Error(`${command.join(' ')}: ${answer.stderr.trim().slice(0, 500)}`);
  }
}

function samePeer(a: Peer, b: Peer | undefined): boolean {
  return b !== undefined && a.podCidr === b.podCidr && a.nodeAddress === b.nodeAddress;
}
