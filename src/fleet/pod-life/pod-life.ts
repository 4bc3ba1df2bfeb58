/** Plays the pods of nodes that have no kubelet, while their node is not silent. */

import { isKwokNode, isPlayed } from '../../api/groups/core/node/played-node.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { objectKey } from '../../api/meta/object.ts';
import type { Node, Pod, PodStatus } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  ReconcileResult,
  Reconciler,
} from '../../reconcile/controller.ts';
import { Followed } from '../followed.ts';
import { membershipOf, playedAddress } from '../members.ts';
import { nodeFleets, type NodeFleet } from '../node-fleet.ts';
import { silentUntilMs } from '../outages.ts';
import { StagePlayer } from '../stages/player.ts';
import { Stages } from '../stages/stages.ts';
import type { Functions } from '../stages/template/template.ts';
import { PodAddresses } from './pod-addresses.ts';
import { endedStatus, runningStatus } from './pod-status.ts';
import { nextStep, type PodStep } from './plan.ts';

/** How soon to look again while Stages are not known yet. */
const STAGES_MS = 100;

export const podLifeController: ControllerDefinition = {
  name: 'fleet-pod-life-controller',
  permissions: [
    { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['delete', 'get', 'list', 'patch', 'watch'] },
    { apiGroups: [''], resources: ['pods/status'], verbs: ['patch', 'update'] },
    { apiGroups: ['kwok.x-k8s.io'], resources: ['stages'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ],
  workers: 256,
  build: (context, enqueue) => new PodLife(context, enqueue),
};

class PodLife implements Reconciler {
  readonly #context: ControllerContext;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #fleets: Followed<NodeFleet>;
  readonly #stages: Stages;
  readonly #player: StagePlayer<Pod>;
  readonly #addresses = new PodAddresses();
  /** Given to pods that do not show them yet, by pod. */
  readonly #reserved = new Map<string, string>();
  /** Pods by the name of a node that is not known yet. */
  readonly #waiting = new Map<string, Set<string>>();

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers } = context;
    this.#context = context;
    this.#pods = informers.of(pods);
    this.#nodes = informers.of(nodes);
    this.#fleets = new Followed(informers, nodeFleets);
    this.#player = new StagePlayer(context, pods);
    this.#stages = new Stages(context, 'Pod', () => {
      for (const pod of this.#pods.list()) this.#onPod(pod, objectKey(pod), enqueue);
    });
    this.#pods.subscribe((next, old, key) => {
      if (next === undefined) this.#forget(key, old);
      else this.#onPod(next, key, enqueue);
    });
    this.#nodes.subscribe((next, _old, name) => {
      if (next === undefined) return;
      for (const key of this.#waiting.get(name) ?? []) enqueue(key);
      this.#waiting.delete(name);
    });
  }

  #forget(key: string, pod: Pod | undefined): void {
    this.#addresses.release(this.#reserved.get(key) ?? '');
    this.#addresses.release(pod?.status.podIP ?? '');
    this.#reserved.delete(key);
    this.#player.forget(key);
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
    if (isKwokNode(node) && this.#stages.isPending) return { requeueAfterMs: STAGES_MS };
    if (isKwokNode(node) && this.#stages.isThereAny) {
      return this.#player.step(pod, this.#stages.all(), this.#functions(key, pod, node));
    }
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

  /** What templates of Stages ask for. */
  #functions(key: string, pod: Pod, node: Node): Functions {
    const address = addressOf(node);
    const nodeAddress = address === '' ? playedAddress(node.metadata.name ?? '') : address;
    const podAddress = (hostNetwork: boolean): string => {
      if (hostNetwork) return nodeAddress;
      const known = this.#reserved.get(key) ?? pod.status.podIP ?? '';
      const taken = known === '' ? this.#addresses.take() : known;
      this.#reserved.set(key, taken);
      return taken;
    };
    return {
      NodeIPWith: () => nodeAddress,
      NodeIPsWith: () => [nodeAddress],
      PodIPWith: (_node, hostNetwork) => podAddress(hostNetwork === true),
      PodIPsWith: (_node, hostNetwork) => [podAddress(hostNetwork === true)],
    };
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
          const hostIp = addressOf(node);
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

function addressOf({ status }: Node): string {
  return status.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '';
}
