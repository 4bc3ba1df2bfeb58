/** Volumes that pods get through a PersistentVolumeClaim, where the volume is a path of this machine. */

import type { ResourceType } from '../../api/meta/object.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod, Volume } from '../../api/types.gen.ts';
import { PROVISIONED_BY } from '../../api/volume-binding/annotations.ts';
import { LOCAL_PATH_PROVISIONER } from '../../api/volume-binding/local-path.ts';
import { fitsNode } from '../../api/volume-binding/matching.ts';
import type { Client } from '../../client/client.ts';
import type { NodeFiles } from '../system/system.ts';
import { podName } from '../pods/pod-names.ts';
import { makeLocalPath } from './local-path.ts';
import { prepareHostPath } from './host-path.ts';

const core = { group: '', version: 'v1' } as const;
const CLAIMS: ResourceType<PersistentVolumeClaim> = {
  ...core,
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  namespaced: true,
};
const VOLUMES: ResourceType<PersistentVolume> = {
  ...core,
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  namespaced: false,
};
const NODES: ResourceType<Node> = { ...core, kind: 'Node', plural: 'nodes', namespaced: false };

export class ClaimedVolumes {
  readonly #client: Client;
  readonly #files: NodeFiles;

  constructor(client: Client, files: NodeFiles) {
    this.#client = client;
    this.#files = files;
  }

  /** Rejects while the claim is not bound, and for volumes that are no path. */
  async path(pod: Pod, volume: Volume): Promise<string> {
    const { namespace, name } = podName(pod);
    const claimName = volume.persistentVolumeClaim?.claimName ?? `${name}-${volume.name}`;
    const claim = await this.#claim(namespace, claimName);
    if (claim.metadata.deletionTimestamp !== undefined)
      throw new Error(`can't start pod because PVC ${namespace}/${claimName} is being deleted`);
    const isOwn = claim.metadata.ownerReferences?.some(
      ({ controller, uid }) => controller === true && uid === pod.metadata.uid,
    );
    if (volume.ephemeral !== undefined && isOwn !== true) {
      const what = `PVC ${namespace}/${claimName} was not created for pod ${namespace}/${name}`;
      throw new Error(`${what} (pod is not owner)`);
    }
    const { volumeName = '' } = claim.spec;
    if (claim.status.phase !== 'Bound' || volumeName === '')
      throw new Error(`persistentvolumeclaim "${claimName}" is not bound`);
    const volumeOfClaim = await this.#client.get(VOLUMES, { name: volumeName });
    const { metadata, spec } = volumeOfClaim;
    if (spec.claimRef?.uid !== claim.metadata.uid)
      throw new Error(`persistentvolume "${volumeName}" is bound to another claim than "${claimName}"`);
    await this.#checkPlace(pod, volumeOfClaim);
    if (spec.hostPath !== undefined) {
      if (metadata.annotations?.[PROVISIONED_BY] === LOCAL_PATH_PROVISIONER)
        await makeLocalPath(this.#files, spec.hostPath.path);
      return prepareHostPath(this.#files, spec.hostPath);
    }
    if (spec.local === undefined)
      throw new Error(`persistentvolume "${volumeName}" is of a kind this node cannot mount`);
    if ((await this.#files.stat(spec.local.path)) === undefined)
      throw new Error(`path "${spec.local.path}" does not exist`);
    return spec.local.path;
  }

  /** A pod that was put here by force may not find its data; it must not find an empty folder instead. */
  async #checkPlace({ spec: { nodeName = '' } }: Pod, volume: PersistentVolume): Promise<void> {
    if (volume.spec.nodeAffinity === undefined) return;
    const node = await this.#client.get(NODES, { name: nodeName });
    if (!fitsNode(volume, node))
      throw new Error('MountVolume.NodeAffinity check failed: no matching NodeSelectorTerms');
  }

  async #claim(namespace: string, name: string): Promise<PersistentVolumeClaim> {
    try {
      return await this.#client.get(CLAIMS, { namespace, name });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
      throw new Error(`persistentvolumeclaim "${name}" not found`, { cause: error });
    }
  }
}
