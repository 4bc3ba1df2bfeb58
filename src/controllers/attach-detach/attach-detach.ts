/**
 * Attaches CSI volumes to the nodes whose pods use them, and detaches them when no pod does any more.
 *
 * Inputs: pods, claims, volumes, drivers, nodes, attachments. Outputs: VolumeAttachments, by which a driver's
 * own controller (the external attacher) knows what to do; `status.volumesAttached` of nodes, on which kubelets
 * wait; events on pods. `plan.ts` decides, per node.
 *
 * Invariants: those of `plan.ts`. One worker: two nodes never ask for the same volume at the same time. Keys
 * are the names of nodes.
 *
 * Bound: one remembered time per attachment that is not wanted and cannot go yet, one uid per attachment that
 * is on its way out.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { csiDrivers } from '../../api/groups/storage/csi-driver/csi-driver.ts';
import { volumeAttachments } from '../../api/groups/storage/volume-attachment/volume-attachment.ts';
import type { AttachedVolume, Node, Pod, VolumeAttachment } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  ReconcileResult,
  Reconciler,
} from '../../reconcile/controller.ts';
import { Latest } from '../latest/latest.ts';
import { BY_CLAIM_USED, claimKeysOf, indexByClaim } from '../pods-of-claim/pods-of-claim.ts';
import { BY_NODE, indexByNode } from '../pods-of-node/pods-of-node.ts';
import { SaidOnce } from '../said-once/said-once.ts';
import { attachableOf, attachmentName, isDone, type Attachable } from './attachable.ts';
import { attachError, attachFailure, attachSuccess, multiAttach } from './attach-events.ts';
import { isLeaving, planNode, type Detachment, type NodeView, type Wanted } from './plan.ts';

/** Attachments by node, and by volume. */
const OF_NODE = 'node';
const OF_VOLUME = 'volume';

