/**
 * Removes images that no container and no volume uses when the disk fills up: from 85 % on, down to 80 %,
 * longest unused first.
 *
 * Inputs: the image store, the containers, the disk's fill. Outputs: removals. Pinned images, and those
 * that were built on this machine, stay: nothing could bring them back.
 */

import type { ContainerRuntime } from '../cri/cri.ts';
import type { Image } from '../cri/messages.ts';

export const HIGH_SHARE = 0.85;
export const LOW_SHARE = 0.8;
/** Younger ones may have been pulled for a container that is about to be created. */
const AGE_MIN_MS = 2 * 60_000;
const LOCAL_PREFIX = 'k8ts.local/';

export interface Fill {
  readonly totalBytes: number;
  readonly availableBytes: number;
}

export interface KnownImage {
  readonly image: Image;
  readonly firstSeenMs: number;
  readonly lastUsedMs: number;
}

/** Pure: what to remove, in this order. */
export function imagesToRemove(known: readonly KnownImage[], fill: Fill, nowMs: number): readonly Image[] {
  const used = fill.totalBytes - fill.availableBytes;
  if (used < fill.totalBytes * HIGH_SHARE) return [];
  let wanted = used - fill.totalBytes * LOW_SHARE;
  const removable = known
    .filter(({ image, firstSeenMs, lastUsedMs }) => {
      const isLocal = image.repoTags.some((tag) => tag.startsWith(LOCAL_PREFIX));
      return !image.pinned && !isLocal && lastUsedMs < nowMs && nowMs - firstSeenMs >= AGE_MIN_MS;
    })
    .toSorted((a, b) => a.lastUsedMs - b.lastUsedMs || a.firstSeenMs - b.firstSeenMs);
  const removed: Image[] = [];
  for (const { image } of removable) {
    if (wanted <= 0) break;
    wanted -= image.size;
    removed.push(image);
  }
  return removed;
}

export class ImageCollector {
  readonly #runtime: ContainerRuntime;
  #known = new Map<string, KnownImage>();

  constructor(runtime: ContainerRuntime) {
    this.#runtime = runtime;
  }

  /** `inVolumes`: names of images that pods are shown. Returns what it has removed. */
  async collect(fill: Fill, inVolumes: ReadonlySet<string>, nowMs: number): Promise<readonly Image[]> {
    const [images, containers] = await Promise.all([
      this.#runtime.listImages(),
      this.#runtime.listContainers(),
    ]);
    const used = new Set([
      ...containers.flatMap(({ imageRef, imageId, image }) => [imageRef, imageId, image.image]),
      ...inVolumes,
    ]);
    const known = images.map((image): KnownImage => {
      const before = this.#known.get(image.id);
      const isUsed = [image.id, ...image.repoTags, ...image.repoDigests].some((name) => used.has(name));
      return {
        image,
        firstSeenMs: before?.firstSeenMs ?? nowMs,
        lastUsedMs: isUsed ? nowMs : (before?.lastUsedMs ?? 0),
      };
    });
    this.#known = new Map(known.map((each) => [each.image.id, each]));
    const removed = imagesToRemove(known, fill, nowMs);
    for (const { id } of removed) {
      await this.#runtime.removeImage({ image: id });
      this.#known.delete(id);
    }
    return removed;
  }
}
