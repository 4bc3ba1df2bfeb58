/**
 * Which pods a rule of the scheduler is about: those of some namespaces with some labels. Matchers are data
 * with a key, so that equal rules of many pods are one; `MatcherIndex` finds the rules that a pod falls under
 * without asking each of them.
 */

import { fromLabelSelector, matches, selectorText, type Selector } from '../../api/labels/selector.ts';
import type { LabelSelector, Pod } from '../../api/types.gen.ts';

export interface MatcherPart {
  readonly namespaces: ReadonlySet<string>;
  /** Namespaces by their labels, beside those by name; undefined: none. */
  readonly namespaceSelector: Selector | undefined;
  /** Undefined matches nothing. */
  readonly selector: Selector | undefined;
}

/** All parts must hold. Equal keys mean equal matchers. */
export interface PodMatcher {
  readonly key: string;
  readonly parts: readonly MatcherPart[];
  /** Whether pods count that are being deleted. */
  readonly withTerminating: boolean;
  readonly readsNamespaceLabels: boolean;
}

export interface NamespaceLabels {
  /** Undefined when the namespace is not known. */
  labelsOf(namespace: string): { readonly [key: string]: string } | undefined;
}

export interface MatcherSource {
  readonly namespaces?: readonly string[];
  readonly namespaceSelector?: LabelSelector;
  readonly labelSelector?: LabelSelector;
}

/** A part without namespaces and without a namespace selector means the pod's own namespace (`home`). */
export function podMatcher(
  sources: readonly MatcherSource[],
  home: string,
  withTerminating: boolean,
): PodMatcher {
  const parts = sources.map(({ namespaces = [], namespaceSelector, labelSelector }) => ({
    namespaces: new Set(namespaces.length === 0 && namespaceSelector === undefined ? [home] : namespaces),
    namespaceSelector: fromLabelSelector(namespaceSelector),
    selector: fromLabelSelector(labelSelector),
  }));
  return matcherOf(parts, withTerminating);
}

export function matcherOf(parts: readonly MatcherPart[], withTerminating: boolean): PodMatcher {
  return {
    key: `${withTerminating ? 'all' : 'living'}|${parts.map(keyOf).join('|')}`,
    parts,
    withTerminating,
    readsNamespaceLabels: parts.some(({ namespaceSelector }) => (namespaceSelector?.length ?? 0) > 0),
  };
}

function keyOf({ namespaces, namespaceSelector, selector }: MatcherPart): string {
  const text = (one: Selector | undefined): string => (one === undefined ? '-' : `(${selectorText(one)})`);
  return `${[...namespaces].toSorted().join(',')};${text(namespaceSelector)};${text(selector)}`;
}

export function matchesPod(matcher: PodMatcher, { metadata }: Pod, namespaces: NamespaceLabels): boolean {
  if (!matcher.withTerminating && metadata.deletionTimestamp !== undefined) return false;
  const namespace = metadata.namespace ?? '';
  for (const part of matcher.parts) {
    if (part.selector === undefined || !matches(part.selector, metadata.labels)) return false;
    if (!part.namespaces.has(namespace) && !selectsNamespace(part, namespace, namespaces)) return false;
  }
  return matcher.parts.length > 0;
}

/** The namespaces outside of which no pod falls under the rule; undefined: there are no such bounds. */
export function namespacesOf({ parts }: PodMatcher): ReadonlySet<string> | undefined {
  return parts.find(({ namespaceSelector }) => namespaceSelector === undefined)?.namespaces;
}

function selectsNamespace(
  { namespaceSelector }: MatcherPart,
  namespace: string,
  namespaces: NamespaceLabels,
): boolean {
  if (namespaceSelector === undefined) return false;
  return namespaceSelector.length === 0 || matches(namespaceSelector, namespaces.labelsOf(namespace));
}

/** Rules by a label that a pod must have to fall under them; those without such a label are asked always. */
export class MatcherIndex<T extends { readonly matcher: PodMatcher }> {
  readonly #byLabel = new Map<string, Set<T>>();
  readonly #others = new Set<T>();

  add(item: T): void {
    for (const label of labelsNeeded(item.matcher)) {
      const present = this.#byLabel.get(label);
      if (present === undefined) this.#byLabel.set(label, new Set([item]));
      else present.add(item);
    }
    if (labelsNeeded(item.matcher).length === 0) this.#others.add(item);
  }

  delete(item: T): void {
    for (const label of labelsNeeded(item.matcher)) {
      const present = this.#byLabel.get(label);
      present?.delete(item);
      if (present?.size === 0) this.#byLabel.delete(label);
    }
    this.#others.delete(item);
  }

  /** Every rule that the pod falls under, once. */
  matching(pod: Pod, namespaces: NamespaceLabels): readonly T[] {
    const found: T[] = [];
    const ask = (items: ReadonlySet<T> | undefined): void => {
      if (items === undefined) return;
      for (const item of items) if (matchesPod(item.matcher, pod, namespaces)) found.push(item);
    };
    ask(this.#others);
    if (this.#byLabel.size === 0) return found;
    const { labels } = pod.metadata;
    for (const key in labels) ask(this.#byLabel.get(labelText(key, labels[key])));
    return found;
  }
}

const NONE: readonly string[] = [];

/** One key in the values it may have: a pod has one of them, so it meets a rule once. */
export function labelsNeeded({ parts }: PodMatcher): readonly string[] {
  for (const { key, operator, values } of parts[0]?.selector ?? [])
    if (operator === '=' || operator === 'in')
      return [...new Set(values)].map((value) => labelText(key, value));
  return NONE;
}

export function labelText(key: string, value: string | undefined): string {
  return `${key}\n${value ?? ''}`;
}
