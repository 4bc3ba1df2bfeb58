/** Volumes that pods get through a PersistentVolumeClaim, where the volume is a path of this machine. */

import type { ResourceType } from '../../api/meta/object.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod, Volume } from '../../api/types.gen.ts';
import type { Client } from '../../client/client.ts';
import type { NodeFiles } from '../system/system.ts';
import { podName } from '../pods/pod-names.ts';
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
    const { volumeName = '' } = claim.spec;
    if (claim.status.phase !== 'Bound' || volumeName === '')
      throw new Error(`persistentvolumeclaim "${claimName}" is not bound`);
    const { spec } = await this.#client.get(VOLUMES, { name: volumeName });
    if (spec.hostPath !== undefined) return prepareHostPath(this.#files, spec.hostPath);
    if (spec.local === undefined)
      throw new Error(`persistentvolume "${volumeName}" is of a kind this node cannot mount`);
    if ((await this.#files.stat(spec.local.path)) === undefined)
      throw new Error(`path "${spec.local.path}" does not exist`);
    return spec.local.path;
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
