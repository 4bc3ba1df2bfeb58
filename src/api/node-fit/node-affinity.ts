/**
 * Which nodes a pod allows: its node selector and its node affinity. Pure; the scheduler filters by it, and
 * the DaemonSet controller knows from it which nodes are to run a pod.
 */

import type { Node, NodeSelectorTerm, PodSpec, PreferredSchedulingTerm } from '../types.gen.ts';

/** What a pod requires and prefers of its node. */
export interface NodeNeeds {
  readonly selector: readonly (readonly [string, string])[];
  readonly required: readonly NodeSelectorTerm[] | undefined;
  readonly preferred: readonly PreferredSchedulingTerm[];
}

export function nodeNeedsOf({ spec }: { readonly spec: PodSpec }): NodeNeeds {
  const affinity = spec.affinity?.nodeAffinity;
  return {
    selector: Object.entries(spec.nodeSelector ?? {}),
    required: affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms,
    preferred: affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [],
  };
}

export function fitsNode({ selector, required }: NodeNeeds, node: Pick<Node, 'metadata'>): boolean {
  const labels = node.metadata.labels ?? {};
  for (const [key, value] of selector) if (labels[key] !== value) return false;
  return required === undefined || required.some((term) => matchesTerm(term, node));
}

/** Terms are alternatives; within one everything must hold, and an empty one matches nothing. */
export function matchesTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  node: Pick<Node, 'metadata'>,
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
