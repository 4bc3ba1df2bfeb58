/** NodeAffinity: `nodeSelector` and node affinity, required as a filter, preferred as a score. */

import { fitsNode, matchesTerm, nodeNeedsOf, type NodeNeeds } from '../../../api/node-fit/node-affinity.ts';
import type { Node, NodeAffinity, NodeSelectorTerm } from '../../../api/types.gen.ts';
import { normalizeByHighest, type Refusal, type SchedulerPlugin } from '../../framework.ts';

const REFUSAL: Refusal = { reason: "node(s) didn't match Pod's node affinity/selector", resolvable: false };

const REFUSED_FOR_ALL: Refusal = {
  reason: "node(s) didn't match scheduler-enforced node affinity",
  resolvable: false,
};

export interface NodeAffinityArgs {
  /** Holds for every pod, beside what the pod itself says. */
  readonly addedAffinity?: NodeAffinity;
}

export function nodeAffinity({ addedAffinity }: NodeAffinityArgs = {}): SchedulerPlugin<NodeNeeds> {
  const added = nodeNeedsOf({ spec: { containers: [], affinity: { nodeAffinity: addedAffinity ?? {} } } });
  return {
    name: 'NodeAffinity',
    wakesOn: (event, pod) =>
      event.resource === 'Node' && fitsNode(added, event.next) && fitsNode(nodeNeedsOf(pod), event.next),
    sign: ({ spec }) => JSON.stringify([spec.nodeSelector, spec.affinity?.nodeAffinity]),
    prepare: (pod) => {
      const state = nodeNeedsOf(pod);
      const nodes = namedNodes(state.required);
      return {
        state,
        filters: added.required !== undefined || state.required !== undefined || state.selector.length > 0,
        scores: added.preferred.length + state.preferred.length > 0,
        ...(nodes === undefined ? {} : { nodes }),
      };
    },
    filter: (state, _pod, { node }) => {
      if (added.required !== undefined && !fitsNode(added, node)) return REFUSED_FOR_ALL;
      return fitsNode(state, node) ? undefined : REFUSAL;
    },
    score: ({ preferred }, _pod, { node }) => preference(added.preferred, node) + preference(preferred, node),
    normalize: (scores, count) => normalizeByHighest(scores, count, false),
  };
}

function preference(terms: NodeNeeds['preferred'], node: Node): number {
  let sum = 0;
  for (const { weight, preference: term } of terms)
    if (weight !== 0 && matchesTerm(term, node)) sum += weight;
  return sum;
}

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
