/**
 * The taint eviction controller: deletes pods from nodes with a NoExecute taint that they do not tolerate, or
 * not any longer (`tolerationSeconds`). The time counts from when this process saw pod and taints together.
 *
 * Bound: one remembered time per pod that tolerates a taint for a limited time.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import { objectKey } from '../../api/meta/object.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Pod } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import {
  MANY_WORKERS,
  type ControllerContext,
  type ControllerDefinition,
  type Enqueue,
  type ReconcileResult,
  type Reconciler,
} from '../../reconcile/controller.ts';
import { withPodCondition } from '../pod-state/pod-state.ts';
import { BY_NODE, indexByNode } from '../pods-of-node/pods-of-node.ts';
import { planStay, type Stay } from './plan.ts';

export const taintEvictionController: ControllerDefinition = {
  name: 'taint-eviction-controller',
  permissions: [
    { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['delete', 'get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['pods/status'], verbs: ['patch', 'update'] },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ],
  workers: MANY_WORKERS,
  build: (context, enqueue) => new TaintEviction(context, enqueue),
};

class TaintEviction implements Reconciler {
  readonly #context: ControllerContext;
  readonly #pods: Informer<Pod>;
  /** Monotonic time since when a pod's days are counted, by pod key. */
  readonly #counting = new Map<string, { readonly uid: string; readonly sinceMs: number }>();

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers } = context;
    this.#context = context;
    indexByNode(informers);
    this.#pods = informers.of(pods);
    this.#pods.subscribe((next, old, key) => {
      if (next === undefined) this.#counting.delete(key);
      else if (old === undefined || decidesAnew(next, old)) enqueue(key);
    });
    informers.of(nodes).subscribe((next, old, name) => {
      if (deepEqual(next?.spec.taints ?? [], old?.spec.taints ?? [])) return;
      for (const pod of this.#pods.byIndex(BY_NODE, name)) enqueue(objectKey(pod));
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const pod = this.#pods.getByKey(key);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return {};
    const node = this.#context.informers.of(nodes).getByKey(pod.spec.nodeName ?? '');
    const stay: Stay = node === undefined ? { type: 'for-ever' } : planStay(pod, node.spec.taints ?? []);
    switch (stay.type) {
      case 'for-ever': {
        const counted = this.#counting.delete(key);
        if (counted) this.#record(pod, `Cancelling deletion of Pod ${key}`);
        return {};
      }
      case 'not-at-all':
        await this.#evict(key, pod);
        return {};
      case 'for': {
        const leftMs = this.#since(key, pod) + stay.seconds * 1000 - this.#context.clock.monotonicMs();
        if (leftMs > 0) return { requeueAfterMs: leftMs };
        await this.#evict(key, pod);
        return {};
      }
    }
  }

  #since(key: string, { metadata: { uid = '' } }: Pod): number {
    const counted = this.#counting.get(key);
    if (counted?.uid === uid) return counted.sinceMs;
    const sinceMs = this.#context.clock.monotonicMs();
    this.#counting.set(key, { uid, sinceMs });
    return sinceMs;
  }

  async #evict(key: string, pod: Pod): Promise<void> {
    const { client, clock } = this.#context;
    const { namespace, name = '', uid = '' } = pod.metadata;
    this.#record(pod, `Marking for deletion Pod ${key}`);
    try {
      const marked = withPodCondition(
        pod,
        {
          type: 'DisruptionTarget',
          status: 'True',
          reason: 'DeletionByTaintManager',
          message: 'Taint manager: deleting due to NoExecute taint',
        },
        clock.now(),
      );
      if (marked !== pod) await client.update(pods, marked, { subresource: 'status' });
      await client.delete(pods, { namespace, name }, { preconditions: { uid } });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
    this.#counting.delete(key);
  }

  #record(pod: Pod, message: string): void {
    this.#context.events.record(pod, 'Normal', 'TaintManagerEviction', message);
  }
}

function decidesAnew(next: Pod, old: Pod): boolean {
  return (
    next.metadata.uid !== old.metadata.uid ||
    next.spec.nodeName !== old.spec.nodeName ||
    !deepEqual(next.spec.tolerations, old.spec.tolerations)
  );
}
