/**
 * PodTopologySpread: pods of a kind evenly over zones, hosts or whatever a node label names (KEP-895).
 *
 * `DoNotSchedule` filters: with the pod the domain may have at most `maxSkew` more than the emptiest one.
 * `ScheduleAnyway` scores: the fewer of its kind in the node's domains, the better; a topology with many
 * domains weighs more, so that few pods in one of thousands of hosts count beside many in one of three zones.
 */

import { matches, type Selector } from '../../../api/labels/selector.ts';
import type { Node, Pod, TopologySpreadConstraint } from '../../../api/types.gen.ts';
import type { SchedulerCache } from '../../cache/cache.ts';
import type { DomainCounts } from '../../cache/domain-counts.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import {
  SCORE_MAX,
  type ClusterEvent,
  type FilterVerdict,
  type Refusal,
  type SchedulerPlugin,
} from '../../framework.ts';
import { compileConstraints, hasLabels, withLabels, type SpreadConstraint } from './constraints.ts';

const NO_LABEL: Refusal = {
  reason: "node(s) didn't match pod topology spread constraints (missing required label)",
  resolvable: false,
};
const SKEWED: Refusal = {
  reason: "node(s) didn't match pod topology spread constraints",
  resolvable: true,
};

const HOSTNAME = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';

