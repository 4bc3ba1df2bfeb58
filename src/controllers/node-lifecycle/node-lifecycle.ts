/**
 * The node lifecycle controller: notices nodes that fell silent, says so in their conditions, marks their
 * pods as not ready and taints them, so that the scheduler avoids them and their pods are driven away
 * (`taint-eviction/`).
 *
 * Two kinds of keys: a node's name, for taints and labels that follow from the node object alone, and
 * `MONITOR`, a look at all nodes: every `MONITOR_PERIOD_MS` while one is in trouble, else when the first one
 * will have been silent for too long.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { leases } from '../../api/groups/coordination/lease/lease.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { formatTime } from '../../api/time/time.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { Lease, Node, Pod, Taint } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  ReconcileResult,
  Reconciler,
} from '../../reconcile/controller.ts';
import { isPodReady } from '../pod-state/pod-state.ts';
import { BY_NODE, indexByNode } from '../pods-of-node/pods-of-node.ts';
import { Disruption } from './disruption.ts';
import { isNodeReady, lostConditions, observe, type NodeHealth, type Times } from './health.ts';
import { evictionKey, hasEvictionTaint, withEvictionTaint, withSchedulingTaints } from './taints.ts';

/** Upstream's `--node-monitor-period`. */
const MONITOR_PERIOD_MS = 5_000;
/** A look at a quiet cluster costs little, and nobody foresees everything. */
const QUIET_MAX_MS = 3_600_000;
/** No node can be called so: names have no slash. */
const MONITOR = '/monitor';
const LEASE_NAMESPACE = 'kube-node-lease';

/** Labels from before `kubernetes.io/os` and `arch`, which selectors may still use. */
const OLD_LABELS: readonly { readonly from: string; readonly to: string }[] = [
  { from: 'kubernetes.io/os', to: 'beta.kubernetes.io/os' },
  { from: 'kubernetes.io/arch', to: 'beta.kubernetes.io/arch' },
];

