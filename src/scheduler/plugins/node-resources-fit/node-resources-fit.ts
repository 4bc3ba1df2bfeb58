/**
 * NodeResourcesFit: requests must fit into what is left of the node; emptier nodes are preferred
 * (LeastAllocated).
 */

import { podAmounts, signAmounts, type PodAmounts } from '../../cache/resources.ts';
import { SCORE_MAX, type ClusterEvent, type Refusal, type SchedulerPlugin } from '../../framework.ts';

const TOO_MANY: Refusal = { reason: 'Too many pods', resolvable: true };
const CPU: Refusal = { reason: 'Insufficient cpu', resolvable: true };
const MEMORY: Refusal = { reason: 'Insufficient memory', resolvable: true };
const STORAGE: Refusal = { reason: 'Insufficient ephemeral-storage', resolvable: true };

export const nodeResourcesFit: SchedulerPlugin<PodAmounts> = {
  name: 'NodeResourcesFit',
  wakesOn,
  sign: signAmounts,
  prepare: (pod) => ({ state: podAmounts(pod) }),
  filter: ({ requested }, _pod, node) => {
    const { allocatable, requested: used } = node;
    let problems: Refusal[] | undefined;
    const add = (refusal: Refusal): void => {
      (problems ??= []).push(refusal);
    };
    if (node.pods.size + 1 > node.allowedPods) add(TOO_MANY);
    if (requested.milliCpu > 0 && requested.milliCpu > allocatable.milliCpu - used.milliCpu) add(CPU);
    if (requested.memory > 0 && requested.memory > allocatable.memory - used.memory) add(MEMORY);
    if (
      requested.ephemeralStorage > 0 &&
      requested.ephemeralStorage > allocatable.ephemeralStorage - used.ephemeralStorage
    ) {
      add(STORAGE);
    }
    for (const [name, wanted] of requested.scalars ?? []) {
      const free = (allocatable.scalars?.get(name) ?? 0) - (used.scalars?.get(name) ?? 0);
      if (wanted > free) add({ reason: `Insufficient ${name}`, resolvable: true });
    }
    return problems;
  },
  score: ({ assumed }, _pod, node) => {
    const cpu = leftShare(node.allocatable.milliCpu, node.assumed.milliCpu + assumed.milliCpu);
    const memory = leftShare(node.allocatable.memory, node.assumed.memory + assumed.memory);
    return Math.trunc((cpu + memory) / 2);
  },
};

/** What would be left, as a share of the node, in points. */
function leftShare(capacity: number, used: number): number {
  return capacity === 0 || used > capacity ? 0 : Math.trunc(((capacity - used) * SCORE_MAX) / capacity);
}

function wakesOn(event: ClusterEvent): boolean {
  switch (event.resource) {
    case 'Pod/Gone':
      return true;
    case 'Node':
      return event.old === undefined || event.old.status.allocatable !== event.next.status.allocatable;
    case 'Pod':
      // A pod that was scaled down in place frees something.
      return event.old !== undefined && event.old.spec !== event.next.spec;
    case 'Node/Gone':
    case 'Other':
      return false;
  }
}
