/**
 * The mounts of a container: where each of its volumes lies on the host, with `subPath` resolved so that
 * links in a volume cannot lead out of it.
 */

import type { Container, Pod, VolumeMount } from '../../api/types.gen.ts';
import type { KeyValue, Mount, MountPropagation } from '../cri/messages.ts';
import { expand } from '../env/expand.ts';
import { imageMount, type ShownImage } from '../image-volumes/image-mount.ts';
import type { NodeFiles } from '../system/system.ts';
import { resolveSubPath } from './sub-path.ts';

export async function containerMounts(
  files: NodeFiles,
  container: Container,
  volumes: ReadonlyMap<string, string>,
  images: ReadonlyMap<string, ShownImage>,
  environment: readonly KeyValue[],
  readOnly: ReadonlySet<string>,
): Promise<readonly Mount[]> {
  const variables = new Map(environment.map(({ key, value }) => [key, value]));
  const mounts: Mount[] = [];
  for (const mount of container.volumeMounts ?? []) {
    const image = images.get(mount.name);
    if (image !== undefined) {
      mounts.push(await imageMount(files, image, mount, subPathOf(mount, variables)));
      continue;
    }
    const volume = volumes.get(mount.name);
    if (volume === undefined)
      throw new Error(`cannot find volume "${mount.name}" to mount into container "${container.name}"`);
    const subPath = subPathOf(mount, variables);
    mounts.push({
      containerPath: mount.mountPath,
      hostPath: subPath === '' ? volume : await resolveSubPath(files, volume, subPath),
      readonly: mount.readOnly === true || readOnly.has(mount.name),
      propagation: propagationOf(mount),
    });
  }
  return mounts;
}

/**
 * Where in its volume a mount lies. What variables make of it is known on the node only, so it is checked
 * here, in upstream's words: a pod whose path is not allowed waits with `CreateContainerConfigError`.
 */
export function subPathOf(mount: VolumeMount, variables: ReadonlyMap<string, string>): string {
  const { subPath = '', subPathExpr = '' } = mount;
  const path = subPathExpr === '' ? subPath : expand(subPathExpr, (name) => valueOf(name, variables));
  if (path.startsWith('/')) throw new Error(`error SubPath \`${path}\` must not be an absolute path`);
  if (path.split('/').includes('..'))
    throw new Error(`unable to provision SubPath \`${path}\`: must not contain '..'`);
  return path;
}

function valueOf(name: string, variables: ReadonlyMap<string, string>): string {
  const value = variables.get(name);
  if (value === undefined) throw new Error(`missing value for "${name}"`);
  return value;
}

/** Names of volumes that the pod itself wants for reading only, whatever its containers say. */
export function readOnlyVolumes({ spec: { volumes = [] } }: Pod): ReadonlySet<string> {
  const named = volumes.filter(({ persistentVolumeClaim }) => persistentVolumeClaim?.readOnly === true);
  return new Set(named.map(({ name }) => name));
}

function propagationOf({ mountPropagation = 'None' }: VolumeMount): MountPropagation {
  switch (mountPropagation) {
    case 'HostToContainer':
      return 'PROPAGATION_HOST_TO_CONTAINER';
    case 'Bidirectional':
      return 'PROPAGATION_BIDIRECTIONAL';
    case 'None':
      return 'PROPAGATION_PRIVATE';
  }
}
