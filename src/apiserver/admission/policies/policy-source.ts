/**
 * The policies that are in force: those of a kind that a binding names, with their bindings, in the order of
 * their names. Upstream has no order.
 *
 * They are read from the store at every request, so that a policy counts from the moment it is written, here
 * or on another server; without bindings that is one look for whether there are keys in a range. What was made
 * of them is kept: a policy is compiled once for each of its generations, when it first may match a request.
 */

import type { KubernetesObject, ResourceType } from '../../../api/meta/object.ts';
import type { MatchResources, ParamKind, ParamRef } from '../../../api/types.gen.ts';
import { prefixRange, type Entry, type KeyRange, type Store } from '../../../store/store.ts';
import type { AdmissionRequest } from '../admission.ts';
import { EVERYTHING, type Criteria, type Rule } from '../dynamic/matching.ts';

export interface Policy extends KubernetesObject {
  readonly spec: {
    readonly paramKind?: ParamKind;
    readonly matchConstraints?: MatchResources;
    readonly failurePolicy?: 'Ignore' | 'Fail';
  };
}

export interface PolicyBinding extends KubernetesObject {
  readonly spec: {
    readonly policyName?: string;
    readonly paramRef?: ParamRef;
    readonly matchResources?: MatchResources;
  };
}

/** A policy in force. */
export interface Hook<P, B, C> {
  readonly policy: P;
  readonly name: string;
  readonly criteria: Criteria;
  readonly bindings: readonly BindingHook<B>[];
  readonly program: () => C;
}

export interface BindingHook<B> {
  readonly binding: B;
  readonly name: string;
  /** Undefined: whatever the policy matches. */
  readonly criteria: Criteria | undefined;
}

interface Compiled<C> {
  readonly uid: string | undefined;
  readonly generation: number | undefined;
  readonly program: C;
}

type Entries = readonly Entry<KubernetesObject>[];

export class PolicySource<P extends Policy, B extends PolicyBinding, C> {
  readonly #store: Store<KubernetesObject>;
  readonly #policies: KeyRange;
  readonly #bindings: KeyRange;
  readonly #compile: (policy: P) => C;
  readonly #compiled = new Map<string, Compiled<C>>();
  readonly #about = new Map<string, readonly Hook<P, B, C>[]>();
  #seen: { readonly policies: Entries; readonly bindings: Entries } = { policies: [], bindings: [] };
  #hooks: readonly Hook<P, B, C>[] = [];

  constructor(
    store: Store<KubernetesObject>,
    types: { readonly policies: ResourceType<P>; readonly bindings: ResourceType<B> },
    compile: (policy: P) => C,
  ) {
    this.#store = store;
    this.#policies = rangeOf(types.policies);
    this.#bindings = rangeOf(types.bindings);
    this.#compile = compile;
  }

  /** Those that may match for what their rules say of resources; most often the very same empty list. */
  about({ resource: { definition } }: AdmissionRequest): readonly Hook<P, B, C>[] {
    if (this.#store.count(this.#bindings) === 0) return [];
    this.#refresh();
    const { plural } = definition;
    let found = this.#about.get(plural);
    if (found === undefined) {
      found = this.#hooks.filter(({ criteria }) => mayName(criteria.rules, plural));
      this.#about.set(plural, found);
    }
    return found;
  }

  #refresh(): void {
    const bindings = this.#list(this.#bindings);
    const policies = this.#list(this.#policies);
    if (isSame(bindings, this.#seen.bindings) && isSame(policies, this.#seen.policies)) return;
    this.#seen = { policies, bindings };
    this.#about.clear();
    const ofPolicy = Map.groupBy(
      bindings.map(({ value }) => value as B),
      ({ spec }) => spec.policyName ?? '',
    );
    this.#hooks = policies.flatMap(({ value }) => {
      const bound = ofPolicy.get(value.metadata.name ?? '');
      return bound === undefined ? [] : [this.#hook(value as P, bound)];
    });
    const names = new Set(this.#hooks.map(({ name }) => name));
    for (const name of this.#compiled.keys()) if (!names.has(name)) this.#compiled.delete(name);
  }

  #list(range: KeyRange): Entries {
    const page = this.#store.list(range);
    return page.ok ? page.result.entries : [];
  }

  #hook(policy: P, bindings: readonly B[]): Hook<P, B, C> {
    const name = policy.metadata.name ?? '';
    return {
      policy,
      name,
      criteria: criteriaOf(policy.spec.matchConstraints ?? {}),
      bindings: bindings.map((binding) => {
        const { matchResources } = binding.spec;
        const criteria = matchResources === undefined ? undefined : criteriaOf(matchResources);
        return { binding, name: binding.metadata.name ?? '', criteria };
      }),
      program: () => this.#programOf(policy, name),
    };
  }

  #programOf(policy: P, name: string): C {
    const { uid, generation } = policy.metadata;
    const known = this.#compiled.get(name);
    if (known !== undefined && known.uid === uid && known.generation === generation) return known.program;
    const program = this.#compile(policy);
    this.#compiled.set(name, { uid, generation, program });
    return program;
  }
}

function rangeOf({ group, plural }: ResourceType): KeyRange {
  return prefixRange(`/registry/${group}/${plural}/`);
}

/** Values of a store are the same objects as long as they do not change. */
function isSame(a: Entries, b: Entries): boolean {
  return a.length === b.length && a.every(({ value }, i) => value === b[i]?.value);
}

function criteriaOf(match: MatchResources): Criteria {
  const { resourceRules = [], excludeResourceRules, matchPolicy = 'Equivalent' } = match;
  return {
    rules: resourceRules.length === 0 ? [EVERYTHING] : resourceRules,
    excludeRules: excludeResourceRules,
    matchPolicy,
    namespaceSelector: match.namespaceSelector,
    objectSelector: match.objectSelector,
  };
}

/** Resources that are equivalent have one name in all their groups. */
function mayName(rules: readonly Rule[], plural: string): boolean {
  return rules.some(({ resources = [] }) =>
    resources.some((text) => text.startsWith('*') || text.split('/')[0] === plural),
  );
}