export const nodeLifecycleController: ControllerDefinition = {
  name: 'node-controller',
  permissions: [
    { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'patch', 'update', 'watch'] },
    { apiGroups: [''], resources: ['nodes/status', 'pods/status'], verbs: ['patch', 'update'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ],
  build: (context, enqueue) => new NodeLifecycle(context, enqueue),
};

class NodeLifecycle implements Reconciler {
  readonly #context: ControllerContext;
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  readonly #leases: Informer<Lease>;
  readonly #health = new Map<string, NodeHealth>();
  readonly #disruption = new Disruption();
  /**
   * Nodes whose pods still have to be marked: after a failed attempt, or since nobody knows whether they
   * were.
   */
  readonly #unmarked = new Set<string>();

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers } = context;
    this.#context = context;
    indexByNode(informers);
    this.#nodes = informers.of(nodes);
    this.#pods = informers.of(pods);
    this.#leases = informers.of(leases);
    this.#nodes.subscribe((next, old, name) => {
      if (next === undefined) return this.#forget(name);
      enqueue(name);
      this.#noteSign(next);
      // The process before this one may have died when it had just found the node lost.
      if (old === undefined) this.#unmarked.add(name);
      // Between changes the monitor sleeps until the next grace may end.
      if (old === undefined || isNodeReady(old) !== isNodeReady(next) || old.spec.taints !== next.spec.taints)
        enqueue(MONITOR, MONITOR_PERIOD_MS);
    });
    this.#leases.subscribe((next) => {
      const node = this.#nodes.getByKey(next?.metadata.name ?? '');
      if (node !== undefined && next?.metadata.namespace === LEASE_NAMESPACE) this.#noteSign(node);
    });
    enqueue(MONITOR);
  }

  #noteSign(node: Node): NodeHealth {
    const { clock } = this.#context;
    const times = { nowMs: clock.now(), monotonicMs: clock.monotonicMs() };
    const name = node.metadata.name ?? '';
    const health = observe(this.#health.get(name), node, this.#leases.get(LEASE_NAMESPACE, name), times);
    this.#health.set(name, health);
    return health;
  }

  #forget(name: string): void {
    this.#health.delete(name);
    this.#unmarked.delete(name);
    this.#disruption.forget(name);
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    if (key !== MONITOR) {
      await this.#reconcileNode(key);
      return {};
    }
    await this.#monitor();
    return { requeueAfterMs: this.#nextLookMs() };
  }

  /** Often while a node is in trouble; else when the first one will have been silent for too long. */
  #nextLookMs(): number {
    const nowMs = this.#context.clock.monotonicMs();
    let soonestMs = QUIET_MAX_MS;
    for (const node of this.#nodes.list()) {
      const health = this.#health.get(node.metadata.name ?? '');
      if (health === undefined || !isNodeReady(node) || hasEvictionTaint(node)) return MONITOR_PERIOD_MS;
      soonestMs = Math.min(soonestMs, health.lastSignMs + health.graceMs - nowMs + 1);
    }
    return this.#unmarked.size > 0 ? MONITOR_PERIOD_MS : Math.max(soonestMs, MONITOR_PERIOD_MS);
  }

  async #reconcileNode(name: string): Promise<void> {
    const node = this.#nodes.getByKey(name);
    if (node === undefined) return;
    const taints = withSchedulingTaints(node, this.#context.clock.now());
    const { labels = {} } = node.metadata;
    const copied = OLD_LABELS.filter(
      ({ from, to }) => labels[from] !== undefined && labels[to] !== labels[from],
    );
    if (taints === undefined && copied.length === 0) return;
    const old = Object.fromEntries(copied.map(({ from, to }) => [to, labels[from] ?? '']));
    await this.#patchNode(node, taints, { labels: old });
  }

  async #monitor(): Promise<void> {
    const { clock, logger } = this.#context;
    const times = { nowMs: clock.now(), monotonicMs: clock.monotonicMs() };
    const judged = await Promise.all(this.#nodes.list().map((node) => this.#judge(node, times)));
    switch (this.#disruption.update(judged)) {
      case 'none':
        break;
      case 'everything-lost':
        logger.warn('no node is ready: pods stay where they are until one comes back');
        await Promise.all(judged.map((node) => this.#setEvictionTaint(node, undefined)));
        break;
      case 'some-came-back':
        // All get a full grace period from now on: what was missed meanwhile proves nothing.
        for (const [name, health] of this.#health) {
          this.#health.set(name, { ...health, lastSignMs: times.monotonicMs });
        }
    }
    if (this.#disruption.everythingLost) return;
    for (const node of judged) await this.#planEviction(node);
    for (const name of this.#disruption.take(times.monotonicMs)) {
      const node = judged.find(({ metadata }) => metadata.name === name);
      if (node !== undefined) await this.#setEvictionTaint(node, evictionKey(node));
    }
  }

  /** Returns the node as it is after what was found out. */
  async #judge(node: Node, times: Times): Promise<Node> {
    const name = node.metadata.name ?? '';
    const health = this.#noteSign(node);
    const wasReady = isNodeReady(node);
    const conditions = lostConditions(node, health, times);
    const judged = conditions === undefined ? node : await this.#setConditions(node, conditions);
    if (isNodeReady(judged)) {
      this.#unmarked.delete(name);
      return judged;
    }
    if (wasReady) {
      const message = `Node ${name} status is now: NodeNotReady`;
      this.#context.events.record(judged, 'Normal', 'NodeNotReady', message);
    }
    if (wasReady || this.#unmarked.has(name)) await this.#markPodsNotReady(name);
    return judged;
  }

  /** A node that just wrote its status itself is left as it is; the next look sees what it wrote. */
  async #setConditions(node: Node, conditions: NonNullable<Node['status']['conditions']>): Promise<Node> {
    const next = { ...node, status: { ...node.status, conditions } };
    const written = await unlessChanged(this.#context.client.update(nodes, next, { subresource: 'status' }));
    return written ?? node;
  }

  async #planEviction(node: Node): Promise<void> {
    const name = node.metadata.name ?? '';
    const key = evictionKey(node);
    if (key === undefined) {
      this.#disruption.forget(name);
      await this.#setEvictionTaint(node, undefined);
    } else if (hasEvictionTaint(node)) await this.#setEvictionTaint(node, key);
    else this.#disruption.wait(node);
  }

  async #setEvictionTaint(node: Node, key: string | undefined): Promise<void> {
    const taints = withEvictionTaint(node, key, this.#context.clock.now());
    if (taints !== undefined) await this.#patchNode(node, taints, {});
  }

  async #patchNode(node: Node, taints: readonly Taint[] | undefined, metadata: JsonObject): Promise<void> {
    const { name = '', resourceVersion = '' } = node.metadata;
    const spec = taints === undefined ? {} : { taints };
    const body = { metadata: { ...metadata, resourceVersion }, spec } as unknown as JsonObject;
    await unlessChanged(this.#context.client.patch(nodes, { name }, { type: 'merge', body }));
  }

  async #markPodsNotReady(name: string): Promise<void> {
    this.#unmarked.add(name);
    const ready = this.#pods.byIndex(BY_NODE, name).filter(isPodReady);
    const marked = await Promise.all(ready.map((pod) => this.#markPodNotReady(pod)));
    if (marked.every((written) => written !== undefined)) this.#unmarked.delete(name);
  }

  async #markPodNotReady(pod: Pod): Promise<Pod | undefined> {
    const lastTransitionTime = formatTime(this.#context.clock.now());
    const conditions = (pod.status.conditions ?? []).map((condition) =>
      condition.type === 'Ready' ? { ...condition, status: 'False', lastTransitionTime } : condition,
    );
    const next = { ...pod, status: { ...pod.status, conditions } };
    const written = await unlessChanged(this.#context.client.update(pods, next, { subresource: 'status' }));
    if (written !== undefined) {
      this.#context.events.record(written, 'Warning', 'NodeNotReady', 'Node is not ready');
    }
    return written;
  }
}

/** Undefined when the object changed or went away meanwhile; the next look decides anew. */
async function unlessChanged<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (isApiError(error, 'Conflict') || isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
}
