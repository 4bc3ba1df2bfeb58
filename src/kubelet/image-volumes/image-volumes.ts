/**
 * Volumes that show the content of an image: pulled as images of containers are, before the container that
 * mounts them is created, and shown for reading only.
 *
 * Inputs: the pod, the container to be started. Outputs: what its mounts are made of, or why it has to wait.
 * Invariants: a pod has one mount for an image, however many volumes show it; what a pod was shown stays
 * until the pod is cleaned up, also when the image is pulled anew, removed or collected meanwhile.
 */

import { errorText } from '../../base/log.ts';
import type { Container, EphemeralContainer, Pod } from '../../api/types.gen.ts';
import type { ImageOutcome, ImagePuller, ImageRequest } from '../images/pull.ts';
import { podFolder, podName } from '../pods/pod-names.ts';
import type { NodeSystem } from '../system/system.ts';
import type { ImageLayers } from './image-layers.ts';
import { ImageMountError, imagesFolder, type ShownImage } from './image-mount.ts';

export interface ImageVolumesOptions {
  readonly rootFolder: string;
  readonly system: NodeSystem;
  readonly puller: ImagePuller;
  /** Absent: the runtime mounts images by itself. */
  readonly layers: ImageLayers | undefined;
}

type Pulled = Extract<ImageOutcome, { readonly type: 'ok' }>;

export type PulledVolumes =
  | { readonly type: 'ok'; readonly images: ReadonlyMap<string, Pulled> }
  | (Exclude<ImageOutcome, Pulled> & { readonly image: string });

export class ImageVolumes {
  readonly #options: ImageVolumesOptions;

  constructor(options: ImageVolumesOptions) {
    this.#options = options;
  }

  /** Gets the images that a container mounts; of several failures the last one counts, as upstream. */
  async pull(
    pod: Pod,
    container: Container | EphemeralContainer,
    request: Omit<ImageRequest, 'image' | 'policy'>,
  ): Promise<PulledVolumes> {
    const images = new Map<string, Pulled>();
    let failed: PulledVolumes | undefined;
    const mounted = new Set((container.volumeMounts ?? []).map(({ name }) => name));
    for (const { name, image } of pod.spec.volumes ?? []) {
      if (image === undefined || !mounted.has(name) || request.signal.aborted) continue;
      const { reference = '', pullPolicy: policy } = image;
      const outcome = await this.#options.puller.ensure({ ...request, image: reference, policy });
      if (outcome.type === 'ok') images.set(name, outcome);
      else failed = { ...outcome, image: reference };
    }
    return failed ?? { type: 'ok', images };
  }

  /** By volume name. Rejects with an `ImageMountError` when an image cannot be shown. */
  async show(pod: Pod, images: ReadonlyMap<string, Pulled>): Promise<ReadonlyMap<string, ShownImage>> {
    const shown = new Map<string, ShownImage>();
    for (const [name, pulled] of images) shown.set(name, await this.#show(pod, name, pulled));
    return shown;
  }

  /** After the mounts are gone. Harmless when there is nothing. */
  async release(uid: string): Promise<void> {
    const { layers, system } = this.#options;
    for (const hex of await system.files.list(this.#folder(uid))) await layers?.release(keyOf(uid, hex));
  }

  async #show(pod: Pod, name: string, { imageRef, image }: Pulled): Promise<ShownImage> {
    const { layers, system } = this.#options;
    if (layers === undefined) {
      const { reference = '' } = pod.spec.volumes?.find((volume) => volume.name === name)?.image ?? {};
      return { type: 'image', spec: { image: imageRef, userSpecifiedImage: reference } };
    }
    const id = image?.id ?? imageRef;
    const { uid } = podName(pod);
    const hex = id.slice(id.indexOf(':') + 1);
    const path = `${this.#folder(uid)}/${hex}`;
    try {
      if (!(await system.mounts.isMounted(path))) {
        // The folder first: it is what tells later that there is something to release.
        await system.files.makeFolder(path, 0o755);
        await system.mounts.overlay(path, await layers.hold(id, keyOf(uid, hex)));
      }
    } catch (error) {
      throw new ImageMountError(errorText(error), error);
    }
    return { type: 'folder', path };
  }

  #folder(uid: string): string {
    return imagesFolder(podFolder(this.#options.rootFolder, uid));
  }
}

function keyOf(uid: string, hex: string): string {
  return `k8ts-image-volume-${uid}-${hex}`;
}
