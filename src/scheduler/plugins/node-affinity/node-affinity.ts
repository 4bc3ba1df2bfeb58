/** NodeAffinity: `nodeSelector` and node affinity, required as a filter, preferred as a score. */

import { fitsNode, matchesTerm, nodeNeedsOf, type NodeNeeds } from '../../../api/node-fit/node-affinity.ts';
import type { NodeSelectorTerm } from '../../../api/types.gen.ts';
import { normalizeByHighest, type Refusal, type SchedulerPlugin } from '../../framework.ts';

const REFUSAL: Refusal = { reason: "node(s) didn't match Pod's node affinity/selector", resolvable: false };

export const nodeAffinity: SchedulerPlugin<NodeNeeds> = {
  name: 'NodeAffinity',
  wakesOn: (event, pod) => event.resource === 'Node' && fitsNode(nodeNeedsOf(pod), event.next),
  sign: ({ spec }) => JSON.stringify([spec.nodeSelector, spec.affinity?.nodeAffinity]),
  prepare: (pod) => {
    const state = nodeNeedsOf(pod);
    const nodes = namedNodes(state.required);
    return {
      state,
      filters: state.required !== undefined || state.selector.length > 0,
      scores: state.preferred.length > 0,
      ...(nodes === undefined ? {} : { nodes }),
    };
  },
  filter: (state, _pod, { node }) => (fitsNode(state, node) ? undefined : REFUSAL),
  score: ({ preferred }, _pod, { node }) => {
    let sum = 0;
    for (const { weight, preference } of preferred)
      if (weight !== 0 && matchesTerm(preference, node)) sum += weight;
    return sum;
  },
  normalize: (scores, count) => normalizeByHighest(scores, count, false),
};

/** When every term names its nodes: these. Pods of a DaemonSet do. */
function namedNodes(terms: readonly NodeSelectorTerm[] | undefined): ReadonlySet<string> | undefined {
  if (terms === undefined) return undefined;
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const named = matchFields.find(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    if (named === undefined) return undefined;
    for (const name of named.values ?? []) names.add(name);
  }
  return names;
}