export const attachDetachController: ControllerDefinition = {
  name: 'attachdetach-controller',
  permissions: [
    { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
    { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch', 'update'] },
    { apiGroups: [''], resources: ['persistentvolumes', 'persistentvolumeclaims'], verbs: ['list', 'watch'] },
    { apiGroups: ['storage.k8s.io'], resources: ['csidrivers'], verbs: ['get', 'list', 'watch'] },
    {
      apiGroups: ['storage.k8s.io'],
      resources: ['volumeattachments'],
      verbs: ['create', 'delete', 'get', 'list', 'watch'],
    },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ],
  build: (context, enqueue) => new AttachDetach(context, enqueue),
};

class AttachDetach implements Reconciler {
  readonly #context: ControllerContext;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #attachments: Latest<VolumeAttachment>;
  readonly #said: SaidOnce;
  /** Monotonic times, by attachment. */
  readonly #unwantedSinceMs = new Map<string, number>();
  /** Uids of attachments that were deleted, until the cache shows it. */
  readonly #leaving = new Set<string>();

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers, events, clock } = context;
    this.#context = context;
    this.#said = new SaidOnce(events, clock);
    indexByNode(informers);
    indexByClaim(informers);
    informers.index(volumeAttachments, OF_NODE, ({ spec }) => [spec.nodeName]);
    informers.index(volumeAttachments, OF_VOLUME, ({ spec }) => [spec.source.persistentVolumeName ?? '']);
    this.#pods = informers.of(pods);
    this.#nodes = informers.of(nodes);
    this.#attachments = new Latest(informers.of(volumeAttachments));
    this.#subscribe(enqueue);
  }

  #subscribe(enqueue: Enqueue): void {
    const { informers } = this.#context;
    const offer = (...claimKeys: readonly string[]): void => {
      for (const key of claimKeys)
        for (const { spec } of this.#pods.byIndex(BY_CLAIM_USED, key))
          if (spec.nodeName !== undefined) enqueue(spec.nodeName);
    };
    this.#pods.subscribe((next, old, key) => {
      if (next === undefined) this.#said.forget('Pod', key);
      for (const pod of [next, old]) {
        const { nodeName = '' } = pod?.spec ?? {};
        if (pod !== undefined && nodeName !== '' && claimKeysOf(pod).length > 0) enqueue(nodeName);
      }
    });
    informers.of(persistentVolumeClaims).subscribe((_next, _old, key) => offer(key));
    informers.of(persistentVolumes).subscribe((next) => {
      const { namespace = '', name = '' } = next?.spec.claimRef ?? {};
      if (next?.spec.csi !== undefined) offer(`${namespace}/${name}`);
    });
    informers.of(csiDrivers).subscribe(() => {
      for (const { metadata } of this.#nodes.list()) enqueue(metadata.name ?? '');
    });
    this.#nodes.subscribe((next, old, name) => {
      if (this.#attachments.byIndex(OF_NODE, name).length > 0 || next === undefined || old === undefined)
        enqueue(name);
    });
    informers.of(volumeAttachments).subscribe((next, old, name) => {
      if (next === undefined) this.#unwantedSinceMs.delete(name);
      const isGone = next === undefined || next.metadata.uid !== old?.metadata.uid;
      if (isGone) this.#leaving.delete(old?.metadata.uid ?? '');
      const { spec } = next ?? old ?? {};
      if (spec === undefined) return;
      enqueue(spec.nodeName);
      if (next === undefined) offer(...this.#claimOf(spec.source.persistentVolumeName ?? ''));
    });
  }

  /** Pods on other nodes may have waited for the volume. */
  #claimOf(volumeName: string): readonly string[] {
    const ref = this.#context.informers.of(persistentVolumes).getByKey(volumeName)?.spec.claimRef;
    return ref === undefined ? [] : [`${ref.namespace ?? ''}/${ref.name ?? ''}`];
  }

  async reconcile(nodeName: string): Promise<ReconcileResult> {
    const view = this.#view(nodeName);
    const plan = planNode(view);
    this.#remember(view, plan.kept);
    for (const attachable of plan.attach) await this.#attach(attachable, nodeName);
    if (plan.report !== undefined && view.node !== undefined) await this.#report(view.node, plan.report);
    for (const detachment of plan.detach) await this.#detach(nodeName, detachment);
    for (const { want, nodes: others } of plan.blocked) this.#sayBlocked(want, others);
    for (const want of view.wanted) this.#sayOutcome(want, view);
    return plan.lookAgainInMs === undefined ? {} : { requeueAfterMs: plan.lookAgainInMs };
  }

  #view(nodeName: string): NodeView {
    const attachments = this.#attachments
      .byIndex(OF_NODE, nodeName)
      .filter(({ spec }) => spec.nodeName === nodeName);
    const known = attachments.flatMap(({ spec }) => this.#attachable(spec.source.persistentVolumeName) ?? []);
    return {
      nodeName,
      node: this.#nodes.getByKey(nodeName),
      wanted: this.#wanted(nodeName),
      attachments,
      known: new Map(known.map((attachable) => [attachable.volume, attachable])),
      elsewhere: (volume) =>
        this.#attachments
          .byIndex(OF_VOLUME, volume)
          .filter(({ spec }) => spec.source.persistentVolumeName === volume)
          .map(({ spec }) => spec.nodeName)
          .filter((name) => name !== nodeName),
      unwantedSinceMs: this.#unwantedSinceMs,
      leaving: this.#leaving,
      nowMs: this.#context.clock.monotonicMs(),
    };
  }

  #wanted(nodeName: string): readonly Wanted[] {
    const claims = this.#context.informers.of(persistentVolumeClaims);
    const wanted = new Map<string, { attachable: Attachable; pods: Pod[] }>();
    for (const pod of this.#pods.byIndex(BY_NODE, nodeName)) {
      if (isDone(pod)) continue;
      for (const key of claimKeysOf(pod)) {
        const claim = claims.getByKey(key);
        if (claim?.status.phase !== 'Bound') continue;
        const attachable = this.#attachable(claim.spec.volumeName);
        if (attachable === undefined) continue;
        const want = wanted.get(attachable.volume) ?? { attachable, pods: [] };
        want.pods.push(pod);
        wanted.set(attachable.volume, want);
      }
    }
    return [...wanted.values()];
  }

  #attachable(volumeName = ''): Attachable | undefined {
    const { informers } = this.#context;
    const volume = volumeName === '' ? undefined : informers.of(persistentVolumes).getByKey(volumeName);
    if (volume === undefined) return undefined;
    return attachableOf(volume, informers.of(csiDrivers).getByKey(volume.spec.csi?.driver ?? ''));
  }

  #remember({ attachments, nowMs }: NodeView, kept: readonly string[]): void {
    const stays = new Set(kept);
    for (const { metadata } of attachments) {
      const { name = '' } = metadata;
      if (!stays.has(name)) this.#unwantedSinceMs.delete(name);
      else if (!this.#unwantedSinceMs.has(name)) this.#unwantedSinceMs.set(name, nowMs);
    }
  }

  async #attach(attachable: Attachable, nodeName: string): Promise<void> {
    try {
      const written = await this.#context.client.create(volumeAttachments, {
        metadata: { name: attachmentName(attachable, nodeName) },
        spec: {
          attacher: attachable.driver,
          nodeName,
          source: { persistentVolumeName: attachable.volume },
        },
      });
      this.#attachments.wrote(written);
    } catch (error) {
      // The cache lags.
      if (!isApiError(error, 'AlreadyExists')) throw error;
    }
  }

  async #report(node: Node, volumesAttached: readonly AttachedVolume[]): Promise<void> {
    const { name = '', uid = '' } = node.metadata;
    const body = {
      metadata: { uid },
      status: { volumesAttached: volumesAttached.map((one) => ({ ...one })) },
    };
    await this.#context.client.patch(nodes, { name }, { type: 'merge', body }, { subresource: 'status' });
  }

  /** Kubelets say that they use a volume before they look whether it is attached, so one look is enough. */
  async #detach(nodeName: string, { attachment, unlessInUse }: Detachment): Promise<void> {
    const { client } = this.#context;
    const { name = '', uid = '' } = attachment.metadata;
    if (unlessInUse !== undefined) {
      const node = await this.#liveNode(nodeName);
      // The event of this change will come, and the node will be told again that it has the volume.
      if (node?.status.volumesInUse?.includes(unlessInUse) === true) return;
    }
    this.#leaving.add(uid);
    try {
      await client.delete(volumeAttachments, { name }, { preconditions: { uid } });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
  }

  async #liveNode(name: string): Promise<Node | undefined> {
    try {
      return await this.#context.client.get(nodes, { name });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
      return undefined;
    }
  }

  #sayBlocked({ attachable, pods: waiting }: Wanted, others: readonly string[]): void {
    const users = this.#claimOf(attachable.volume)
      .flatMap((key) => this.#pods.byIndex(BY_CLAIM_USED, key))
      .filter((pod) => others.includes(pod.spec.nodeName ?? '') && !isDone(pod));
    for (const pod of waiting) this.#said.say(pod, multiAttach(attachable, pod, users));
  }

  #sayOutcome({ attachable, pods: users }: Wanted, view: NodeView): void {
    const attachment = this.#attachments.get(attachmentName(attachable, view.nodeName));
    if (attachment === undefined || isLeaving(view, attachment)) return;
    const error = attachError(attachment);
    for (const pod of users) {
      if (attachment.status.attached) this.#said.say(pod, attachSuccess(attachable));
      else if (error !== undefined) this.#said.say(pod, attachFailure(attachable, error));
    }
  }
}
