/**
 * InterPodAffinity: pods that want to be near others, or away from them, by domains of a topology.
 *
 * Three filters: what the pod requires, what it refuses, and what placed pods refuse. A pod whose required
 * terms no placed pod satisfies may still come when it satisfies them itself: it is the first of its kind.
 * The score adds up what both sides prefer.
 */

import { matcherOf, matchesPod } from '../../cache/pod-matcher.ts';
import { termsOf, type AffinityTerm, type HeldTerm } from '../../cache/affinity-terms.ts';
import type { SchedulerCache } from '../../cache/cache.ts';
import { ALL_NODES, type DomainCounts } from '../../cache/domain-counts.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import type { Node, Pod } from '../../../api/types.gen.ts';
import {
  normalizeBetweenExtremes,
  type ClusterEvent,
  type FilterVerdict,
  type Refusal,
  type SchedulerPlugin,
} from '../../framework.ts';

const NOT_NEAR: Refusal = { reason: "node(s) didn't match pod affinity rules", resolvable: false };
const TOO_NEAR: Refusal = { reason: "node(s) didn't match pod anti-affinity rules", resolvable: true };
const UNWELCOME: Refusal = {
  reason: "node(s) didn't satisfy existing pods anti-affinity rules",
  resolvable: true,
};

export interface InterPodAffinityArgs {
  /** What a placed pod's required affinity to this one is worth as a preference. */
  readonly hardPodAffinityWeight?: number;
  readonly ignorePreferredTermsOfExistingPods?: boolean;
}

interface State {
  /** Pods that satisfy all required terms at once, in the topology of each. */
  readonly required: readonly DomainCounts[];
  readonly satisfiesItself: boolean;
  readonly refused: readonly DomainCounts[];
  readonly refusing: readonly HeldTerm[];
  readonly wishes: readonly Wish[];
}

/** Points for each domain of a topology. */
interface Wish {
  readonly topologyKey: string;
  points(value: string): number;
}

export function interPodAffinity(
  cache: SchedulerCache,
  { hardPodAffinityWeight = 1, ignorePreferredTermsOfExistingPods = false }: InterPodAffinityArgs = {},
): SchedulerPlugin<State> {
  const countsOf = ({ matcher, topologyKey }: AffinityTerm): DomainCounts =>
    cache.counts(matcher, topologyKey, ALL_NODES);

  const requiredOf = (terms: readonly AffinityTerm[]): readonly DomainCounts[] => {
    const together = matcherOf(
      terms.flatMap(({ matcher }) => matcher.parts),
      true,
    );
    return terms.map(({ topologyKey }) => cache.counts(together, topologyKey, ALL_NODES));
  };

  const wishesOf = (pod: Pod, terms: readonly AffinityTerm[]): readonly Wish[] => {
    const own = terms.filter(({ kind }) => kind === 'preferredAffinity' || kind === 'preferredAntiAffinity');
    const isHeedless = ignorePreferredTermsOfExistingPods && own.length === 0;
    return [
      ...own.map((term) => ownWish(term, countsOf(term))),
      ...(isHeedless ? [] : cache.wishing(pod)).flatMap((held) => heldWish(held, hardPodAffinityWeight)),
    ];
  };

  return {
    name: 'InterPodAffinity',
    wakesOn: (event, pod) => wakesOn(event, pod, cache),
    prepare: (pod) => {
      const terms = termsOf(pod);
      const ofKind = (wanted: AffinityTerm['kind']): readonly AffinityTerm[] =>
        terms.length === 0 ? terms : terms.filter(({ kind }) => kind === wanted);
      const required = ofKind('requiredAffinity');
      const refused = ofKind('requiredAntiAffinity');
      const refusing = cache.refusing(pod);
      const wishes = wishesOf(pod, terms);
      return {
        state: {
          required: requiredOf(required),
          satisfiesItself: required.every(({ matcher }) => matchesPod(matcher, pod, cache)),
          refused: refused.map(countsOf),
          refusing,
          wishes,
        },
        filters: required.length + refused.length + refusing.length > 0,
        scores: wishes.length > 0,
      };
    },
    filter,
    score: ({ wishes }, _pod, { node }) => {
      let sum = 0;
      for (const wish of wishes) {
        const value = node.metadata.labels?.[wish.topologyKey];
        if (value !== undefined) sum += wish.points(value);
      }
      return sum;
    },
    normalize: normalizeBetweenExtremes,
  };
}

function filter(state: State, _pod: Pod, { node }: NodeInfo): FilterVerdict {
  if (!isNear(state, node)) return NOT_NEAR;
  const labels = node.metadata.labels ?? {};
  for (const counts of state.refused) {
    const value = labels[counts.topology.key];
    if (value !== undefined && counts.podsIn(value) > 0) return TOO_NEAR;
  }
  for (const { topologyKey, domains } of state.refusing) {
    const value = labels[topologyKey];
    if (value !== undefined && domains.has(value)) return UNWELCOME;
  }
  return undefined;
}

function isNear({ required, satisfiesItself }: State, node: Node): boolean {
  let nobody = true;
  let everyTerm = true;
  for (const counts of required) {
    const value = node.metadata.labels?.[counts.topology.key];
    if (value === undefined) return false;
    if (counts.podsIn(value) === 0) everyTerm = false;
    if (counts.pods > 0) nobody = false;
  }
  return everyTerm || (nobody && satisfiesItself);
}

function ownWish({ kind, topologyKey, weight }: AffinityTerm, counts: DomainCounts): Wish {
  const points = kind === 'preferredAffinity' ? weight : -weight;
  return { topologyKey, points: (value) => points * counts.podsIn(value) };
}

function heldWish({ kind, topologyKey, domains }: HeldTerm, hardWeight: number): readonly Wish[] {
  const sign = kind === 'requiredAffinity' ? hardWeight : kind === 'preferredAffinity' ? 1 : -1;
  if (sign === 0 || domains.size === 0) return [];
  return [{ topologyKey, points: (value) => sign * (domains.get(value) ?? 0) }];
}

function wakesOn(event: ClusterEvent, pod: Pod, cache: SchedulerCache): boolean {
  const terms = termsOf(pod);
  const meets = (kind: AffinityTerm['kind'], holder: Pod, other: Pod): boolean =>
    termsOf(holder).some((term) => term.kind === kind && matchesPod(term.matcher, other, cache));
  switch (event.resource) {
    case 'Node':
      // Its labels make new domains, or move it to others.
      return event.old === undefined || event.old.metadata.labels !== event.next.metadata.labels;
    case 'Pod': {
      const { next, old } = event;
      if (meets('requiredAffinity', pod, next)) return true;
      // One with other labels may have stopped to be in the way.
      return (
        old !== undefined &&
        (meets('requiredAntiAffinity', pod, old) || meets('requiredAntiAffinity', next, pod))
      );
    }
    case 'Pod/Gone':
      return (
        meets('requiredAntiAffinity', pod, event.old) ||
        meets('requiredAntiAffinity', event.old, pod) ||
        // The first of a kind may come once no other is left.
        (terms.length > 0 && meets('requiredAffinity', pod, event.old))
      );
    case 'Node/Gone':
      return false;
    case 'Other':
      return event.kind === 'Namespace';
  }
}
