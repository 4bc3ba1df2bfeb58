/**
 * The affinity terms of pods that run already, because they speak about pods to come: a placed pod may
 * refuse company, or wish for it. Equal terms of many pods are one entry that knows in which domains its
 * holders are.
 *
 * Example: ten pods of `app=db`, one on each host, refuse other `app=db` pods on their host. That is one
 * held term with ten domains; a new `db` pod finds it by its label and looks its hosts up.
 */

import type { Node, Pod, PodAffinityTerm } from '../../api/types.gen.ts';
import { MatcherIndex, podMatcher, type NamespaceLabels, type PodMatcher } from './pod-matcher.ts';

export type TermKind =
  | 'requiredAffinity'
  | 'requiredAntiAffinity'
  | 'preferredAffinity'
  | 'preferredAntiAffinity';

export interface AffinityTerm {
  readonly kind: TermKind;
  readonly topologyKey: string;
  readonly matcher: PodMatcher;
  /** 1 for required ones. */
  readonly weight: number;
}

const NO_TERMS: readonly AffinityTerm[] = [];
const compiled = new WeakMap<
  Pod['spec'],
  { readonly home: string; readonly terms: readonly AffinityTerm[] }
>();

/**
 * What a pod wants of others. Specs are immutable and shared between versions of a pod, and between pods that
 * are equal: in other namespaces, too, where the same words mean other pods.
 */
export function termsOf({ metadata, spec }: Pod): readonly AffinityTerm[] {
  if (spec.affinity?.podAffinity === undefined && spec.affinity?.podAntiAffinity === undefined)
    return NO_TERMS;
  const home = metadata.namespace ?? '';
  const present = compiled.get(spec);
  if (present?.home === home) return present.terms;
  const { podAffinity, podAntiAffinity } = spec.affinity;
  const term = (kind: TermKind, source: PodAffinityTerm, weight = 1): AffinityTerm => ({
    kind,
    topologyKey: source.topologyKey,
    matcher: podMatcher([source], home, true),
    weight,
  });
  const terms = [
    ...(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((one) =>
      term('requiredAffinity', one),
    ),
    ...(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((one) =>
      term('requiredAntiAffinity', one),
    ),
    ...(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((one) =>
      term('preferredAffinity', one.podAffinityTerm, one.weight),
    ),
    ...(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((one) =>
      term('preferredAntiAffinity', one.podAffinityTerm, one.weight),
    ),
  ];
  compiled.set(spec, { home, terms });
  return terms;
}

export class HeldTerm {
  readonly kind: TermKind;
  readonly topologyKey: string;
  readonly matcher: PodMatcher;
  /** The sum of the holders' weights in each domain. */
  readonly domains = new Map<string, number>();

  constructor({ kind, topologyKey, matcher }: AffinityTerm) {
    this.kind = kind;
    this.topologyKey = topologyKey;
    this.matcher = matcher;
  }

  count(node: Node, weight: number): void {
    const value = node.metadata.labels?.[this.topologyKey];
    if (value === undefined) return;
    const sum = (this.domains.get(value) ?? 0) + weight;
    if (sum === 0) this.domains.delete(value);
    else this.domains.set(value, sum);
  }
}

/** Terms that nobody holds any more are kept up to this many, because what-ifs take holders away and bring them back. */
const UNHELD_MAX = 1024;

export class HeldTerms {
  readonly #namespaces: NamespaceLabels;
  readonly #terms = new Map<string, HeldTerm>();
  readonly #refusing = new MatcherIndex<HeldTerm>();
  readonly #wishing = new MatcherIndex<HeldTerm>();
  #sweepAt = UNHELD_MAX;

  constructor(namespaces: NamespaceLabels) {
    this.#namespaces = namespaces;
  }

  countPod(pod: Pod, node: Node, sign: 1 | -1): void {
    for (const term of termsOf(pod)) this.#of(term).count(node, sign * term.weight);
  }

  /** Required anti-affinity of placed pods that the pod falls under. */
  refusing(pod: Pod): readonly HeldTerm[] {
    return this.#refusing.matching(pod, this.#namespaces);
  }

  /** All other terms of placed pods that the pod falls under. */
  wishing(pod: Pod): readonly HeldTerm[] {
    return this.#wishing.matching(pod, this.#namespaces);
  }

  /** Forgets terms without holders. Not during a what-if. */
  sweep(): void {
    if (this.#terms.size < this.#sweepAt) return;
    for (const [key, term] of this.#terms) {
      if (term.domains.size > 0) continue;
      this.#terms.delete(key);
      this.#indexOf(term.kind).delete(term);
    }
    this.#sweepAt = this.#terms.size + UNHELD_MAX;
  }

  #of(term: AffinityTerm): HeldTerm {
    const key = `${term.kind}|${term.topologyKey}|${term.matcher.key}`;
    let held = this.#terms.get(key);
    if (held === undefined) {
      held = new HeldTerm(term);
      this.#terms.set(key, held);
      this.#indexOf(term.kind).add(held);
    }
    return held;
  }

  #indexOf(kind: TermKind): MatcherIndex<HeldTerm> {
    return kind === 'requiredAntiAffinity' ? this.#refusing : this.#wishing;
  }
}
