/**
 * Keeps the API told that this node lives: registers the Node, renews its Lease (every 10 s), writes its
 * status when something changed or after 5 minutes.
 *
 * Outputs: the Node and Lease objects; a call of `onPodCidr` when the cluster has assigned addresses.
 */

import { errorText, type Logger } from '../../base/log.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import { formatMicroTime, timeMs } from '../../api/time/time.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { Lease, Node, NodeStatus } from '../../api/types.gen.ts';
import type { Client } from '../../client/client.ts';
import type { Clock } from '../../host/host.ts';
import type { Image } from '../cri/messages.ts';
import { LEASES, NODES } from '../resource-types.ts';
import { nodeLabels, nodeStatus, type Health, type NodeFacts } from './node-object.ts';

const LEASE_NAMESPACE = 'kube-node-lease';
/** A Lease is good for so many renewals. */
const LEASE_RENEWALS = 4;
const REPORT_MS = 300_000;
const RETRY_MIN_MS = 200;
const RETRY_MAX_MS = 7_000;

export interface HeartbeatOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly facts: NodeFacts;
  readonly health: () => Promise<Health>;
  readonly images: () => Promise<readonly Image[]>;
  readonly onPodCidr: (podCidrs: readonly string[]) => Promise<void>;
  readonly renewMs: number;
}

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #node: Node | undefined;
  #podCidr = '';
  #isRegistered = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  get isRegistered(): boolean {
    return this.#isRegistered;
  }

  get node(): Node | undefined {
    return this.#node;
  }

  /** The Node has changed in the API. */
  async nodeChanged(node: Node): Promise<void> {
    this.#node = node;
    const podCidrs = node.spec.podCIDRs ?? (node.spec.podCIDR === undefined ? [] : [node.spec.podCIDR]);
    const joined = podCidrs.join(',');
    if (joined === '' || joined === this.#podCidr) return;
    this.#podCidr = joined;
    await this.#options.onPodCidr(podCidrs);
    await this.report();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    await this.#register(signal);
    while (!signal.aborted) {
      try {
        await this.#renewLease();
        await this.report();
      } catch (error) {
        logger.warn(`cannot report the node's state: ${errorText(error)}`);
      }
      await clock.sleep(this.#options.renewMs, signal);
    }
  }

  /** Writes the status if it says something new, or is old. */
  async report(): Promise<void> {
    const { client, clock, facts, health, images } = this.#options;
    const old = this.#node;
    if (old === undefined) return;
    const nowMs = clock.now();
    const next = nodeStatus(facts, await health(), await images(), nowMs, old);
    const lastMs = Math.max(
      0,
      ...(old.status.conditions ?? []).map((c) =>
        timeMs(c.lastHeartbeatTime ?? c.lastTransitionTime ?? '1970-01-01T00:00:00Z'),
      ),
    );
    if (nowMs - lastMs < Math.max(REPORT_MS, this.#options.renewMs) && !isNews(next, old.status)) return;
    const body = { status: statusBody(next) };
    const ref = { name: facts.nodeName };
    try {
      this.#node = await client.patch(NODES, ref, { type: 'strategic', body }, { subresource: 'status' });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
      // Somebody deleted the node while it lives: it registers again, as upstream's does.
      this.#node = await this.#createOrAdopt();
    }
  }

  async #register(signal: AbortSignal): Promise<void> {
    const { clock, logger, facts } = this.#options;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        this.#node = await this.#createOrAdopt();
        this.#isRegistered = true;
        logger.info(`node ${facts.nodeName} is registered`);
        await this.nodeChanged(this.#node);
        return;
      } catch (error) {
        const delayMs = Math.min(RETRY_MIN_MS * 2 ** failures, RETRY_MAX_MS);
        logger.warn(`cannot register node ${facts.nodeName}: ${errorText(error)}`, { delayMs });
        await clock.sleep(delayMs, signal);
      }
    }
  }

  async #createOrAdopt(): Promise<Node> {
    const { client, clock, facts, health, images } = this.#options;
    const status = nodeStatus(facts, await health(), await images(), clock.now());
    const labels = nodeLabels(facts);
    try {
      return await client.create(NODES, {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: facts.nodeName, labels },
        spec: facts.taints.length === 0 ? {} : { taints: facts.taints },
        status,
      });
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
    }
    const ref = { name: facts.nodeName };
    const existing = await client.get(NODES, ref);
    const missing = Object.entries(labels).filter(
      ([name, value]) => existing.metadata.labels?.[name] !== value,
    );
    if (missing.length > 0) {
      const body = { metadata: { labels: Object.fromEntries(missing) } };
      await client.patch(NODES, ref, { type: 'merge', body });
    }
    const next = nodeStatus(facts, await health(), await images(), clock.now(), existing);
    const body = { status: statusBody(next) };
    return client.patch(NODES, ref, { type: 'strategic', body }, { subresource: 'status' });
  }

  async #renewLease(): Promise<void> {
    const { client, clock, facts } = this.#options;
    const ref = { namespace: LEASE_NAMESPACE, name: facts.nodeName };
    const renewTime = formatMicroTime(clock.now());
    try {
      await client.patch(LEASES, ref, {
        type: 'merge',
        body: { spec: { renewTime, holderIdentity: facts.nodeName } },
      });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
      await client.create(LEASES, this.#newLease(renewTime));
    }
  }

  #newLease(renewTime: string): Lease {
    const { nodeName } = this.#options.facts;
    const uid = this.#node?.metadata.uid;
    const owner = { apiVersion: 'v1', kind: 'Node', name: nodeName, uid: uid ?? '' };
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        namespace: LEASE_NAMESPACE,
        name: nodeName,
        ...(uid === undefined ? {} : { ownerReferences: [owner] }),
      },
      spec: {
        holderIdentity: nodeName,
        leaseDurationSeconds: (LEASE_RENEWALS * this.#options.renewMs) / 1000,
        renewTime,
      },
    };
  }
}

/** Whether anything but the time of the heartbeat differs. */
function isNews(next: NodeStatus, old: NodeStatus): boolean {
  const substance = ({ images = [], ...rest }: NodeStatus): unknown => ({
    addresses: rest.addresses,
    capacity: rest.capacity,
    allocatable: rest.allocatable,
    nodeInfo: rest.nodeInfo,
    images,
  });
  const own = next.conditions ?? [];
  const same = own.every(({ type, status, reason, message }) => {
    const before = old.conditions?.find((condition) => condition.type === type);
    return before?.status === status && before.reason === reason && before.message === message;
  });
  return !same || !deepEqual(substance(next), substance(old));
}

function statusBody(status: NodeStatus): JsonObject {
  const { addresses = [], ...rest } = status;
  // Addresses are merged by type upstream; the node knows all of its own.
  return {
    ...(rest as unknown as JsonObject),
    addresses: [{ $patch: 'replace' }, ...(addresses as unknown as JsonObject[])],
  };
}
