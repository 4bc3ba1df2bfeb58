/** Makes every fleet as large as it says, and removes nodes that are too many, the last ones first. */

import { FLEET_LABEL } from '../../api/groups/core/node/played-node.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { Node } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  ReconcileResult,
  Reconciler,
} from '../../reconcile/controller.ts';
import { Followed } from '../followed.ts';
import { NUMBER_LABEL } from '../members.ts';
import { nodeFleets, type NodeFleet } from '../node-fleet.ts';
import { fleetNode, fleetNodeName } from './node-of.ts';

const BY_FLEET = 'fleet';
/** Writes under way at once. */
const WRITING = 32;
/** For one look; the status is told in between. */
const STEP_MAX = 1000;
/** Nodes become ready in crowds: the count is told once for many. */
const COUNT_MS = 500;

export const fleetNodesController: ControllerDefinition = {
  name: 'fleet-nodes-controller',
  permissions: [
    { apiGroups: [''], resources: ['nodes'], verbs: ['create', 'delete', 'get', 'list', 'watch'] },
    {
      apiGroups: [nodeFleets.group],
      resources: ['nodefleets', 'nodefleets/status'],
      verbs: ['get', 'list', 'watch', 'update'],
    },
  ],
  build: (context, enqueue) => new FleetNodesReconciler(context, enqueue),
};

class FleetNodesReconciler implements Reconciler {
  readonly #context: ControllerContext;
  readonly #fleets: Followed<NodeFleet>;
  readonly #nodes: Informer<Node>;

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers } = context;
    this.#context = context;
    informers.index(nodes, BY_FLEET, ({ metadata }) => {
      const fleet = metadata.labels?.[FLEET_LABEL];
      return fleet === undefined ? [] : [fleet];
    });
    this.#nodes = informers.of(nodes);
    this.#fleets = new Followed(informers, nodeFleets);
    this.#fleets.subscribe((_next, _old, key) => enqueue(key));
    this.#nodes.subscribe((next, old) => {
      const fleet = (next ?? old)?.metadata.labels?.[FLEET_LABEL];
      if (fleet !== undefined && (next === undefined || old === undefined || isReady(next) !== isReady(old)))
        enqueue(fleet, COUNT_MS);
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const fleet = this.#fleets.get(key);
    // The nodes of a fleet that is gone are garbage: it owns them.
    if (fleet === undefined || fleet.metadata.deletionTimestamp !== undefined) return {};
    const present = this.#nodes.byIndex(BY_FLEET, key);
    const names = new Set(present.map(({ metadata }) => metadata.name));
    const wanted = fleet.spec.replicas;
    const missing = numbers(wanted).filter((number) => !names.has(fleetNodeName(fleet, number)));
    const surplus = present.filter(({ metadata }) => Number(metadata.labels?.[NUMBER_LABEL]) >= wanted);
    await inParallel(missing.slice(0, STEP_MAX), (number) => this.#create(fleet, number));
    await inParallel(surplus.slice(0, STEP_MAX), ({ metadata }) => this.#delete(metadata.name ?? ''));
    await this.#writeStatus(fleet, present);
    return missing.length + surplus.length > 0 ? { requeueAfterMs: COUNT_MS } : {};
  }

  async #create(fleet: NodeFleet, number: number): Promise<void> {
    try {
      await this.#context.client.create(nodes, fleetNode(fleet, number));
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
    }
  }

  async #delete(name: string): Promise<void> {
    try {
      await this.#context.client.delete(nodes, { name });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
  }

  async #writeStatus(fleet: NodeFleet, present: readonly Node[]): Promise<void> {
    const status = {
      observedGeneration: fleet.metadata.generation ?? 0,
      replicas: present.length,
      readyReplicas: present.filter(isReady).length,
    };
    const { observedGeneration, replicas, readyReplicas } = fleet.status ?? {};
    if (
      observedGeneration === status.observedGeneration &&
      replicas === status.replicas &&
      readyReplicas === status.readyReplicas
    )
      return;
    try {
      await this.#context.client.update(nodeFleets, { ...fleet, status }, { subresource: 'status' });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
  }
}

function isReady({ status }: Node): boolean {
  return (status.conditions ?? []).some((one) => one.type === 'Ready' && one.status === 'True');
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i);
}

async function inParallel<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) await run(items[next++] as T);
  };
  await Promise.all(Array.from({ length: Math.min(WRITING, items.length) }, work));
}