/** What pods without constraints of their own get (upstream's `System` defaulting). */
export const SYSTEM_CONSTRAINTS: readonly TopologySpreadConstraint[] = [
  { topologyKey: HOSTNAME, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: ZONE, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
];

export interface PodTopologySpreadArgs {
  readonly defaultingType?: 'System' | 'List';
  readonly defaultConstraints?: readonly TopologySpreadConstraint[];
}

/** The selectors of what owns or serves a pod, joined; undefined when nothing does. */
export type WorkloadSelector = (pod: Pod) => Selector | undefined;

interface CountedConstraint extends SpreadConstraint {
  readonly counts: DomainCounts;
  /** 1 when the pod is of the kind that it wants spread. */
  readonly self: 0 | 1;
}

interface State {
  readonly hard: readonly CountedConstraint[];
  readonly soft: readonly CountedConstraint[];
  /** Topologies that a node must have to be scored; none for the system's defaults. */
  readonly softKeys: readonly string[];
  /** Of each soft constraint, for the nodes that fit. */
  weights: readonly number[];
}

export function podTopologySpread(
  cache: SchedulerCache,
  workloadSelector: WorkloadSelector,
  { defaultingType = 'System', defaultConstraints = [] }: PodTopologySpreadArgs = {},
): SchedulerPlugin<State> {
  const defaults = defaultingType === 'System' ? SYSTEM_CONSTRAINTS : defaultConstraints;

  const constraintsOf = (pod: Pod, when: SpreadConstraintKind): readonly SpreadConstraint[] => {
    const own = pod.spec.topologySpreadConstraints ?? [];
    if (own.length > 0) return compileConstraints(pod, own, when);
    if (!defaults.some(({ whenUnsatisfiable }) => whenUnsatisfiable === when)) return [];
    const selector = workloadSelector(pod);
    return selector === undefined ? [] : compileConstraints(pod, defaults, when, selector);
  };

  const counted = (
    pod: Pod,
    constraints: readonly SpreadConstraint[],
    keys: readonly string[],
  ): readonly CountedConstraint[] =>
    constraints.map((one) => ({
      ...one,
      counts: cache.counts(one.matcher, one.topologyKey, withLabels(one.scope, keys)),
      self: one.selector !== undefined && matches(one.selector, pod.metadata.labels) ? 1 : 0,
    }));

  return {
    name: 'PodTopologySpread',
    wakesOn,
    prepare: (pod) => {
      const hard = constraintsOf(pod, 'DoNotSchedule');
      const soft = constraintsOf(pod, 'ScheduleAnyway');
      const needsAll = (pod.spec.topologySpreadConstraints ?? []).length > 0 || defaultingType === 'List';
      const softKeys = needsAll ? soft.map(({ topologyKey }) => topologyKey) : [];
      const hardKeys = hard.map(({ topologyKey }) => topologyKey);
      return {
        state: {
          hard: counted(pod, hard, hardKeys),
          soft: counted(pod, soft, softKeys),
          softKeys,
          weights: [],
        },
        filters: hard.length > 0,
        scores: soft.length > 0,
      };
    },
    filter,
    beforeScores: (state, _pod, nodes) => {
      state.weights = state.soft.map(({ topologyKey }) => weightOf(topologyKey, state.softKeys, nodes));
    },
    score: ({ soft, softKeys, weights }, _pod, { node }) =>
      hasLabels(node, softKeys) ? scoreOf(soft, weights, node) : IGNORED,
    normalize,
  };
}

type SpreadConstraintKind = TopologySpreadConstraint['whenUnsatisfiable'];

function filter({ hard }: State, _pod: Pod, { node }: NodeInfo): FilterVerdict {
  for (const { topologyKey, counts, self, maxSkew, minDomains } of hard) {
    const value = node.metadata.labels?.[topologyKey];
    if (value === undefined) return NO_LABEL;
    // Domains that are still missing are empty ones.
    const fewest = counts.topology.size < minDomains ? 0 : counts.fewest;
    if (counts.podsIn(value) + self - fewest > maxSkew) return SKEWED;
  }
  return undefined;
}

/** Grows with the number of domains among the nodes that fit. */
function weightOf(topologyKey: string, keys: readonly string[], nodes: readonly NodeInfo[]): number {
  const scored = keys.length === 0 ? nodes : nodes.filter(({ node }) => hasLabels(node, keys));
  if (topologyKey === HOSTNAME) return Math.log(scored.length + 2);
  const domains = new Set<string>();
  for (const { node } of scored) domains.add(node.metadata.labels?.[topologyKey] ?? '');
  return Math.log(domains.size + 2);
}

/** For nodes without the topology labels: worst, and left out of the comparison. */
const IGNORED = -1;

function scoreOf(soft: readonly CountedConstraint[], weights: readonly number[], node: Node): number {
  let score = 0;
  // Asked of every node that fits: no iterator.
  for (let i = 0; i < soft.length; i++) {
    const { topologyKey, counts, maxSkew } = soft[i] as CountedConstraint;
    const value = node.metadata.labels?.[topologyKey];
    // The skew that is allowed waters small differences down.
    if (value !== undefined) score += counts.podsIn(value) * (weights[i] ?? 0) + (maxSkew - 1);
  }
  return Math.round(score);
}

function normalize(scores: Float64Array, count: number): void {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = 0;
  for (let i = 0; i < count; i++) {
    const score = scores[i] ?? 0;
    if (score === IGNORED) continue;
    lowest = Math.min(lowest, score);
    highest = Math.max(highest, score);
  }
  for (let i = 0; i < count; i++) {
    const score = scores[i] ?? 0;
    if (score === IGNORED) scores[i] = 0;
    else if (highest === 0) scores[i] = SCORE_MAX;
    else scores[i] = Math.trunc((SCORE_MAX * (highest + lowest - score)) / highest);
  }
}

function wakesOn(event: ClusterEvent, pod: Pod): boolean {
  const constraints = compileConstraints(pod, pod.spec.topologySpreadConstraints ?? [], 'DoNotSchedule');
  if (constraints.length === 0) return false;
  const counts = ({ metadata }: Pod): boolean =>
    metadata.namespace === pod.metadata.namespace &&
    constraints.some(({ selector }) => selector !== undefined && matches(selector, metadata.labels));
  switch (event.resource) {
    case 'Node': {
      const { next, old } = event;
      const keys = constraints.map(({ topologyKey }) => topologyKey);
      // New domains, or a domain that is gone, move the emptiest one.
      return (
        old === undefined || keys.some((key) => next.metadata.labels?.[key] !== old.metadata.labels?.[key])
      );
    }
    case 'Pod':
      return counts(event.next) || (event.old !== undefined && counts(event.old));
    case 'Pod/Gone':
      return counts(event.old);
    case 'Node/Gone':
      return true;
    case 'Other':
      return false;
  }
}
