/** NodeAffinity: `nodeSelector` and node affinity, required as a filter, preferred as a score. */

import { fitsNode, matchesTerm, nodeNeedsOf, type NodeNeeds } from '../../../api/node-fit/node-affinity.ts';
import { normalizeByHighest, type Refusal, type SchedulerPlugin } from '../../framework.ts';

const REFUSAL: Refusal = { reason: "node(s) didn't match Pod's node affinity/selector", resolvable: false };

export const nodeAffinity: SchedulerPlugin<NodeNeeds> = {
  name: 'NodeAffinity',
  wakesOn: (event, pod) => event.resource === 'Node' && fitsNode(nodeNeedsOf(pod), event.next),
  prepare: nodeNeedsOf,
  filter: (state, _pod, { node }) => (fitsNode(state, node) ? undefined : REFUSAL),
  score: ({ preferred }, _pod, { node }) => {
    let sum = 0;
    for (const { weight, preference } of preferred)
      if (weight !== 0 && matchesTerm(preference, node)) sum += weight;
    return sum;
  },
  normalize: (scores, count) => normalizeByHighest(scores, count, false),
};
