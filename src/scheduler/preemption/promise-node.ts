/** A pod for which others leave a node is promised it until it has it, or fits there no more. */

import type { Pod } from '../../api/types.gen.ts';
import type { SchedulerCache } from '../cache/cache.ts';
import type { SchedulingQueue } from '../queue/queue.ts';

/** Those that come after the pod lose their promise of the node, and are tried elsewhere. */
export function promiseNode(
  { nominations }: SchedulerCache,
  queue: SchedulingQueue,
  pod: Pod,
  nodeName: string,
): void {
  for (const { metadata } of nominations.below(pod, nodeName)) {
    nominations.delete(metadata.uid ?? '');
    queue.activate(metadata.uid ?? '');
  }
  nominations.set(pod, nodeName);
}
