/** Plays the pods of nodes that have no kubelet, while their node is not silent. */

import { isPlayed } from '../../api/groups/core/node/played-node.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { Node, Pod, PodStatus } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  ReconcileResult,
  Reconciler,
} from '../../reconcile/controller.ts';
import { Fleets } from '../fleets.ts';
import { membershipOf } from '../members.ts';
import { silentUntilMs } from '../outages.ts';
import { PodAddresses } from './pod-addresses.ts';
import { endedStatus, runningStatus } from './pod-status.ts';
import { nextStep, type PodStep } from './plan.ts';

export const podLifeController: ControllerDefinition = {
  name: 'fleet-pod-life-controller',
  permissions: [
    { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['delete', 'get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['pods/status'], verbs: ['update'] },
  ],
  workers: 64,
  build: (context, enqueue) => new PodLife(context, enqueue),
};

class PodLife implements Reconciler {
  readonly #context: ControllerContext;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #fleets: Fleets;
  readonly #addresses = new PodAddresses();
  /** Pods by the name of a node that is not known yet. */
  readonly #waiting = new Map<string, Set<string>>();

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers } = context;
    this.#context = context;
    this.#pods = informers.of(pods);
    this.#nodes = informers.of(nodes);
    this.#fleets = new Fleets(informers);
    this.#pods.subscribe((next, old, key) => {
      if (next === undefined) this.#addresses.release(old?.status.podIP ?? '');
      else this.#onPod(next, key, enqueue);
    });
    this.#nodes.subscribe((next, _old, name) => {
      if (next === undefined) return;
      for (const key of this.#waiting.get(name) ?? []) enqueue(key);
      this.#waiting.delete(name);
    });
  }

  #onPod({ spec, status }: Pod, key: string, enqueue: Enqueue): void {
    if ((status.podIP ?? '') !== '') this.#addresses.note(status.podIP ?? '');
    const { nodeName = '' } = spec;
    if (nodeName === '') return;
    const node = this.#nodes.get('', nodeName);
    if (node === undefined) {
      const waiting = this.#waiting.get(nodeName);
      if (waiting === undefined) this.#waiting.set(nodeName, new Set([key]));
      else waiting.add(key);
    } else if (isPlayed(node)) enqueue(key);
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const pod = this.#pods.getByKey(key);
    const node = pod === undefined ? undefined : this.#nodes.get('', pod.spec.nodeName ?? '');
    if (pod === undefined || node === undefined || !isPlayed(node)) return {};
    const member = membershipOf(node, (name) => this.#fleets.get(name));
    const nowMs = this.#context.clock.now();
    const silentMs = silentUntilMs(member, nowMs);
    if (silentMs !== undefined) return { requeueAfterMs: silentMs - nowMs };
    const step = nextStep(pod, member.behavior);
    if (step.type === 'none') return {};
    if (step.atMs > nowMs) return { requeueAfterMs: step.atMs - nowMs };
    await this.#take(step, pod, node, nowMs);
    return {};
  }

  async #take(
    step: Exclude<PodStep, { readonly type: 'none' }>,
    pod: Pod,
    node: Node,
    nowMs: number,
  ): Promise<void> {
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    try {
      switch (step.type) {
        case 'run': {
          const hostIp = node.status.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '';
          const podIp = this.#addresses.take();
          return await this.#write(pod, runningStatus(pod, { hostIp, podIp }, nowMs));
        }
        case 'succeed':
          return await this.#write(pod, endedStatus(pod, 0, nowMs));
        case 'fail':
          return await this.#write(pod, endedStatus(pod, step.exitCode, nowMs));
        case 'remove':
          return await this.#context.client.delete(
            pods,
            { namespace, name },
            { gracePeriodSeconds: 0, preconditions: { uid } },
          );
      }
    } catch (error) {
      // Its own event tells what has become of it.
      if (!isApiError(error, 'NotFound') && !isApiError(error, 'Conflict')) throw error;
    }
  }

  async #write(pod: Pod, status: PodStatus): Promise<void> {
    await this.#context.client.update(pods, { ...pod, status }, { subresource: 'status' });
  }
}
