/** ImageLocality: prefers nodes that have the pod's images already, by their size. */

import type { Pod } from '../../../api/types.gen.ts';
import { SCORE_MAX, type SchedulerPlugin } from '../../framework.ts';

const MB = 1024 * 1024;
/** Below this an image is pulled in no time; above the maximum it counts no more. */
const THRESHOLD_MIN = 23 * MB;
const CONTAINER_MAX = 1000 * MB;

interface State {
  readonly images: readonly string[];
}

export const imageLocality: SchedulerPlugin<State> = {
  name: 'ImageLocality',
  wakesOn: () => false,
  prepare: ({ spec }: Pod) => ({
    images: [...(spec.initContainers ?? []), ...spec.containers].map((c) => normalizedName(c.image ?? '')),
  }),
  score: ({ images }, _pod, node) => {
    if (node.images.size === 0) return 0;
    let bytes = 0;
    for (const image of images) bytes += node.images.get(image) ?? 0;
    const max = CONTAINER_MAX * images.length;
    const clamped = Math.min(Math.max(bytes, THRESHOLD_MIN), max);
    return Math.trunc((SCORE_MAX * (clamped - THRESHOLD_MIN)) / (max - THRESHOLD_MIN));
  },
};

/** An image without a tag is the latest one. */
function normalizedName(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
}
