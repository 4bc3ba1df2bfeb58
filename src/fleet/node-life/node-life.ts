/**
 * Plays the kubelets' heartbeats: a node's status says that it is ready, again every five minutes, and its
 * Lease is renewed every ten seconds; while the node is silent, neither.
 */

import { isPlayed } from '../../api/groups/core/node/played-node.ts';
import { leases } from '../../api/groups/coordination/lease/lease.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { formatMicroTime, timeMs } from '../../api/time/time.ts';
import type { Lease, Node } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  ReconcileResult,
  Reconciler,
} from '../../reconcile/controller.ts';
import { Fleets } from '../fleets.ts';
import { membershipOf } from '../members.ts';
import { silentUntilMs } from '../outages.ts';
import { lot } from '../delays.ts';
import { readyStatus } from './ready-status.ts';

const LEASE_NAMESPACE = 'kube-node-lease';
const LEASE_SECONDS = 40;
const RENEW_MS = 10_000;
const REPORT_MS = 300_000;

export const nodeLifeController: ControllerDefinition = {
  name: 'fleet-node-life-controller',
  permissions: [
    { apiGroups: [''], resources: ['nodes', 'nodes/status'], verbs: ['get', 'list', 'watch', 'update'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create', 'get', 'update'] },
  ],
  workers: 32,
  build: (context, enqueue) => new NodeLife(context, enqueue),
};

class NodeLife implements Reconciler {
  readonly #context: ControllerContext;
  readonly #nodes: Informer<Node>;
  readonly #fleets: Fleets;
  /** As last written: nobody else writes them. */
  readonly #leases = new Map<string, Lease>();

  constructor(context: ControllerContext, enqueue: Enqueue) {
    this.#context = context;
    this.#nodes = context.informers.of(nodes);
    this.#fleets = new Fleets(context.informers);
    this.#nodes.subscribe((next, old, key) => {
      if (next === undefined) this.#leases.delete(key);
      else if (isPlayed(next) && (old === undefined || !isPlayed(old))) enqueue(key);
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const node = this.#nodes.getByKey(key);
    if (node === undefined || !isPlayed(node) || node.metadata.deletionTimestamp !== undefined) return {};
    const nowMs = this.#context.clock.now();
    const silentMs = silentUntilMs(
      membershipOf(node, (name) => this.#fleets.get(name)),
      nowMs,
    );
    if (silentMs !== undefined) return { requeueAfterMs: silentMs - nowMs };
    const isFirst = !this.#leases.has(key);
    await this.#renew(node, nowMs);
    if (isDue(node, nowMs)) await this.#report(node, nowMs);
    // The first time anywhere in the period, so that the nodes of a fleet do not all come at once.
    return { requeueAfterMs: isFirst ? 1 + lot(key, 'heartbeat') * RENEW_MS : RENEW_MS };
  }

  async #renew(node: Node, nowMs: number): Promise<void> {
    const { name = '', uid = '' } = node.metadata;
    const known = this.#leases.get(name);
    const spec = {
      holderIdentity: name,
      leaseDurationSeconds: LEASE_SECONDS,
      renewTime: formatMicroTime(nowMs),
    };
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid }];
    const metadata = { name, namespace: LEASE_NAMESPACE, ownerReferences };
    try {
      const { client } = this.#context;
      const written =
        known === undefined
          ? await client.create(leases, { metadata, spec })
          : await client.update(leases, { ...known, spec });
      this.#leases.set(name, written);
    } catch (error) {
      if (isApiError(error, 'AlreadyExists') || isApiError(error, 'Conflict')) {
        const ref = { namespace: LEASE_NAMESPACE, name };
        this.#leases.set(name, await this.#context.client.get(leases, ref));
      } else this.#leases.delete(name);
      throw error;
    }
  }

  async #report(node: Node, nowMs: number): Promise<void> {
    const number = Math.floor(lot(node.metadata.name ?? '', 'address') * 2 ** 22);
    const address = `100.${64 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
    const status = readyStatus(node, address, nowMs);
    await this.#context.client.update(nodes, { ...node, status }, { subresource: 'status' });
  }
}

function isDue({ status }: Node, nowMs: number): boolean {
  const ready = (status.conditions ?? []).find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True' || ready.lastHeartbeatTime === undefined) return true;
  return nowMs - timeMs(ready.lastHeartbeatTime) >= REPORT_MS;
}
