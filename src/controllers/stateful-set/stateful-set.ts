/**
 * The StatefulSet controller: pods with names, storage and an order of their own.
 *
 * Inputs: StatefulSets, their pods, claims and revisions from the informers. Outputs: pods created, corrected
 * and deleted, claims made and handed to their owners, the history of templates, status, events. `plan.ts`
 * decides, this file reads and writes. Invariant: no decision on a cache that lags behind this controller's
 * own writes, so no two pods ever want one name.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { objectKey } from '../../api/meta/object.ts';
import { fromLabelSelector, type Selector } from '../../api/labels/selector.ts';
import { statefulSets } from '../../api/groups/apps/stateful-set/stateful-set.ts';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type {
  ControllerRevision,
  PersistentVolumeClaim,
  Pod,
  StatefulSet,
  StatefulSetStatus,
} from '../../api/types.gen.ts';
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
import { nextAvailabilityMs } from '../pod-state/pod-state.ts';
import { RevisionHistory } from '../revision-history/history-writer.ts';
import {
  holds,
  nameOf,
  REVISIONS_KEPT_DEFAULT,
  surplusRevisions,
} from '../revision-history/revision-history.ts';
import { slowStart } from '../slow-start/slow-start.ts';
import { claimNames, isMember, revisionOf } from './identity.ts';
import { MemberWriter } from './member-writer.ts';
import { planStatefulSet, type SetAction } from './plan.ts';
import { completed, reported, sameStatus } from './status.ts';

const HASH_LABEL = 'controller.kubernetes.io/hash';

export const statefulSetController: ControllerDefinition = {
  name: 'statefulset-controller',
  permissions: [
    { apiGroups: ['apps'], resources: ['statefulsets'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['apps'], resources: ['statefulsets/status', 'statefulsets/finalizers'], verbs: ['update'] },
    {
      apiGroups: [''],
      resources: ['pods'],
      verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    },
    {
      apiGroups: ['apps'],
      resources: ['controllerrevisions'],
      verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    },
    {
      apiGroups: [''],
      resources: ['persistentvolumeclaims'],
      verbs: ['create', 'get', 'list', 'update', 'watch'],
    },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ],
  workers: MANY_WORKERS,
  build: (context, enqueue) => new StatefulSetReconciler(context, enqueue),
};

class StatefulSetReconciler implements Reconciler {
  readonly #context: ControllerContext;
  readonly #sets: Informer<StatefulSet>;
  readonly #pods: Informer<Pod>;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #history: RevisionHistory<StatefulSet>;
  readonly #members: MemberWriter;
  readonly #ownStatus: OwnWrites<StatefulSet>;

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers, clock } = context;
    this.#context = context;
    indexByController(informers, pods);
    this.#sets = informers.of(statefulSets);
    this.#pods = informers.of(pods);
    this.#claims = informers.of(persistentVolumeClaims);
    this.#history = new RevisionHistory(context, {
      type: statefulSets,
      owners: this.#sets,
      hashLabel: HASH_LABEL,
      enqueue,
    });
    this.#members = new MemberWriter(context, enqueue);
    this.#ownStatus = new OwnWrites(this.#sets, clock);
    this.#sets.subscribe((_next, _old, key) => enqueue(key));
    enqueueOwners(this.#pods, { type: statefulSets, owners: this.#sets, enqueue }, isMember);
    this.#claims.subscribe((next, old) => {
      if (next === undefined && old !== undefined) this.#onClaimGone(old, enqueue);
    });
  }

  /** A pod may have waited until the claim of its forerunner was gone. */
  #onClaimGone({ metadata: { namespace, name = '' } }: PersistentVolumeClaim, enqueue: Enqueue): void {
    const ordinal = Number(name.slice(name.lastIndexOf('-') + 1));
    for (const set of this.#sets.list(namespace)) {
      if ([...claimNames(set, ordinal).values()].includes(name)) enqueue(objectKey(set));
    }
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const set = this.#sets.getByKey(key);
    const notes = [this.#history, this.#members, this.#ownStatus];
    if (set === undefined) {
      for (const note of notes) note.forget(key);
      return {};
    }
    if (!notes.every((note) => note.caughtUp(key))) return { requeueAfterMs: CATCH_UP_MS };
    const selector = fromLabelSelector(set.spec.selector);
    if (selector === undefined) return {};
    const revisions = await this.#history.of(key, set, selector);
    const own = await this.#claimPods(key, set, selector);
    const { error } = await this.#step(key, set, own, revisions);
    if (error !== undefined) throw error;
    const waitMs = nextAvailabilityMs(own, set.spec.minReadySeconds ?? 0, this.#context.clock.now());
    return waitMs === undefined ? {} : { requeueAfterMs: waitMs };
  }

  #claimPods(key: string, set: StatefulSet, selector: Selector): Promise<readonly Pod[]> {
    const candidates = candidatesOf(this.#pods, set);
    const claims = planClaims(set, selector, candidates, (pod) => isMember(set, pod));
    return applyClaims(this.#context.client, claims, pods, set, statefulSets, (written) =>
      this.#members.wrotePod(key, written),
    );
  }

  async #step(
    key: string,
    set: StatefulSet,
    own: readonly Pod[],
    revisions: readonly ControllerRevision[],
  ): Promise<{ readonly error?: unknown }> {
    // What goes away makes no new history: the old one may be gone already.
    const isLeaving = set.metadata.deletionTimestamp !== undefined;
    if (isLeaving && !revisions.some((revision) => holds(revision, set.spec.template))) return {};
    const { present: update, collisionCount } = await this.#history.present(key, set, revisions);
    const current = revisions.find((revision) => nameOf(revision) === set.status.currentRevision) ?? update;
    const plan = planStatefulSet(
      {
        set,
        pods: own,
        current,
        update,
        collisionCount,
        owner: controllerReference(statefulSets, set),
        claim: (name) => this.#claims.get(set.metadata.namespace ?? '', name),
      },
      this.#context.clock.now(),
    );
    const outcome = await this.#apply(key, set, plan.phases);
    await this.#writeStatus(key, set, plan.status);
    const live = new Set([nameOf(current), nameOf(update), ...own.map(revisionOf)]);
    const limit = set.spec.revisionHistoryLimit ?? REVISIONS_KEPT_DEFAULT;
    const isLive = (revision: ControllerRevision): boolean => live.has(nameOf(revision));
    await this.#history.delete(key, surplusRevisions(revisions, isLive, limit, 'unused'));
    return outcome;
  }

  /** One by one under OrderedReady, else ever more at once. */
  async #apply(
    key: string,
    set: StatefulSet,
    phases: readonly (readonly SetAction[])[],
  ): Promise<{ readonly error?: unknown }> {
    for (const actions of phases) {
      if (set.spec.podManagementPolicy === 'Parallel') {
        const { error } = await slowStart(actions.length, async (i) => {
          const action = actions[i];
          if (action !== undefined) await this.#members.apply(key, set, action);
        });
        if (error !== undefined) return { error };
      } else {
        try {
          for (const action of actions) await this.#members.apply(key, set, action);
        } catch (error) {
          return { error };
        }
      }
    }
    return {};
  }

  async #writeStatus(key: string, set: StatefulSet, counted: StatefulSetStatus): Promise<void> {
    const status = reported(completed(set, counted));
    if (sameStatus(status, set.status)) return;
    try {
      const { client } = this.#context;
      const written = await client.update(statefulSets, { ...set, status }, { subresource: 'status' });
      this.#ownStatus.wrote(key, written);
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
  }
}
