/** The spread constraints of a pod, compiled: its own, or the defaults for pods that belong to something. */

import { fromLabelSelector, type Selector } from '../../../api/labels/selector.ts';
import type { Node, Pod, TopologySpreadConstraint } from '../../../api/types.gen.ts';
import type { NodeScope } from '../../cache/domain-counts.ts';
import { matcherOf, type PodMatcher } from '../../cache/pod-matcher.ts';
import { fitsNode, nodeNeedsOf } from '../../../api/node-fit/node-affinity.ts';
import { untolerated } from '../../../api/node-fit/taints.ts';

export interface SpreadConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly matcher: PodMatcher;
  readonly selector: Selector | undefined;
  /** Which nodes' pods count, the presence of topology labels aside. */
  readonly scope: NodeScope;
}

export type WhenUnsatisfiable = TopologySpreadConstraint['whenUnsatisfiable'];

export function compileConstraints(
  pod: Pod,
  constraints: readonly TopologySpreadConstraint[],
  when: WhenUnsatisfiable,
  selector?: Selector,
): readonly SpreadConstraint[] {
  const chosen = constraints.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === when);
  return chosen.map((constraint) => compile(pod, constraint, selector ?? selectorOf(pod, constraint)));
}

function compile(
  pod: Pod,
  constraint: TopologySpreadConstraint,
  selector: Selector | undefined,
): SpreadConstraint {
  const { maxSkew, topologyKey, minDomains = 1 } = constraint;
  const namespaces = new Set([pod.metadata.namespace ?? '']);
  return {
    topologyKey,
    maxSkew,
    minDomains,
    selector,
    matcher: matcherOf([{ namespaces, namespaceSelector: undefined, selector }], false),
    scope: policyScope(pod, constraint),
  };
}

/** The labels named by `matchLabelKeys` join the selector, with the pod's own values. */
function selectorOf(pod: Pod, constraint: TopologySpreadConstraint): Selector | undefined {
  const selector = fromLabelSelector(constraint.labelSelector);
  if (selector === undefined) return undefined;
  const named = (constraint.matchLabelKeys ?? []).flatMap((key) => {
    const value = pod.metadata.labels?.[key];
    return value === undefined ? [] : [{ key, operator: '=' as const, values: [value] }];
  });
  // Merged already when the pod was written through a server that does so.
  const isNew = ({ key }: { key: string }): boolean => !selector.some((one) => one.key === key);
  return [...selector, ...named.filter(isNew)];
}

function policyScope(pod: Pod, constraint: TopologySpreadConstraint): NodeScope {
  const { nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' } = constraint;
  const needs = nodeNeedsOf(pod);
  const byAffinity =
    nodeAffinityPolicy === 'Honor' && (needs.required !== undefined || needs.selector.length > 0);
  const { tolerations = [] } = pod.spec;
  const byTaints = nodeTaintsPolicy === 'Honor';
  const affinityKey = byAffinity ? JSON.stringify([needs.selector, needs.required]) : '';
  return {
    key: `${affinityKey};${byTaints ? JSON.stringify(tolerations) : ''}`,
    includes: (node) =>
      (!byAffinity || fitsNode(needs, node)) && (!byTaints || untolerated(node, tolerations) === undefined),
  };
}

/** The scope, and every one of the topology labels. */
export function withLabels(scope: NodeScope, keys: readonly string[]): NodeScope {
  return {
    key: `${scope.key};${keys.toSorted().join(',')}`,
    includes: (node) => hasLabels(node, keys) && scope.includes(node),
  };
}

export function hasLabels({ metadata }: Node, keys: readonly string[]): boolean {
  for (const key of keys) if (metadata.labels?.[key] === undefined) return false;
  return true;
}
