/**
 * Reads and writes the ControllerRevisions of a kind: adopts and releases them, makes sure that the present
 * template has one, and deletes those that are not needed any more.
 *
 * Invariant: no decision before the cache shows the last writes (`caughtUp`), so a template never gets two.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { objectKey } from '../../api/meta/object.ts';
import type { Selector } from '../../api/labels/selector.ts';
import { controllerRevisions } from '../../api/groups/apps/controller-revision/controller-revision.ts';
import type { ControllerRevision } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type { ControllerContext } from '../../reconcile/controller.ts';
import { OwnWrites } from '../own-writes/own-writes.ts';
import { candidatesOf, enqueueOwners, type Owners } from '../ownership/enqueue-owners.ts';
import {
  applyClaims,
  controllerOf,
  controllerReference,
  indexByController,
  planClaims,
} from '../ownership/ownership.ts';
import {
  distinctNumbers,
  holds,
  nameOf,
  newRevision,
  planRevision,
  sortedRevisions,
  type NewRevision,
  type Renumbering,
  type Revised,
} from './revision-history.ts';

/** So many names in a row are not taken by chance. */
const COLLISIONS_MAX = 20;

export interface PresentRevision {
  readonly present: ControllerRevision;
  /** With those that were met on the way. */
  readonly collisionCount: number;
}

export interface HistoryOptions<T extends Revised> extends Owners<T> {
  /** The label of a revision that bears its hash. */
  readonly hashLabel: string;
}

export class RevisionHistory<T extends Revised> {
  readonly #context: ControllerContext;
  readonly #options: HistoryOptions<T>;
  readonly #revisions: Informer<ControllerRevision>;
  readonly #ownWrites: OwnWrites<ControllerRevision>;

  constructor(context: ControllerContext, options: HistoryOptions<T>) {
    const { informers, clock } = context;
    this.#context = context;
    this.#options = options;
    indexByController(informers, controllerRevisions);
    this.#revisions = informers.of(controllerRevisions);
    this.#ownWrites = new OwnWrites(this.#revisions, clock, options.enqueue);
    enqueueOwners(this.#revisions, options);
  }

  caughtUp(key: string): boolean {
    return this.#ownWrites.caughtUp(key);
  }

  forget(key: string): void {
    this.#ownWrites.forget(key);
  }

  /** All revisions of an owner, the oldest first, after adopting, releasing and telling them apart. */
  async of(key: string, owner: T, selector: Selector): Promise<readonly ControllerRevision[]> {
    const claims = planClaims(owner, selector, candidatesOf(this.#revisions, owner));
    const owned = await applyClaims(
      this.#context.client,
      claims,
      controllerRevisions,
      owner,
      this.#options.type,
      (written) => this.#ownWrites.wrote(key, written),
    );
    const renumbered = new Map<string, ControllerRevision>();
    for (const change of distinctNumbers(sortedRevisions(owned)))
      renumbered.set(nameOf(change.present), await this.#renumber(key, change));
    return sortedRevisions(owned.map((one) => renumbered.get(nameOf(one)) ?? one));
  }

  /** The revision of the present template; made or brought up to date where needed. */
  async present(key: string, owner: T, revisions: readonly ControllerRevision[]): Promise<PresentRevision> {
    const collisionCount = owner.status.collisionCount ?? 0;
    const plan = planRevision(revisions, owner.spec.template);
    switch (plan.type) {
      case 'keep':
        return { present: plan.present, collisionCount };
      case 'renumber':
        return { present: await this.#renumber(key, plan), collisionCount };
      case 'create': {
        const { type, hashLabel } = this.#options;
        const reference = controllerReference(type, owner);
        return this.#create(key, { owner, reference, hashLabel, revision: plan.revision, collisionCount });
      }
    }
  }

  async #renumber(key: string, { present, revision }: Renumbering): Promise<ControllerRevision> {
    const written = await this.#context.client.update(controllerRevisions, { ...present, revision });
    this.#ownWrites.wrote(key, written);
    return written;
  }

  /**
   * A name that is taken by the same template is the one that is wanted (made before a restart, or not in the
   * cache yet); one that is taken by another gets another hash.
   */
  async #create(key: string, options: NewRevision): Promise<PresentRevision> {
    const { client } = this.#context;
    const first = options.collisionCount;
    for (let collisionCount = first; collisionCount < first + COLLISIONS_MAX; collisionCount++) {
      const wanted = newRevision({ ...options, collisionCount });
      try {
        const present = await client.create(controllerRevisions, wanted);
        this.#ownWrites.wrote(key, present);
        return { present, collisionCount };
      } catch (error) {
        if (!isApiError(error, 'AlreadyExists')) throw error;
        const { namespace } = wanted.metadata;
        const taken = await client.get(controllerRevisions, { namespace, name: nameOf(wanted) });
        const isOurs = controllerOf(taken)?.uid === options.reference.uid;
        if (isOurs && holds(taken, options.owner.spec.template)) {
          this.#ownWrites.wrote(key, taken);
          return { present: taken, collisionCount };
        }
      }
    }
    throw new Error(`no free name for a revision of ${objectKey(options.owner)}`);
  }

  /** Of an adopted one that never had it: its own name is as good as a hash. */
  async label(key: string, revision: ControllerRevision): Promise<ControllerRevision> {
    const { namespace, labels } = revision.metadata;
    if (labels?.[this.#options.hashLabel] !== undefined) return revision;
    const body = { metadata: { labels: { [this.#options.hashLabel]: nameOf(revision) } } };
    const ref = { namespace, name: nameOf(revision) };
    const labelled = await this.#context.client.patch(controllerRevisions, ref, { type: 'merge', body });
    this.#ownWrites.wrote(key, labelled);
    return labelled;
  }

  async delete(key: string, revisions: readonly ControllerRevision[]): Promise<void> {
    for (const revision of revisions) {
      const { namespace, uid = '' } = revision.metadata;
      const ref = { namespace, name: nameOf(revision) };
      try {
        await this.#context.client.delete(controllerRevisions, ref, { preconditions: { uid } });
        this.#ownWrites.deleted(key, revision);
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error;
      }
    }
  }
}
