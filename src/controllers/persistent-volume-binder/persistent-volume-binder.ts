/**
 * The binder of claims and volumes: each claim gets a volume that fits, or is left to a provisioner; volumes
 * whose claim is gone are released.
 *
 * Inputs: claims, volumes, storage classes, pods. Outputs: `spec.claimRef` of volumes and `spec.volumeName` of
 * claims, both phases, the name of the provisioner on claims, events. `plan-claim.ts` and `plan-volume.ts`
 * decide.
 *
 * Invariants: a binding is written in the order volume, volume's status, claim, claim's status, each write
 * only on the version it was decided on; so nobody else can get the volume from the first write on, and after
 * a crash the half-done binding is found and completed. No decision on an object older than one's own last write
 * to it. A claim that is not in the cache is looked for on the server before its volume is given away.
 *
 * Keys: `claim/<namespace>/<name>` and `volume/<name>`. One worker: two would compete for the same volumes.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { objectKey, splitKey } from '../../api/meta/object.ts';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { storageClasses } from '../../api/groups/storage/storage-class/storage-class.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../../api/types.gen.ts';
import {
  BIND_COMPLETED,
  hasAnnotation,
  STORAGE_PROVISIONER,
  STORAGE_PROVISIONER_BETA,
} from '../../api/volume-binding/annotations.ts';
import { annotated, boundClaim, boundVolume, unboundVolume } from '../../api/volume-binding/binding.ts';
import { defaultClassOf, isDefaultClass, storageClassOf } from '../../api/volume-binding/storage-class.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  ReconcileResult,
  Reconciler,
} from '../../reconcile/controller.ts';
import { Latest } from '../latest/latest.ts';
import { isPodFinished } from '../pod-state/pod-state.ts';
import { BY_CLAIM_USED, claimKeysOf, indexByClaim } from '../pods-of-claim/pods-of-claim.ts';
import { withoutVolume, withVolume } from './claim-status.ts';
import { planClaim, type ClaimPlan } from './plan-claim.ts';
import { planVolume, type Failure, type VolumePlan } from './plan-volume.ts';
import { REMIND_MS, SaidOnce } from '../said-once/said-once.ts';
import {
  BY_CLAIM,
  BY_VOLUME,
  claimKeyOf,
  FREE_BY_CLASS,
  indexVolumes,
  UNBOUND_BY_CLASS,
} from './volume-indexes.ts';

const CLAIM = 'claim/';
const VOLUME = 'volume/';

export const persistentVolumeBinder: ControllerDefinition = {
  name: 'persistent-volume-binder',
  permissions: [
    { apiGroups: [''], resources: ['persistentvolumes'], verbs: ['get', 'list', 'update', 'watch'] },
    { apiGroups: [''], resources: ['persistentvolumes/status'], verbs: ['update'] },
    { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['get', 'list', 'update', 'watch'] },
    { apiGroups: [''], resources: ['persistentvolumeclaims/status'], verbs: ['update'] },
    { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ],
  build: (context, enqueue) => new PersistentVolumeBinder(context, enqueue),
};

class PersistentVolumeBinder implements Reconciler {
  readonly #context: ControllerContext;
  readonly #enqueue: Enqueue;
  readonly #claims: Latest<PersistentVolumeClaim>;
  readonly #volumes: Latest<PersistentVolume>;
  readonly #classes: Informer<StorageClass>;
  readonly #pods: Informer<Pod>;
  readonly #events: SaidOnce;

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers, events, clock } = context;
    this.#context = context;
    this.#enqueue = enqueue;
    indexVolumes(informers);
    indexByClaim(informers);
    this.#claims = new Latest(informers.of(persistentVolumeClaims));
    this.#volumes = new Latest(informers.of(persistentVolumes));
    this.#classes = informers.of(storageClasses);
    this.#pods = informers.of(pods);
    this.#events = new SaidOnce(events, clock);
    informers.of(persistentVolumeClaims).subscribe((next, old, key) => this.#onClaim(next, old, key));
    informers.of(persistentVolumes).subscribe((next, old, name) => this.#onVolume(next, old, name));
    this.#classes.subscribe((next) => this.#onClass(next));
    this.#pods.subscribe((next, old) => this.#onPod(next, old));
  }

  #onClaim(
    next: PersistentVolumeClaim | undefined,
    old: PersistentVolumeClaim | undefined,
    key: string,
  ): void {
    this.#enqueue(CLAIM + key);
    const isSame = next?.metadata.uid === old?.metadata.uid && next?.spec.volumeName === old?.spec.volumeName;
    if (isSame) return;
    for (const { metadata } of this.#volumes.byIndex(BY_CLAIM, key)) this.#enqueueVolume(metadata.name ?? '');
  }

  #onVolume(next: PersistentVolume | undefined, old: PersistentVolume | undefined, name: string): void {
    this.#enqueueVolume(name);
    for (const { spec } of [next, old].flatMap((volume) => volume ?? [])) {
      if (spec.claimRef !== undefined) this.#enqueue(CLAIM + claimKeyOf(spec.claimRef));
    }
    for (const claim of this.#claims.byIndex(BY_VOLUME, name)) this.#enqueue(CLAIM + objectKey(claim));
    const isFree = next?.spec.claimRef === undefined && next?.status.phase === 'Available';
    if (next !== undefined && isFree) this.#enqueueUnbound(storageClassOf(next));
  }

  #onClass(next: StorageClass | undefined): void {
    if (next === undefined) return;
    this.#enqueueUnbound(next.metadata.name ?? '');
    if (isDefaultClass(next)) this.#enqueueUnbound('');
  }

  /** Only what the event of a waiting claim says depends on pods. */
  #onPod(next: Pod | undefined, old: Pod | undefined): void {
    const pod = next ?? old;
    const isWhereItWas = next !== undefined && old !== undefined && next.spec.nodeName === old.spec.nodeName;
    if (pod === undefined || isWhereItWas) return;
    for (const key of claimKeysOf(pod)) {
      const claim = this.#claims.get(key);
      if (claim !== undefined && !hasAnnotation(claim, BIND_COMPLETED)) this.#enqueue(CLAIM + key);
    }
  }

  #enqueueVolume(name: string): void {
    this.#enqueue(VOLUME + name);
  }

  #enqueueUnbound(className: string): void {
    for (const claim of this.#claims.byIndex(UNBOUND_BY_CLASS, className))
      this.#enqueue(CLAIM + objectKey(claim));
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    if (key.startsWith(VOLUME)) {
      await this.#reconcileVolume(key.slice(VOLUME.length));
      return {};
    }
    return this.#reconcileClaim(key.slice(CLAIM.length));
  }

  async #reconcileClaim(key: string): Promise<ReconcileResult> {
    const claim = this.#claims.get(key);
    if (claim === undefined) {
      this.#events.forget('PersistentVolumeClaim', key);
      return {};
    }
    const { volumeName = '' } = claim.spec;
    const className = storageClassOf(claim);
    const plan = planClaim({
      claim,
      storageClass: this.#classes.getByKey(className),
      defaultClass: defaultClassOf(this.#classes.list()),
      named: volumeName === '' ? undefined : this.#volumes.get(volumeName),
      candidates: [
        ...this.#volumes.byIndex(BY_CLAIM, key),
        ...this.#volumes.byIndex(FREE_BY_CLASS, className),
      ],
      waitingPods: this.#waitingPods(key),
    });
    return this.#applyClaimPlan(claim, plan);
  }

  #waitingPods(claimKey: string): readonly string[] {
    return this.#pods
      .byIndex(BY_CLAIM_USED, claimKey)
      .filter((pod) => (pod.spec.nodeName ?? '') === '' && !isPodFinished(pod))
      .map(({ metadata: { name = '' } }) => name);
  }

  async #applyClaimPlan(claim: PersistentVolumeClaim, plan: ClaimPlan): Promise<ReconcileResult> {
    switch (plan.type) {
      case 'bind':
        await this.#bind(plan.volume, claim);
        this.#events.forget('PersistentVolumeClaim', objectKey(claim));
        return {};
      case 'assign-class':
        await this.#writeClaim(claim, {
          ...claim,
          spec: { ...claim.spec, storageClassName: plan.className },
        });
        return {};
      case 'request': {
        const { provisioner } = plan;
        const beta = annotated(claim, STORAGE_PROVISIONER_BETA, provisioner);
        const marked = await this.#writeClaim(claim, annotated(beta, STORAGE_PROVISIONER, provisioner));
        this.#events.say(marked, plan.event);
        return { requeueAfterMs: REMIND_MS };
      }
      case 'pending':
        if (plan.event !== undefined) this.#events.say(claim, plan.event);
        await this.#writeClaimStatus(claim, withoutVolume(claim, 'Pending'));
        return plan.event === undefined ? {} : { requeueAfterMs: REMIND_MS };
      case 'lost': {
        await this.#writeClaimStatus(claim, withoutVolume(claim, 'Lost'));
        const { type, reason, message } = plan.event;
        if (claim.status.phase !== 'Lost') this.#context.events.record(claim, type, reason, message);
        return {};
      }
    }
  }

  async #bind(volume: PersistentVolume, claim: PersistentVolumeClaim): Promise<void> {
    const promised = await this.#writeVolume(volume, boundVolume(volume, claim));
    const bound = await this.#setPhase(promised, 'Bound');
    const complete = await this.#writeClaim(claim, boundClaim(claim, bound));
    await this.#writeClaimStatus(complete, withVolume(complete, bound));
  }

  async #reconcileVolume(name: string): Promise<void> {
    const volume = this.#volumes.get(name);
    if (volume === undefined) {
      this.#events.forget('PersistentVolume', name);
      return;
    }
    await this.#applyVolumePlan(volume, planVolume(volume, await this.#claimOf(volume)));
  }

  /** What the volume refers to. That it is not there has to be true now, not when the cache was filled. */
  async #claimOf(volume: PersistentVolume): Promise<PersistentVolumeClaim | undefined> {
    const { claimRef, claimRef: { uid = '' } = {} } = volume.spec;
    if (claimRef === undefined || uid === '') return undefined;
    const key = claimKeyOf(claimRef);
    const cached = this.#claims.get(key);
    if (cached?.metadata.uid === uid) return cached;
    const { phase } = volume.status;
    if (cached === undefined && (phase === 'Released' || phase === 'Failed')) return undefined;
    try {
      const live = await this.#context.client.get(persistentVolumeClaims, splitKey(key));
      return live.metadata.uid === uid ? live : undefined;
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
      return undefined;
    }
  }

  async #applyVolumePlan(volume: PersistentVolume, plan: VolumePlan): Promise<void> {
    switch (plan.type) {
      case 'phase':
        await this.#setPhase(volume, plan.phase);
        return;
      case 'leave-to-claim':
        if (volume.spec.claimRef !== undefined) this.#enqueue(CLAIM + claimKeyOf(volume.spec.claimRef));
        return;
      case 'mismatch': {
        const event = { type: 'Warning', reason: 'VolumeMismatch' } as const;
        this.#events.say(volume, { ...event, message: plan.ofVolume });
        const claim = await this.#claimOf(volume);
        if (claim !== undefined) this.#events.say(claim, { ...event, message: plan.ofClaim });
        return;
      }
      case 'unbind': {
        const free = await this.#writeVolume(volume, unboundVolume(volume));
        await this.#setPhase(free, 'Available');
        return;
      }
      case 'release':
        await this.#release(volume, plan.failure);
    }
  }

  async #release(volume: PersistentVolume, failure: Failure | undefined): Promise<void> {
    // What failed stays so, for people to see.
    if (volume.status.phase === 'Failed') return;
    const released = await this.#setPhase(volume, 'Released');
    if (failure === undefined) return;
    const { reason, message } = failure;
    const failed = await this.#setPhase(released, 'Failed', message);
    this.#context.events.record(failed, 'Warning', reason, message);
  }

  async #setPhase(
    volume: PersistentVolume,
    phase: 'Available' | 'Bound' | 'Released' | 'Failed',
    message = '',
  ): Promise<PersistentVolume> {
    if (volume.status.phase === phase) return volume;
    const { message: _former, ...rest } = volume.status;
    const status = { ...rest, phase, ...(message === '' ? {} : { message }) };
    const next = { ...volume, status };
    const written = await this.#context.client.update(persistentVolumes, next, { subresource: 'status' });
    this.#volumes.wrote(written);
    return written;
  }

  async #writeVolume(old: PersistentVolume, next: PersistentVolume): Promise<PersistentVolume> {
    if (next === old) return old;
    const written = await this.#context.client.update(persistentVolumes, next);
    this.#volumes.wrote(written);
    return written;
  }

  async #writeClaim(old: PersistentVolumeClaim, next: PersistentVolumeClaim): Promise<PersistentVolumeClaim> {
    if (next === old) return old;
    const written = await this.#context.client.update(persistentVolumeClaims, next);
    this.#claims.wrote(written);
    return written;
  }

  async #writeClaimStatus(old: PersistentVolumeClaim, next: PersistentVolumeClaim): Promise<void> {
    if (next === old) return;
    this.#claims.wrote(
      await this.#context.client.update(persistentVolumeClaims, next, { subresource: 'status' }),
    );
  }
}
