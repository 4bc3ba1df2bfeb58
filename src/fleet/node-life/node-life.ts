/**
 * Plays the kubelets' heartbeats: a node's status says that it is ready, again every five minutes, and its
 * Lease is renewed every ten seconds; while the node is silent, neither.
 */

import { isKwokNode, isPlayed } from '../../api/groups/core/node/played-node.ts';
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
import { Followed } from '../followed.ts';
import { membershipOf, playedAddress } from '../members.ts';
import { nodeFleets, type NodeFleet } from '../node-fleet.ts';
import { silentUntilMs } from '../outages.ts';
import { lot } from '../delays.ts';
import { StagePlayer } from '../stages/player.ts';
import { Stages } from '../stages/stages.ts';
import type { Functions } from '../stages/template/template.ts';
import { readyStatus } from './ready-status.ts';

const LEASE_NAMESPACE = 'kube-node-lease';
const LEASE_SECONDS = 40;
const RENEW_MS = 10_000;
const REPORT_MS = 300_000;
/** How soon to look again while Stages are not known yet. */
const STAGES_MS = 100;

export const nodeLifeController: ControllerDefinition = {
  name: 'fleet-node-life-controller',
  permissions: [
    { apiGroups: [''], resources: ['nodes'], verbs: ['delete', 'get', 'list', 'patch', 'watch'] },
    { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch', 'update'] },
    { apiGroups: ['kwok.x-k8s.io'], resources: ['stages'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create', 'get', 'update'] },
  ],
  workers: 128,
  build: (context, enqueue) => new NodeLife(context, enqueue),
};

class NodeLife implements Reconciler {
  readonly #context: ControllerContext;
  readonly #nodes: Informer<Node>;
  readonly #fleets: Followed<NodeFleet>;
  readonly #stages: Stages;
  readonly #player: StagePlayer<Node>;
  /** As last written: nobody else writes them. */
  readonly #leases = new Map<string, Lease>();
  /** When the next renewal is due. */
  readonly #renewals = new Map<string, number>();

  constructor(context: ControllerContext, enqueue: Enqueue) {
    this.#context = context;
    this.#nodes = context.informers.of(nodes);
    this.#fleets = new Followed(context.informers, nodeFleets);
    this.#player = new StagePlayer(context, nodes);
    this.#stages = new Stages(context, 'Node', () => {
      for (const node of this.#nodes.list()) if (isKwokNode(node)) enqueue(node.metadata.name ?? '');
    });
    this.#nodes.subscribe((next, old, key) => {
      if (next === undefined) {
        this.#leases.delete(key);
        this.#renewals.delete(key);
        this.#player.forget(key);
      } else if (isPlayed(next) && (old === undefined || !isPlayed(old) || this.#isStaged(next)))
        enqueue(key);
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
    const renewMs = await this.#renewInTime(key, node, nowMs);
    if (isKwokNode(node) && this.#stages.isPending) return { requeueAfterMs: STAGES_MS };
    if (!this.#isStaged(node)) {
      if (isDue(node, nowMs)) await this.#report(node, nowMs);
      return { requeueAfterMs: renewMs };
    }
    const { requeueAfterMs = renewMs } = await this.#player.step(node, this.#stages.all(), functionsOf(node));
    return { requeueAfterMs: Math.min(renewMs, requeueAfterMs) };
  }

  #isStaged(node: Node): boolean {
    return isKwokNode(node) && this.#stages.isThereAny;
  }

  /** In how many milliseconds the next renewal is due. */
  async #renewInTime(key: string, node: Node, nowMs: number): Promise<number> {
    const dueMs = this.#renewals.get(key) ?? nowMs;
    if (dueMs > nowMs) return dueMs - nowMs;
    const isFirst = !this.#leases.has(key);
    await this.#renew(node, nowMs);
    // The first time anywhere in the period, so that the nodes of a fleet do not all come at once.
    const nextMs = isFirst ? 1 + lot(key, 'heartbeat') * RENEW_MS : RENEW_MS;
    this.#renewals.set(key, nowMs + nextMs);
    return nextMs;
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
    const status = readyStatus(node, playedAddress(node.metadata.name ?? ''), nowMs);
    await this.#context.client.update(nodes, { ...node, status }, { subresource: 'status' });
  }
}

function isDue({ status }: Node, nowMs: number): boolean {
  const ready = (status.conditions ?? []).find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True' || ready.lastHeartbeatTime === undefined) return true;
  return nowMs - timeMs(ready.lastHeartbeatTime) >= REPORT_MS;
}

/** What templates of Stages ask for. */
function functionsOf({ metadata: { name = '' } }: Node): Functions {
  return { NodeIP: () => playedAddress(name), NodeName: () => name, NodePort: () => 0 };
}
