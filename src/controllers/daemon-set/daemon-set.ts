/**
 * The DaemonSet controller: one pod on every node that fits.
 *
 * Inputs: DaemonSets, nodes, pods and revisions from the informers. Outputs: pods created for nodes and
 * deleted, the history of templates, status, events. `plan.ts` decides, this file reads and writes.
 * Invariant: no decision on a cache that lags behind this controller's own writes, so a node never gets a
 * second pod because the first one was not seen yet.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import { objectKey } from '../../api/meta/object.ts';
import { fromLabelSelector, type Selector } from '../../api/labels/selector.ts';
import { daemonSets } from '../../api/groups/apps/daemon-set/daemon-set.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { ControllerRevision, DaemonSet, DaemonSetStatus, Node, Pod } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import {
  MANY_WORKERS,
  type ControllerContext,
  type ControllerDefinition,
  type Enqueue,
  type ReconcileResult,
  type Reconciler,
} from '../../reconcile/controller.ts';
import { CATCH_UP_MS, OwnWrites } from '../own-writes/own-writes.ts';
import { candidatesOf, enqueueOwners } from '../ownership/enqueue-owners.ts';
import { applyClaims, controllerReference, indexByController, planClaims } from '../ownership/ownership.ts';
import { PodControl } from '../pod-control/pod-control.ts';
import { nextAvailabilityMs } from '../pod-state/pod-state.ts';
import { RevisionHistory } from '../revision-history/history-writer.ts';
import {
  holds,
  nameOf,
  REVISIONS_KEPT_DEFAULT,
  surplusRevisions,
} from '../revision-history/revision-history.ts';
import { slowStart } from '../slow-start/slow-start.ts';
import { daemonPod, HASH_LABEL, hashOf } from './daemon-pod.ts';
import { eligibilityOf } from './eligibility.ts';
import { FailedPodBackoff } from './failed-pod-backoff.ts';
import { placesOf } from './places.ts';
import { planDaemonSet, type DaemonPlan } from './plan.ts';
import { planStatus, sameStatus } from './status.ts';

export const daemonSetController: ControllerDefinition = {
  name: 'daemon-set-controller',
  permissions: [
    { apiGroups: ['apps'], resources: ['daemonsets'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['apps'], resources: ['daemonsets/status', 'daemonsets/finalizers'], verbs: ['update'] },
    { apiGroups: [''], resources: ['nodes'], verbs: ['list', 'watch'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['create', 'delete', 'list', 'patch', 'watch'] },
    {
      apiGroups: ['apps'],
      resources: ['controllerrevisions'],
      verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ],
  workers: MANY_WORKERS,
  build: (context, enqueue) => new DaemonSetReconciler(context, enqueue),
};

class DaemonSetReconciler implements Reconciler {
  readonly #context: ControllerContext;
  readonly #sets: Informer<DaemonSet>;
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  readonly #history: RevisionHistory<DaemonSet>;
  readonly #ownPods: OwnWrites<Pod>;
  readonly #ownStatus: OwnWrites<DaemonSet>;
  readonly #podControl: PodControl;
  readonly #backoff: FailedPodBackoff;

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers, clock } = context;
    this.#context = context;
    indexByController(informers, pods);
    this.#sets = informers.of(daemonSets);
    this.#nodes = informers.of(nodes);
    this.#pods = informers.of(pods);
    this.#history = new RevisionHistory(context, {
      type: daemonSets,
      owners: this.#sets,
      hashLabel: HASH_LABEL,
      enqueue,
    });
    this.#ownPods = new OwnWrites(this.#pods, clock, enqueue);
    this.#ownStatus = new OwnWrites(this.#sets, clock);
    this.#podControl = new PodControl(context, this.#ownPods);
    this.#backoff = new FailedPodBackoff(clock);
    this.#sets.subscribe((_next, _old, key) => enqueue(key));
    this.#nodes.subscribe((next, old) => this.#onNode(next, old, enqueue));
    enqueueOwners(this.#pods, { type: daemonSets, owners: this.#sets, enqueue });
  }

  /** Nodes report all the time; few reports change where pods belong. */
  #onNode(next: Node | undefined, old: Node | undefined, enqueue: Enqueue): void {
    const isSame =
      next !== undefined &&
      old !== undefined &&
      deepEqual(next.metadata.labels, old.metadata.labels) &&
      deepEqual(next.spec.taints, old.spec.taints);
    if (isSame) return;
    for (const set of this.#sets.list()) {
      const judge = eligibilityOf(set);
      const before = old === undefined ? undefined : judge(old);
      const after = next === undefined ? undefined : judge(next);
      if (!deepEqual(before, after)) enqueue(objectKey(set));
    }
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const set = this.#sets.getByKey(key);
    const notes = [this.#history, this.#ownPods, this.#ownStatus];
    if (set === undefined) {
      for (const note of notes) note.forget(key);
      return {};
    }
    if (!notes.every((note) => note.caughtUp(key))) return { requeueAfterMs: CATCH_UP_MS };
    const selector = fromLabelSelector(set.spec.selector);
    if (selector === undefined || selector.length === 0) {
      const message = 'This daemon set is selecting all pods. A non-empty selector is required.';
      this.#context.events.record(set, 'Warning', 'SelectingAll', message);
      return {};
    }
    // On its way out its history may be gone already, so nothing can be said of it.
    if (set.metadata.deletionTimestamp !== undefined) return {};
    const own = await this.#claimPods(key, set, selector);
    const revisions = await this.#labelled(key, await this.#history.of(key, set, selector));
    return this.#step(key, set, own, revisions);
  }

  #claimPods(key: string, set: DaemonSet, selector: Selector): Promise<readonly Pod[]> {
    const claims = planClaims(set, selector, candidatesOf(this.#pods, set));
    return applyClaims(this.#context.client, claims, pods, set, daemonSets, (written) =>
      this.#ownPods.wrote(key, written),
    );
  }

  async #labelled(
    key: string,
    revisions: readonly ControllerRevision[],
  ): Promise<readonly ControllerRevision[]> {
    return Promise.all(revisions.map((revision) => this.#history.label(key, revision)));
  }

  async #step(
    key: string,
    set: DaemonSet,
    own: readonly Pod[],
    revisions: readonly ControllerRevision[],
  ): Promise<ReconcileResult> {
    const { present, collisionCount } = await this.#history.present(key, set, revisions);
    const others = revisions.filter((revision) => nameOf(revision) !== nameOf(present));
    const doubles = others.filter((revision) => holds(revision, set.spec.template));
    if (doubles.length > 0) {
      await this.#mergeDoubles(key, own, doubles, revisionHash(present));
      return { requeueAfterMs: CATCH_UP_MS };
    }
    const state = {
      set,
      nodes: this.#nodes.list(),
      pods: own,
      hash: revisionHash(present),
      backoffMs: (node: string) => this.#backoff.leftMs(backoffKey(set, node)),
    };
    const nowMs = this.#context.clock.now();
    const places = placesOf(state);
    const plan = planDaemonSet(state, places, nowMs);
    const { error } = await this.#apply(key, set, state.hash, plan);
    await this.#writeStatus(key, set, planStatus(set, places, state.hash, collisionCount, nowMs));
    if (error !== undefined) throw error;
    const limit = set.spec.revisionHistoryLimit ?? REVISIONS_KEPT_DEFAULT;
    const live = new Set(own.map(hashOf));
    const isLive = (revision: ControllerRevision): boolean => live.has(revisionHash(revision));
    await this.#history.delete(key, surplusRevisions(others, isLive, limit, 'all'));
    const waits = [nextAvailabilityMs(own, set.spec.minReadySeconds ?? 0, nowMs), plan.lookAgainMs];
    const soonest = Math.min(...waits.map((wait) => wait ?? Infinity));
    return soonest === Infinity ? {} : { requeueAfterMs: soonest };
  }

  /** Several revisions of one template: their pods come under the one that is kept. */
  async #mergeDoubles(
    key: string,
    own: readonly Pod[],
    doubles: readonly ControllerRevision[],
    hash: string,
  ): Promise<void> {
    const hashes = new Set(doubles.map(revisionHash));
    for (const { metadata } of own.filter((pod) => hashes.has(hashOf(pod)))) {
      const { namespace, name = '' } = metadata;
      const body = { metadata: { labels: { [HASH_LABEL]: hash } } };
      const written = await this.#context.client.patch(pods, { namespace, name }, { type: 'merge', body });
      this.#ownPods.wrote(key, written);
    }
    await this.#history.delete(key, doubles);
  }

  async #apply(
    key: string,
    set: DaemonSet,
    hash: string,
    plan: DaemonPlan,
  ): Promise<{ readonly error?: unknown }> {
    for (const { pod, node } of plan.ended) this.#tellEnd(set, pod, node);
    const owner = controllerReference(daemonSets, set);
    const created = await slowStart(plan.create.length, async (i) => {
      await this.#podControl.create(key, set, daemonPod(set, plan.create[i] ?? '', hash, owner));
    });
    const deleted = await Promise.allSettled(
      plan.remove.map((pod) => this.#podControl.delete(key, set, pod)),
    );
    const failed = deleted.find((result) => result.status === 'rejected');
    const error: unknown = created.error ?? failed?.reason;
    return error === undefined ? {} : { error };
  }

  #tellEnd(set: DaemonSet, pod: Pod, node: string): void {
    const what = `daemon pod ${objectKey(pod)} on node ${node}, will try to`;
    const { events } = this.#context;
    if (pod.status.phase === 'Failed') {
      this.#backoff.failed(backoffKey(set, node));
      events.record(set, 'Warning', 'FailedDaemonPod', `Found failed ${what} kill it`);
    } else {
      events.record(set, 'Normal', 'SucceededDaemonPod', `Found succeeded ${what} delete it`);
    }
  }

  async #writeStatus(key: string, set: DaemonSet, status: DaemonSetStatus): Promise<void> {
    if (sameStatus(status, set.status)) return;
    try {
      const { client } = this.#context;
      const written = await client.update(daemonSets, { ...set, status }, { subresource: 'status' });
      this.#ownStatus.wrote(key, written);
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
  }
}

function revisionHash({ metadata }: ControllerRevision): string {
  return metadata.labels?.[HASH_LABEL] ?? metadata.name ?? '';
}

/** Another template gets another chance at once. */
function backoffKey({ metadata, status }: DaemonSet, node: string): string {
  return `${metadata.uid ?? ''}/${status.observedGeneration ?? 0}/${node}`;
}
