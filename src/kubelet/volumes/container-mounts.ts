/**
 * The mounts of a container: where each of its volumes lies on the host, with `subPath` resolved so that
 * links in a volume cannot lead out of it.
 */

import { normalize } from 'node:path';

import type { Container, Pod, VolumeMount } from '../../api/types.gen.ts';
import type { KeyValue, Mount, MountPropagation } from '../cri/messages.ts';
import { expand } from '../env/expand.ts';
import type { NodeFiles } from '../system/system.ts';
import { makeFolders } from './make-folders.ts';

const LINKS_MAX = 40;

export async function containerMounts(
  files: NodeFiles,
  container: Container,
  volumes: ReadonlyMap<string, string>,
  environment: readonly KeyValue[],
  readOnly: ReadonlySet<string>,
): Promise<readonly Mount[]> {
  const variables = new Map(environment.map(({ key, value }) => [key, value]));
  const mounts: Mount[] = [];
  for (const mount of container.volumeMounts ?? []) {
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

/**
 * Creates what is missing, open to whom the volume is open; rejects when a link leads out of the volume.
 */
export async function resolveSubPath(files: NodeFiles, volume: string, subPath: string): Promise<string> {
  let rest = parts(subPath);
  let real = volume;
  for (let links = 0; rest.length > 0;) {
    const [part = '', ...more] = rest;
    rest = more;
    const next = normalize(`${real}/${part}`);
    if (next !== volume && !next.startsWith(`${volume}/`))
      throw new Error(`subPath "${subPath}" leads out of its volume`);
    const target = await linkTarget(files, next);
    if (target === undefined) {
      real = next;
      continue;
    }
    if (target.startsWith('/') || ++links > LINKS_MAX)
      throw new Error(`subPath "${subPath}" leads out of its volume`);
    rest = [...parts(target), ...rest];
  }
  if ((await files.stat(real)) === undefined) {
    const whole = await files.stat(volume);
    await makeFolders(files, volume, real.slice(volume.length), whole?.mode ?? 0o750);
  }
  return real;
}

function parts(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
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

async function linkTarget(files: NodeFiles, path: string): Promise<string | undefined> {
  const stat = await files.stat(path, { link: true });
  return stat?.type === 'link' ? files.readLink(path) : undefined;
}
