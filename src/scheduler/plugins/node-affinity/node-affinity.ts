/** NodeAffinity: `nodeSelector` and node affinity, required as a filter, preferred as a score. */

import type { Node, NodeSelectorTerm, Pod, PreferredSchedulingTerm } from '../../../api/types.gen.ts';
import { normalizeByHighest, type Refusal, type SchedulerPlugin } from '../../framework.ts';

const REFUSAL: Refusal = { reason: "node(s) didn't match Pod's node affinity/selector", resolvable: false };

/** What a pod requires and prefers of its node. */
export interface NodeNeeds {
  readonly selector: readonly (readonly [string, string])[];
  readonly required: readonly NodeSelectorTerm[] | undefined;
  readonly preferred: readonly PreferredSchedulingTerm[];
}

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

export function nodeNeedsOf({ spec }: Pod): NodeNeeds {
  const affinity = spec.affinity?.nodeAffinity;
  return {
    selector: Object.entries(spec.nodeSelector ?? {}),
    required: affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms,
    preferred: affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [],
  };
}

export function fitsNode({ selector, required }: NodeNeeds, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  for (const [key, value] of selector) if (labels[key] !== value) return false;
  return required === undefined || required.some((term) => matchesTerm(term, node));
}

/** Terms are alternatives; within one everything must hold, and an empty one matches nothing. */
export function matchesTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  node: Node,
): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  return (
    matchExpressions.every(({ key, operator, values = [] }) => holds(operator, labels[key], values)) &&
    matchFields.every(
      ({ key, operator, values = [] }) =>
        key === 'metadata.name' && holds(operator, node.metadata.name, values),
    )
  );
}

function holds(operator: string, value: string | undefined, values: readonly string[]): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && /^-?\d+$/.test(value) && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && /^-?\d+$/.test(value) && Number(value) < Number(values[0]);
    default:
      return false;
  }
}
