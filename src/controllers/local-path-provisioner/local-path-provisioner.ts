/**
 * The provisioner of class `standard`: volumes that are folders on the disk of the node that runs the pod.
 *
 * Inputs: claims that the binder has left to it and for which the scheduler has chosen a node; released
 * volumes. Outputs: a PersistentVolume `pvc-<uid of the claim>` that is reserved for the claim and bound to
 * the node; events; released volumes deleted, first the folder, by asking its node, then the object. The
 * node makes the folder when the first pod mounts it.
 *
 * Invariant: one volume for a claim, however often it is tried: its name comes from the claim's uid.
 */

import { errorText } from '../../base/log.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { objectKey } from '../../api/meta/object.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { isPlayed } from '../../api/groups/core/node/played-node.ts';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import { storageClasses } from '../../api/groups/storage/storage-class/storage-class.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../api/types.gen.ts';
import { SELECTED_NODE } from '../../api/volume-binding/annotations.ts';
import { LOCAL_PATH_PROVISIONER } from '../../api/volume-binding/local-path.ts';
import { storageClassOf } from '../../api/volume-binding/storage-class.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  ReconcileResult,
  Reconciler,
} from '../../reconcile/controller.ts';
import {
  hostnameOf,
  isAsked,
  isCalled,
  isToBeDeleted,
  planProvisioning,
  type ProvisioningPlan,
} from './plan.ts';

const CLAIM = 'claim/';
const VOLUME = 'volume/';

export interface LocalPathOptions {
  /** The folder on every node below which volumes lie, unless the class has a parameter `path`. */
  readonly root: string;
  /** Removes a folder of a volume on the node; rejects when the node cannot be reached. */
  readonly remove: (nodeName: string, path: string) => Promise<void>;
}

export function localPathProvisioner(options: LocalPathOptions): ControllerDefinition {
  return {
    name: 'local-path-provisioner',
    permissions: [
      {
        apiGroups: [''],
        resources: ['persistentvolumes'],
        verbs: ['create', 'delete', 'get', 'list', 'watch'],
      },
      { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['get', 'list', 'update', 'watch'] },
      { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
    ],
    workers: 4,
    build: (context, enqueue) => new LocalPathProvisioner(context, enqueue, options),
  };
}

class LocalPathProvisioner implements Reconciler {
  readonly #context: ControllerContext;
  readonly #options: LocalPathOptions;

  constructor(context: ControllerContext, enqueue: Enqueue, options: LocalPathOptions) {
    const { informers } = context;
    this.#context = context;
    this.#options = options;
    informers.of(persistentVolumeClaims).subscribe((next, _old, key) => {
      if (next !== undefined && isAsked(next)) enqueue(CLAIM + key);
    });
    informers.of(persistentVolumes).subscribe((next, _old, name) => {
      if (next !== undefined && isToBeDeleted(next)) enqueue(VOLUME + name);
    });
    informers.of(storageClasses).subscribe((next, _old, name) => {
      if (next?.provisioner === LOCAL_PATH_PROVISIONER) this.#offerClaims(name, enqueue);
    });
    informers.of(nodes);
  }

  /** The cache of claims may be ahead of that of classes. */
  #offerClaims(className: string, enqueue: Enqueue): void {
    for (const claim of this.#context.informers.of(persistentVolumeClaims).list()) {
      if (isAsked(claim) && storageClassOf(claim) === className) enqueue(CLAIM + objectKey(claim));
    }
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const { informers } = this.#context;
    if (key.startsWith(VOLUME)) {
      const volume = informers.of(persistentVolumes).getByKey(key.slice(VOLUME.length));
      if (volume !== undefined && isToBeDeleted(volume)) await this.#delete(volume);
      return {};
    }
    const claim = informers.of(persistentVolumeClaims).getByKey(key.slice(CLAIM.length));
    if (claim === undefined) return {};
    if (!isAsked(claim)) return {};
    const plan = planProvisioning({
      claim,
      storageClass: informers.of(storageClasses).getByKey(storageClassOf(claim)),
      node: await this.#node(claim.metadata.annotations?.[SELECTED_NODE] ?? ''),
      root: this.#options.root,
    });
    await this.#apply(claim, plan);
    return {};
  }

  /** That a node is gone has to be true now, not when the cache was filled. */
  async #node(name: string): Promise<Node | undefined> {
    const cached = name === '' ? undefined : this.#context.informers.of(nodes).getByKey(name);
    if (name === '' || cached !== undefined) return cached;
    try {
      return await this.#context.client.get(nodes, { name });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
      return undefined;
    }
  }

  async #apply(claim: PersistentVolumeClaim, plan: ProvisioningPlan): Promise<void> {
    const { client, events } = this.#context;
    switch (plan.type) {
      case 'nothing':
        return;
      case 'refuse':
        events.record(claim, 'Warning', 'ProvisioningFailed', plan.message);
        return;
      case 'reschedule': {
        events.record(claim, 'Warning', 'ProvisioningFailed', plan.message);
        const { [SELECTED_NODE]: _gone, ...annotations } = claim.metadata.annotations ?? {};
        await client.update(persistentVolumeClaims, {
          ...claim,
          metadata: { ...claim.metadata, annotations },
        });
        return;
      }
      case 'create': {
        const { name } = plan.volume.metadata;
        const known = this.#context.informers.of(persistentVolumes).getByKey(name);
        if (known !== undefined) return;
        const what = `External provisioner is provisioning volume for claim "${objectKey(claim)}"`;
        events.record(claim, 'Normal', 'Provisioning', what);
        try {
          await client.create(persistentVolumes, plan.volume);
        } catch (error) {
          if (!isApiError(error, 'AlreadyExists')) throw error;
        }
        events.record(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`);
      }
    }
  }

  /**
   * First the data, then the object that says where it is. Whether nobody has the volume is asked again on
   * the server: people may have given it to another claim, and no precondition brings a folder back.
   */
  async #delete(cached: PersistentVolume): Promise<void> {
    const { name = '', uid = '' } = cached.metadata;
    try {
      const volume = await this.#context.client.get(persistentVolumes, { name });
      if (volume.metadata.uid !== uid || !isToBeDeleted(volume)) return;
      const { resourceVersion = '' } = volume.metadata;
      await this.#removeFolder(volume);
      // Only as it was seen: people may have given it another policy meanwhile.
      const preconditions = { uid, resourceVersion };
      await this.#context.client.delete(persistentVolumes, { name }, { preconditions });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
  }

  /** What lay on a node that is gone is gone as well. */
  async #removeFolder(volume: PersistentVolume): Promise<void> {
    const { informers, events } = this.#context;
    const path = volume.spec.hostPath?.path;
    const hostname = hostnameOf(volume);
    const node = informers
      .of(nodes)
      .list()
      .find((one) => hostname !== undefined && isCalled(one, hostname));
    if (path === undefined || node === undefined || isPlayed(node)) return;
    try {
      await this.#options.remove(node.metadata.name ?? '', path);
    } catch (error) {
      events.record(volume, 'Warning', 'VolumeFailedDelete', errorText(error));
      throw error;
    }
  }
}
