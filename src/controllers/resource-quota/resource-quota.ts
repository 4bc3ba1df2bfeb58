/**
 * The resource quota controller: keeps `status.hard` what the spec says, and counts anew what is used when
 * something that counts has gone, and every five minutes.
 *
 * What comes is charged by admission (`apiserver/admission/resource-quota`), in the commit that brings it. So a
 * count is right when everything is read after the quota, and written only if the quota is still the same: a
 * charge in between makes the write lose.
 */

import { mayComeFromDevices } from '../../api/groups/core/resource-names.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { resourceQuotas } from '../../api/groups/core/resource-quota/resource-quota.ts';
import { services } from '../../api/groups/core/service/service.ts';
import { deviceClasses } from '../../api/groups/resource/device-class/device-class.ts';
import { resourceClaims } from '../../api/groups/resource/resource-claim/resource-claim.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import { objectKey, splitKey, type KubernetesObject } from '../../api/meta/object.ts';
import { ALL_VERBS, type ResourceDefinition } from '../../api/meta/resource-definition.ts';
import { evaluatorOf, type Counted } from '../../api/quota/evaluator.ts';
import { isTerminating } from '../../api/quota/pod-evaluator.ts';
import { NOTHING_AROUND, surroundingsOf, type Surroundings } from '../../api/quota/surroundings.ts';
import { totalStatus, type CountedObjects } from '../../api/quota/total.ts';
import type { DeviceClass, Pod, ResourceQuota, ResourceV1ResourceClaim } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  ReconcileResult,
  Reconciler,
} from '../../reconcile/controller.ts';
import { isPodFinished } from '../pod-state/pod-state.ts';

const RESYNC_MS = 300_000;
/** Whole crowds go at once: one count serves them all. */
const GATHER_MS = 50;

