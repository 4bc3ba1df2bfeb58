/**
 * ImageLocality: prefers nodes that have the images of the pod's containers and volumes already, by their size.
 * An image on few nodes counts less, so that these do not get all pods.
 */

import type { Pod } from '../../../api/types.gen.ts';
import type { SchedulerCache } from '../../cache/cache.ts';
import { neverWakes, SCORE_MAX, type SchedulerPlugin } from '../../framework.ts';

const MB = 1024 * 1024;
/** Below this an image is pulled in no time; above the maximum it counts no more. */
const THRESHOLD_MIN = 23 * MB;
const IMAGE_MAX = 1000 * MB;

interface State {
  /** Those that some node has, with the share of nodes that have them. */
  readonly images: readonly { readonly name: string; readonly spread: number }[];
  readonly count: number;
}

export function imageLocality(cache: SchedulerCache): SchedulerPlugin<State> {
  return {
    name: 'ImageLocality',
    wakesOn: neverWakes,
    prepare: (pod) => {
      const names = imagesOf(pod);
      const images = names.flatMap((name) => {
        const nodes = cache.nodesWithImage(name);
        return nodes === 0 ? [] : [{ name, spread: nodes / cache.nodes.length }];
      });
      return { state: { images, count: names.length }, scores: images.length > 0 };
    },
    score: ({ images, count }, _pod, node) => {
      let bytes = 0;
      for (const { name, spread } of images) bytes += Math.trunc((node.images.get(name) ?? 0) * spread);
      const max = IMAGE_MAX * count;
      const clamped = Math.min(Math.max(bytes, THRESHOLD_MIN), max);
      return Math.trunc((SCORE_MAX * (clamped - THRESHOLD_MIN)) / (max - THRESHOLD_MIN));
    },
  };
}

function imagesOf({ spec }: Pod): readonly string[] {
  const ofContainers = [...(spec.initContainers ?? []), ...spec.containers].map(({ image = '' }) => image);
  const ofVolumes = (spec.volumes ?? []).flatMap(({ image }) =>
    image === undefined ? [] : [image.reference ?? ''],
  );
  return [...ofContainers, ...ofVolumes].map(normalizedName);
}

/** An image without a tag is the latest one. */
function normalizedName(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
}
