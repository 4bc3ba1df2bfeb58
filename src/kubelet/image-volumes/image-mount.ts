/**
 * Mounts of image volumes: how they are handed to the runtime, and which images are in use by them. Pure, but
 * for a look into the image when only a folder of it is mounted.
 */

import { errorText } from '../../base/log.ts';
import type { VolumeMount } from '../../api/types.gen.ts';
import type { ImageSpec, Mount } from '../cri/messages.ts';
import type { NodeFiles } from '../system/system.ts';
import { insideOf } from '../volumes/sub-path.ts';

/** What a volume shows: a folder of this machine, or an image that the runtime mounts by itself. */
export type ShownImage =
  | { readonly type: 'folder'; readonly path: string }
  | { readonly type: 'image'; readonly spec: ImageSpec };

/** Upstream's kubelet gets it from the runtime, when it creates the container. */
export class ImageMountError extends Error {
  override readonly name = 'ImageMountError';

  constructor(message: string, cause?: unknown) {
    const options = cause === undefined ? undefined : { cause };
    super(`failed to mount image volume: ImageVolumeMountFailed: ${message}`, options);
  }
}

const PLUGIN = 'kubernetes.io~image';
const FOLDER = new RegExp(`/volumes/${PLUGIN}/([0-9a-f]{64})(?:/|$)`);

/** The folder of a pod's images; below it each has one by the hex of its id. */
export function imagesFolder(podFolder: string): string {
  return `${podFolder}/volumes/${PLUGIN}`;
}

/** Whether a runtime, as `name://version`, knows mounts of images; an older one would mount nothing there. */
export function mountsImages(runtime: string): boolean {
  const [, name, major = '', minor = ''] = /^(.+):\/\/v?(\d+)\.(\d+)/.exec(runtime) ?? [];
  const version = Number(major) * 1000 + Number(minor);
  if (name === 'containerd') return version >= 2001;
  return name !== 'cri-o' || version >= 1031;
}

/** Rejects with an `ImageMountError` when there is no folder of that name in the image. */
export async function imageMount(
  files: NodeFiles,
  shown: ShownImage,
  { mountPath }: VolumeMount,
  subPath: string,
): Promise<Mount> {
  const common = { containerPath: mountPath, propagation: 'PROPAGATION_PRIVATE' } as const;
  if (shown.type === 'image')
    return { ...common, hostPath: '', readonly: true, image: shown.spec, imageSubPath: subPath };
  const hostPath = subPath === '' ? shown.path : await folderIn(files, shown.path, subPath);
  // Nobody can write there anyway. To say so once more would make runc mount it anew, and what it is given
  // no word for would be lost: that no program may be run from there.
  return { ...common, hostPath, readonly: false };
}

async function folderIn(files: NodeFiles, volume: string, subPath: string): Promise<string> {
  const fail = (why: string, cause?: unknown): never => {
    throw new ImageMountError(`failed to ensure image subpath "${subPath}" in "${volume}": ${why}`, cause);
  };
  let path: string;
  try {
    path = await insideOf(files, volume, subPath);
  } catch (error) {
    return fail(errorText(error), error);
  }
  const found = await files.stat(path);
  if (found === undefined) return fail(`openat ${subPath}: no such file or directory`);
  if (found.type === 'folder') return path;
  return fail(`only directory subpath is supported, subpath: "${subPath}", mountpoint: "${volume}" `);
}

/** Names of the images that containers have mounted. */
export function mountedImages(
  containers: readonly { readonly mounts: readonly Mount[] }[],
): ReadonlySet<string> {
  const used = containers.flatMap(({ mounts }) =>
    mounts.flatMap(({ image, hostPath }) => {
      const [, hex] = FOLDER.exec(hostPath) ?? [];
      if (hex !== undefined) return [`sha256:${hex}`];
      return image === undefined || image.image === '' ? [] : [image.image];
    }),
  );
  return new Set(used);
}