/** `kinds` yields the kinds of this moment, custom ones included. */
export function resourceQuotaController(kinds: () => readonly ResourceDefinition[]): ControllerDefinition {
  return {
    name: 'resourcequota-controller',
    permissions: [
      { apiGroups: ['*'], resources: ['*'], verbs: ['list', 'watch'] },
      { apiGroups: [''], resources: ['resourcequotas'], verbs: ['get'] },
      { apiGroups: [''], resources: ['resourcequotas/status'], verbs: ['update'] },
      { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
    ],
    workers: 5,
    build: (context, enqueue) => new QuotaReconciler(context, enqueue, kinds),
  };
}

class QuotaReconciler implements Reconciler {
  readonly #context: ControllerContext;
  readonly #enqueue: Enqueue;
  readonly #kinds: () => readonly ResourceDefinition[];
  readonly #quotas: Informer<ResourceQuota>;
  /** Kinds whose objects wake the quotas of their namespace when they go. */
  readonly #watched = new Set<string>();

  constructor(context: ControllerContext, enqueue: Enqueue, kinds: () => readonly ResourceDefinition[]) {
    const { informers } = context;
    this.#context = context;
    this.#enqueue = enqueue;
    this.#kinds = kinds;
    this.#quotas = informers.of(resourceQuotas);
    this.#quotas.subscribe((next, old, key) => {
      if (next === undefined || next.metadata.deletionTimestamp !== undefined) return;
      const isNew = !deepEqual(next.spec, old?.spec) || !deepEqual(next.spec.hard ?? {}, next.status.hard);
      if (isNew) enqueue(key);
    });
    this.#watch(pods, (next, old) => paysOtherwise(next as Pod, old as Pod));
    this.#watch(services, (next, old) => usesOtherwise(services, next, old));
    this.#watch(persistentVolumeClaims, (next, old) => usesOtherwise(persistentVolumeClaims, next, old));
    informers.of(deviceClasses).subscribe((next, old) => {
      const isSame = next !== undefined && old !== undefined;
      if (isSame && next.spec.extendedResourceName === old.spec.extendedResourceName) return;
      for (const quota of this.#quotas.list())
        if (namesDevices(quota)) this.#enqueue(objectKey(quota), GATHER_MS);
    });
  }

  /** `frees`: whether a change of an object is worth counting anew, as its removal is. */
  #watch<T extends KubernetesObject>(
    type: ResourceDefinition<T>,
    frees: (next: KubernetesObject, old: KubernetesObject) => boolean,
  ): void {
    this.#watched.add(nameOf(type));
    this.#context.informers.of(type).subscribe((next, old) => {
      if (old === undefined || (next !== undefined && !frees(next, old))) return;
      for (const quota of this.#quotas.list(old.metadata.namespace))
        this.#enqueue(objectKey(quota), GATHER_MS);
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const { client, clock } = this.#context;
    if (this.#quotas.getByKey(key) === undefined) return {};
    const { namespace, name } = splitKey(key);
    try {
      const quota = await client.get(resourceQuotas, { namespace, name });
      const kinds = await this.#countedIn(quota);
      const status = totalStatus(quota, kinds, clock.now());
      if (status !== undefined)
        await client.update(resourceQuotas, { ...quota, status }, { subresource: 'status' });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
    return { requeueAfterMs: RESYNC_MS };
  }

  /** Everything that the quota may be about. Its evaluators see the same lists as are counted. */
  async #countedIn(quota: ResourceQuota): Promise<readonly CountedObjects[]> {
    const { client } = this.#context;
    const { namespace = '' } = quota.metadata;
    const classes = namesDevices(quota) ? (await client.list(deviceClasses)).items : [];
    const counted = this.#countedBy(quota, surroundingsOf(classes, [], []));
    const lists = new Map<ResourceDefinition, readonly KubernetesObject[]>();
    await Promise.all(
      counted.map(async (kind) => {
        lists.set(kind, (await client.list(kind, { namespace })).items);
      }),
    );
    const around = surroundingsIn(classes, lists);
    return [...lists].map(([kind, objects]) => ({ evaluator: evaluatorOf(kind, around), objects }));
  }

  /** The kinds that the quota's resources are about. */
  #countedBy({ spec }: ResourceQuota, around: Surroundings): readonly ResourceDefinition[] {
    const names = Object.keys(spec.hard ?? {});
    const seen = new Set<string>();
    const counted = this.#kinds().filter((kind) => {
      const verbs = kind.verbs ?? ALL_VERBS;
      if (!kind.namespaced || !verbs.includes('list') || !verbs.includes('create')) return false;
      if (seen.has(nameOf(kind)) || !names.some((name) => evaluatorOf(kind, around).counts(name)))
        return false;
      seen.add(nameOf(kind));
      return true;
    });
    for (const kind of counted) if (!this.#watched.has(nameOf(kind))) this.#watch(kind, () => false);
    return counted;
  }
}

/** Whoever counts claims under the names by which pods ask for devices counts pods as well. */
function surroundingsIn(
  classes: readonly DeviceClass[],
  lists: ReadonlyMap<ResourceDefinition, readonly KubernetesObject[]>,
): Surroundings {
  const of = (type: Counted): readonly KubernetesObject[] =>
    [...lists].find(([kind]) => nameOf(kind) === nameOf(type))?.[1] ?? [];
  return surroundingsOf(
    classes,
    of(pods) as readonly Pod[],
    of(resourceClaims) as readonly ResourceV1ResourceClaim[],
  );
}

/** Whether it stopped to count, counts for another claim, or other quotas are about it. */
function paysOtherwise(next: Pod, old: Pod): boolean {
  const claimOf = ({ status }: Pod) => status.extendedResourceClaimStatus?.resourceClaimName;
  return (
    isPodFinished(next) !== isPodFinished(old) ||
    claimOf(next) !== claimOf(old) ||
    isTerminating(next) !== isTerminating(old)
  );
}

function namesDevices({ spec }: ResourceQuota): boolean {
  return Object.keys(spec.hard ?? {}).some((name) => mayComeFromDevices(name.replace(/^requests\./, '')));
}

function usesOtherwise(type: Counted, next: KubernetesObject, old: KubernetesObject): boolean {
  const evaluator = evaluatorOf(type, NOTHING_AROUND);
  return !deepEqual([...evaluator.usage(next, 0)], [...evaluator.usage(old, 0)]);
}

function nameOf({ group, plural }: { readonly group: string; readonly plural: string }): string {
  return `${plural}.${group}`;
}
