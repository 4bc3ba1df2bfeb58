/**
 * Pods that nobody will clean up: their node is gone, or was declared lost; they were deleted before they had
 * a node; or there are too many finished ones. Pure.
 */

import { timeMs } from '../../api/time/time.ts';
import type { Node, Pod } from '../../api/types.gen.ts';
import { isNodeReady } from '../node-lifecycle/health.ts';
import { isPodFinished } from '../pod-state/pod-state.ts';

/** Upstream's `--terminated-pod-gc-threshold`. */
export const FINISHED_MAX = 12_500;
/** Set by a person who knows that the machine is off: its pods may be replaced at once. */
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

export interface PodGarbage {
  readonly pod: Pod;
  /** The `DisruptionTarget` condition's words; absent when nothing was disrupted. */
  readonly disruption?: { readonly reason: string; readonly message: string };
}

export interface PodGarbagePlan {
  readonly remove: readonly PodGarbage[];
  /** Bound to nodes that are not known; removed when the server says so too, after a quarantine. */
  readonly orphaned: readonly Pod[];
}

export function planPodGarbage(
  all: readonly Pod[],
  nodeOf: (name: string) => Node | undefined,
  finishedMax = FINISHED_MAX,
): PodGarbagePlan {
  const remove: PodGarbage[] = surplus(all, finishedMax).map((pod) => ({ pod }));
  const orphaned: Pod[] = [];
  for (const pod of all) {
    const { nodeName = '' } = pod.spec;
    if (nodeName === '') {
      if (pod.metadata.deletionTimestamp !== undefined) remove.push({ pod });
      continue;
    }
    const node = nodeOf(nodeName);
    if (node === undefined) orphaned.push(pod);
    // Also when it has been marked as failed already: whoever did so may have died on the way to remove it.
    else if (pod.metadata.deletionTimestamp !== undefined && isOutOfService(node)) {
      const message = 'PodGC: node is out-of-service';
      remove.push({ pod, disruption: { reason: 'DeletionByPodGC', message } });
    }
  }
  return { remove, orphaned };
}

function isOutOfService(node: Node): boolean {
  return !isNodeReady(node) && (node.spec.taints ?? []).some(({ key }) => key === OUT_OF_SERVICE);
}

/** Finished pods above the threshold: evicted ones first, then the oldest. */
function surplus(all: readonly Pod[], max: number): readonly Pod[] {
  const finished = all.filter((pod) => isPodFinished(pod));
  if (finished.length <= max) return [];
  const evicted = (pod: Pod): number =>
    pod.status.phase === 'Failed' && pod.status.reason === 'Evicted' ? 0 : 1;
  const createdMs = ({ metadata: { creationTimestamp } }: Pod): number =>
    creationTimestamp === undefined ? 0 : timeMs(creationTimestamp);
  const ordered = finished.toSorted((a, b) => evicted(a) - evicted(b) || createdMs(a) - createdMs(b));
  return ordered.slice(0, finished.length - max);
}
