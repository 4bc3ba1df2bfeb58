/**
 * Writes what a StatefulSet's plan wants of its pods and claims, and records the events that upstream's
 * `stateful_pod_control.go` records, word for word.
 */

import { errorText } from '../../base/log.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { PersistentVolumeClaim, Pod, StatefulSet } from '../../api/types.gen.ts';
import type { ControllerContext, Enqueue } from '../../reconcile/controller.ts';
import { OwnWrites } from '../own-writes/own-writes.ts';
import { nameOf } from '../revision-history/revision-history.ts';
import type { ClaimPlan } from './claims.ts';
import type { Named } from './identity.ts';
import type { SetAction } from './plan.ts';

type Verb = 'create' | 'update' | 'delete';

export class MemberWriter {
  readonly #context: ControllerContext;
  readonly #ownPods: OwnWrites<Pod>;
  readonly #ownClaims: OwnWrites<PersistentVolumeClaim>;

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers, clock } = context;
    this.#context = context;
    this.#ownPods = new OwnWrites(informers.of(pods), clock, enqueue);
    this.#ownClaims = new OwnWrites(informers.of(persistentVolumeClaims), clock, enqueue);
  }

  caughtUp(key: string): boolean {
    const havePods = this.#ownPods.caughtUp(key);
    return this.#ownClaims.caughtUp(key) && havePods;
  }

  forget(key: string): void {
    this.#ownPods.forget(key);
    this.#ownClaims.forget(key);
  }

  wrotePod(key: string, pod: Pod): void {
    this.#ownPods.wrote(key, pod);
  }

  async apply(key: string, set: StatefulSet, action: SetAction): Promise<void> {
    switch (action.type) {
      case 'create':
        return this.#create(key, set, action.pod, action.claims);
      case 'provide':
        return this.#provide(key, set, nameOf(action.pod), action.claims);
      case 'update':
        return this.#update(key, set, action.pod, action.from, action.claims);
      case 'hand-over':
        return this.#handOver(key, set, action.claims);
      case 'delete':
        return this.#delete(key, set, action.pod);
    }
  }

  async #create(key: string, set: StatefulSet, draft: Named<Pod>, claims: ClaimPlan): Promise<void> {
    const { name } = draft.metadata;
    try {
      await this.#createClaims(key, set, name, claims);
      this.#ownPods.wrote(key, await this.#context.client.create(pods, draft));
    } catch (error) {
      // Somebody else has the name, or the cache does not know the pod yet: no news.
      if (!isApiError(error, 'AlreadyExists')) this.#recordPod(set, 'create', name, error);
      throw error;
    }
    await this.#provide(key, set, name, { ...claims, missing: [], leaving: [] });
    this.#recordPod(set, 'create', name);
  }

  async #update(key: string, set: StatefulSet, pod: Pod, from: Pod, claims: ClaimPlan): Promise<void> {
    const name = nameOf(pod);
    try {
      await this.#createClaims(key, set, name, claims);
      await this.#handOver(key, set, claims);
      if (pod !== from) this.#ownPods.wrote(key, await this.#context.client.update(pods, pod));
      this.#recordPod(set, 'update', name);
    } catch (error) {
      this.#recordPod(set, 'update', name, error);
      throw error;
    }
  }

  async #delete(key: string, set: StatefulSet, pod: Pod): Promise<void> {
    const { namespace, uid = '' } = pod.metadata;
    const name = nameOf(pod);
    try {
      await this.#context.client.delete(pods, { namespace, name }, { preconditions: { uid } });
      this.#ownPods.deleted(key, pod);
      this.#recordPod(set, 'delete', name);
    } catch (error) {
      if (isApiError(error, 'NotFound')) return;
      this.#recordPod(set, 'delete', name, error);
      throw error;
    }
  }

  async #provide(key: string, set: StatefulSet, pod: string, claims: ClaimPlan): Promise<void> {
    await this.#createClaims(key, set, pod, claims);
    try {
      await this.#handOver(key, set, claims);
    } catch (error) {
      this.#recordPod(set, 'update', pod, error);
      throw error;
    }
  }

  /** Tries all of them, so that one bad template does not hide another. */
  async #createClaims(key: string, set: StatefulSet, pod: string, claims: ClaimPlan): Promise<void> {
    const problems: string[] = [];
    for (const claim of claims.missing) {
      const { name } = claim.metadata;
      try {
        this.#ownClaims.wrote(key, await this.#context.client.create(persistentVolumeClaims, claim));
        this.#recordClaim(set, name, pod);
      } catch (error) {
        problems.push(`failed to create PVC ${name}: ${errorText(error)}`);
        if (!isApiError(error, 'AlreadyExists')) this.#recordClaim(set, name, pod, error);
      }
    }
    problems.push(...claims.leaving.map((name) => `pvc ${name} is being deleted`));
    if (problems.length === 1) throw new Error(problems[0]);
    if (problems.length > 1) throw new Error(`[${problems.join(', ')}]`);
  }

  async #handOver(key: string, set: StatefulSet, { owners, conflicts }: ClaimPlan): Promise<void> {
    for (const name of conflicts) {
      // "manging" is upstream's.
      const message =
        `PersistentVolumeClaim ${name} has a conflicting OwnerReference that acts as a manging controller, ` +
        'the retention policy is ignored for this claim';
      this.#context.events.record(set, 'Warning', 'ConflictingController', message);
    }
    for (const { claim, references } of owners) {
      const metadata = { ...claim.metadata, ownerReferences: references };
      const name = nameOf(claim);
      try {
        const written = await this.#context.client.update(persistentVolumeClaims, { ...claim, metadata });
        this.#ownClaims.wrote(key, written);
      } catch (cause) {
        const what = `could not update claim ${name} for delete policy ownerRefs: ${errorText(cause)}`;
        throw new Error(what, { cause });
      }
    }
  }

  #recordPod(set: StatefulSet, verb: Verb, pod: string, error?: unknown): void {
    const name = set.metadata.name ?? '';
    const what = `${verb} Pod ${pod} in StatefulSet ${name}`;
    if (error === undefined) this.#record(set, 'Normal', verb, `${what} successful`);
    else this.#record(set, 'Warning', verb, `${what} failed error: ${errorText(error)}`);
  }

  #recordClaim(set: StatefulSet, claim: string, pod: string, error?: unknown): void {
    const name = set.metadata.name ?? '';
    if (error === undefined) {
      const what = `create Claim ${claim} Pod ${pod} in StatefulSet ${name} success`;
      this.#record(set, 'Normal', 'create', what);
    } else {
      const what = `create Claim ${claim} for Pod ${pod} in StatefulSet ${name} failed error: ${errorText(error)}`;
      this.#record(set, 'Warning', 'create', what);
    }
  }

  #record(set: StatefulSet, type: 'Normal' | 'Warning', verb: Verb, message: string): void {
    const outcome = type === 'Normal' ? 'Successful' : 'Failed';
    const reason = `${outcome}${verb.slice(0, 1).toUpperCase()}${verb.slice(1)}`;
    this.#context.events.record(set, type, reason, message);
  }
}
