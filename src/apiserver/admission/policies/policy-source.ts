/**
 * The policies that are in force: those of a kind that a binding names, with their bindings, in the order of
 * their names. Upstream has no order.
 *
 * Both are followed, so that a request costs nothing where no policy is bound. A policy is compiled once for
 * each of its generations, when it first matches a request.
 */

import type { KubernetesObject, ResourceType } from '../../../api/meta/object.ts';
import type { MatchResources, ParamKind, ParamRef } from '../../../api/types.gen.ts';
import { prefixRange, type KeyRange, type Store } from '../../../store/store.ts';
import type { AdmissionRequest } from '../admission.ts';
import { Followed } from '../dynamic/followed.ts';
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

const NONE: readonly never[] = [];

interface Compiled<C> {
  readonly uid: string | undefined;
  readonly generation: number | undefined;
  readonly program: C;
}

export class PolicySource<P extends Policy, B extends PolicyBinding, C> {
  readonly #policies: Followed<readonly P[]>;
  readonly #bindings: Followed<readonly B[]>;
  readonly #compile: (policy: P) => C;
  readonly #compiled = new Map<string, Compiled<C>>();
  readonly #about = new Map<string, readonly Hook<P, B, C>[]>();
  #seen: { readonly policies: readonly P[]; readonly bindings: readonly B[] } = {
    policies: [],
    bindings: [],
  };
  #hooks: readonly Hook<P, B, C>[] = [];

  constructor(
    store: Store<KubernetesObject>,
    types: { readonly policies: ResourceType<P>; readonly bindings: ResourceType<B> },
    compile: (policy: P) => C,
  ) {
    this.#policies = new Followed(store, rangeOf(types.policies), (objects) => objects as readonly P[]);
    this.#bindings = new Followed(store, rangeOf(types.bindings), (objects) => objects as readonly B[]);
    this.#compile = compile;
  }

  /** Those that may match for what their rules say of resources; most often the very same empty list. */
  about({ resource: { definition } }: AdmissionRequest): readonly Hook<P, B, C>[] {
    if (this.#bindings.current.length === 0) return NONE;
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
    const policies = this.#policies.current;
    const bindings = this.#bindings.current;
    if (bindings === this.#seen.bindings && policies === this.#seen.policies) return;
    this.#seen = { policies, bindings };
    this.#about.clear();
    const ofPolicy = Map.groupBy(bindings, ({ spec }) => spec.policyName ?? '');
    this.#hooks = policies.flatMap((policy) => {
      const bound = ofPolicy.get(policy.metadata.name ?? '');
      return bound === undefined ? [] : [this.#hook(policy, bound)];
    });
    const names = new Set(this.#hooks.map(({ name }) => name));
    for (const name of this.#compiled.keys()) if (!names.has(name)) this.#compiled.delete(name);
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
