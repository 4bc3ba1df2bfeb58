/** NodeAffinity: `nodeSelector` and node affinity, required as a filter, preferred as a score. */

import type { Node, NodeSelectorTerm, Pod, PreferredSchedulingTerm } from '../../../api/types.gen.ts';
import { normalizeByHighest, type Refusal, type SchedulerPlugin } from '../../framework.ts';

const REFUSAL: Refusal = { reason: "node(s) didn't match Pod's node affinity/selector", resolvable: false };

interface State {
  readonly selector: readonly (readonly [string, string])[];
  readonly required: readonly NodeSelectorTerm[] | undefined;
  readonly preferred: readonly PreferredSchedulingTerm[];
}

export const nodeAffinity: SchedulerPlugin<State> = {
  name: 'NodeAffinity',
  wakesOn: (event, pod) => event.resource === 'Node' && fits(prepare(pod), event.next),
  prepare,
  filter: (state, _pod, { node }) => (fits(state, node) ? undefined : REFUSAL),
  score: ({ preferred }, _pod, { node }) => {
    let sum = 0;
    for (const { weight, preference } of preferred)
      if (weight !== 0 && matchesTerm(preference, node)) sum += weight;
    return sum;
  },
  normalize: (scores, count) => normalizeByHighest(scores, count, false),
};

function prepare({ spec }: Pod): State {
  const affinity = spec.affinity?.nodeAffinity;
  return {
    selector: Object.entries(spec.nodeSelector ?? {}),
    required: affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms,
    preferred: affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [],
  };
}

function fits({ selector, required }: State, node: Node): boolean {
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
