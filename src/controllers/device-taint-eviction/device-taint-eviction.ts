/**
 * The device taint eviction controller: deletes pods that have a device with a NoExecute taint which their
 * claim does not tolerate, or not any longer (`tolerationSeconds`, counted from when the taint was added).
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { usedClaimNames } from '../../api/groups/resource/pod-resource-claims.ts';
import { resourceClaims } from '../../api/groups/resource/resource-claim/resource-claim.ts';
import { resourceSlices } from '../../api/groups/resource/resource-slice/resource-slice.ts';
import type { Pod, ResourceSlice, ResourceV1ResourceClaim } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  ReconcileResult,
  Reconciler,
} from '../../reconcile/controller.ts';
import { withPodCondition } from '../pod-state/pod-state.ts';
import { evictionTimeMs } from './plan.ts';

export const deviceTaintEvictionController: ControllerDefinition = {
  name: 'device-taint-eviction-controller',
  permissions: [
    { apiGroups: [''], resources: ['pods'], verbs: ['delete', 'get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['pods/status'], verbs: ['patch', 'update'] },
    {
      apiGroups: ['resource.k8s.io'],
      resources: ['resourceclaims', 'resourceslices'],
      verbs: ['get', 'list', 'watch'],
    },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ],
  workers: 8,
  build: (context, enqueue) => new DeviceTaintEviction(context, enqueue),
};

const BY_POOL = 'device-taint-eviction/pool';

class DeviceTaintEviction implements Reconciler {
  readonly #context: ControllerContext;
  readonly #pods: Informer<Pod>;
  readonly #claims: Informer<ResourceV1ResourceClaim>;
  readonly #slices: Informer<ResourceSlice>;
  /** Keys of pods whose time is running. */
  readonly #running = new Set<string>();

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers } = context;
    this.#context = context;
    informers.index(resourceSlices, BY_POOL, ({ spec }) => [poolKey(spec.driver, spec.pool.name)]);
    informers.index(resourceClaims, BY_POOL, ({ status }) => [
      ...new Set((status.allocation?.devices.results ?? []).map(({ driver, pool }) => poolKey(driver, pool))),
    ]);
    this.#pods = informers.of(pods);
    this.#claims = informers.of(resourceClaims);
    this.#slices = informers.of(resourceSlices);
    const enqueueUsers = ({ metadata, status }: ResourceV1ResourceClaim): void => {
      for (const { name } of status.reservedFor ?? []) enqueue(`${metadata.namespace ?? ''}/${name}`);
    };
    this.#pods.subscribe((next, old, key) => {
      if (next === undefined) this.#running.delete(key);
      else if (usedClaimNames(next).length > 0 && decidesAnew(next, old)) enqueue(key);
    });
    this.#claims.subscribe((next, old) => {
      if (next !== undefined && !deepEqual(next.status, old?.status)) enqueueUsers(next);
    });
    this.#slices.subscribe((next, old) => {
      if (deepEqual(next?.spec, old?.spec)) return;
      for (const { spec } of [next ?? old].filter((slice) => slice !== undefined))
        for (const claim of this.#claims.byIndex(BY_POOL, poolKey(spec.driver, spec.pool.name)))
          enqueueUsers(claim);
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const pod = this.#pods.getByKey(key);
    if (pod === undefined) return {};
    const { namespace = '' } = pod.metadata;
    const claims = usedClaimNames(pod).flatMap((name) => this.#claims.get(namespace, name) ?? []);
    const slicesOf = (driver: string, pool: string): readonly ResourceSlice[] =>
      this.#slices.byIndex(BY_POOL, poolKey(driver, pool));
    const atMs = evictionTimeMs(pod, claims, slicesOf);
    if (atMs === undefined) {
      if (this.#running.delete(key)) this.#record(pod, 'Cancelling deletion');
      return {};
    }
    const leftMs = atMs - this.#context.clock.now();
    if (leftMs > 0) {
      this.#running.add(key);
      return { requeueAfterMs: leftMs };
    }
    this.#running.delete(key);
    await this.#evict(pod);
    return {};
  }

  async #evict(pod: Pod): Promise<void> {
    const { client, clock } = this.#context;
    const { namespace, name = '', uid = '' } = pod.metadata;
    this.#record(pod, 'Marking for deletion');
    const marked = withPodCondition(
      pod,
      {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'DeletionByDeviceTaintManager',
        message: 'Device Taint manager: deleting due to NoExecute taint',
      },
      clock.now(),
    );
    try {
      if (marked !== pod) await client.update(pods, marked, { subresource: 'status' });
      await client.delete(pods, { namespace, name }, { preconditions: { uid } });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
  }

  #record(pod: Pod, what: string): void {
    this.#context.events.record(pod, 'Normal', 'DeviceTaintManagerEviction', what);
  }
}

/** One that came back under its name while nobody heard of it counts as new. */
function decidesAnew(next: Pod, old: Pod | undefined): boolean {
  return (
    old === undefined ||
    next.metadata.uid !== old.metadata.uid ||
    next.spec.nodeName !== old.spec.nodeName ||
    !deepEqual(usedClaimNames(next), usedClaimNames(old))
  );
}

function poolKey(driver: string, pool: string): string {
  return `${driver}/${pool}`;
}
