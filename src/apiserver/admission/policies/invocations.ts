/**
 * Which policies are asked about a request, under which bindings and with which parameters: what validating
 * and mutating policies have in common. As upstream's `policy/generic/policy_dispatcher.go`.
 */

import { ApiError } from '../../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import type { Resource } from '../../../api/resource.ts';
import type { GroupVersionSchema } from '../../../api/schema/schema.ts';
import { nextTurn } from '../../../base/turn.ts';
import type { Store } from '../../../store/store.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { AdmissionBody, AdmissionRequest } from '../admission.ts';
import { admissionNamespace } from '../dynamic/attributes.ts';
import { matchOf, type World } from '../dynamic/matching.ts';
import { asMatched } from '../dynamic/versions.ts';
import { Answers } from '../dynamic/authorization.ts';
import { Meter, type Bindings, type Steps } from '../dynamic/evaluation.ts';
import { inputsOf, jsonOf } from '../dynamic/inputs.ts';
import { Misconfigured, parameterKind, parametersOf } from './parameters.ts';
import type { BindingHook, Hook, Policy, PolicyBinding } from './policy-source.ts';

export interface PolicyParts {
  readonly store: Store<KubernetesObject>;
  readonly authorizer: Authorizer;
  readonly resources: {
    all(): readonly Resource[];
    readonly schemas: ReadonlyMap<string, GroupVersionSchema>;
  };
}

/** One question: a policy, a binding, a parameter. */
export interface Invocation<H, B> {
  readonly hook: H;
  readonly bound: BindingHook<B>;
  readonly matched: Resource;
  readonly parameter: KubernetesObject | undefined;
}

/** Why a policy cannot be asked; counts as refused unless its `failurePolicy` is `Ignore`. */
export interface Problem<H> {
  readonly hook: H;
  /** Its name; undefined: the policy itself is at fault. */
  readonly binding: string | undefined;
  readonly message: string;
}

const EXEMPT: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io/validatingadmissionpolicies',
  'admissionregistration.k8s.io/validatingadmissionpolicybindings',
  'admissionregistration.k8s.io/mutatingadmissionpolicies',
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings',
  'authentication.k8s.io/selfsubjectreviews',
  'authentication.k8s.io/tokenreviews',
  'authorization.k8s.io/localsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectrulesreviews',
  'authorization.k8s.io/subjectaccessreviews',
]);

/** A policy must not keep policies from being mended, nor questions from being asked. */
export function isExemptFromPolicies({ resource: { definition } }: AdmissionRequest): boolean {
  return EXEMPT.has(`${definition.group}/${definition.plural}`);
}

/** The prefix of one that is still to be generated will do. */
export function nameIn({ target, object }: AdmissionRequest): string {
  if (target.name !== '') return target.name;
  const { name = '', generateName = '' } = object?.metadata ?? {};
  return name === '' ? generateName : name;
}

/** Takes some 5 ms: then others get a turn. */
const SLICE_COST = 50_000;

/** The questions that one request raises, asked one after the other. */
export class PolicyRun {
  readonly meter = new Meter();
  readonly #request: AdmissionRequest;
  readonly #parts: PolicyParts;
  readonly #world: World;
  readonly #answers: Answers;
  #pausedAt = 0;

  constructor(parts: PolicyParts, world: World, request: AdmissionRequest) {
    this.#request = request;
    this.#parts = parts;
    this.#world = world;
    this.#answers = new Answers(parts.authorizer, request);
  }

  get authorizer(): Bindings {
    return this.#answers.bindings;
  }

  async select<P extends Policy, B extends PolicyBinding, C>(
    hooks: readonly Hook<P, B, C>[],
  ): Promise<{
    readonly invocations: readonly Invocation<Hook<P, B, C>, B>[];
    readonly problems: readonly Problem<Hook<P, B, C>>[];
  }> {
    const invocations: Invocation<Hook<P, B, C>, B>[] = [];
    const problems: Problem<Hook<P, B, C>>[] = [];
    for (const hook of hooks) {
      try {
        const matched = matchOf(hook.criteria, this.#request, this.#world)?.resource;
        if (matched === undefined) continue;
        const kind = parameterKind(this.#parts, hook.policy.spec.paramKind);
        for (const bound of hook.bindings) {
          try {
            const parameters = await this.#parametersOf(kind, bound);
            for (const parameter of parameters) invocations.push({ hook, bound, matched, parameter });
          } catch (error) {
            const message = `failed to configure binding: ${problemText(error)}`;
            problems.push({ hook, binding: bound.name, message });
          }
        }
      } catch (error) {
        const message = `failed to configure policy: ${problemText(error)}`;
        problems.push({ hook, binding: undefined, message });
      }
    }
    return { invocations, problems };
  }

  async #parametersOf<B extends PolicyBinding>(
    kind: Resource | undefined,
    { binding, criteria }: BindingHook<B>,
  ): Promise<readonly (KubernetesObject | undefined)[]> {
    if (criteria !== undefined && matchOf(criteria, this.#request, this.#world) === undefined) return [];
    return parametersOf(this.#parts, kind, binding.spec.paramRef, admissionNamespace(this.#request));
  }

  /** Without the authorizer. Throws `NotFound` when the namespace is not there. */
  bindings(matched: Resource, body: AdmissionBody, parameter: KubernetesObject | undefined): Bindings {
    return { ...inputsOf(this.#request, matched, body, this.#world), params: jsonOf(parameter) };
  }

  /** What `steps` come to once all answers of the authorizer are there; others get a turn in between. */
  evaluate<T>(steps: () => Steps<T>): Promise<T> {
    return this.#answers.during(async () => {
      const running = steps();
      for (;;) {
        if (this.meter.cost - this.#pausedAt > SLICE_COST) {
          this.#pausedAt = this.meter.cost;
          await nextTurn('request');
        }
        const step = running.next();
        if (step.done === true) return step.value;
      }
    });
  }
}

export type BodyOutcome =
  | { readonly ok: true; readonly body: AdmissionBody }
  | { readonly ok: false; readonly problem: string };

/** A request's objects in the versions that policies matched, each converted once. */
export class BodiesOf {
  readonly #request: AdmissionRequest;
  readonly #known = new Map<string, BodyOutcome>();

  constructor(request: AdmissionRequest) {
    this.#request = request;
  }

  async as(matched: Resource): Promise<BodyOutcome> {
    const known = this.#known.get(matched.apiVersion);
    if (known !== undefined) return known;
    const outcome = await this.#convert(matched);
    this.#known.set(matched.apiVersion, outcome);
    return outcome;
  }

  async #convert(matched: Resource): Promise<BodyOutcome> {
    try {
      return { ok: true, body: await asMatched(this.#request, matched) };
    } catch (error) {
      return { ok: false, problem: `failed to convert object version: ${problemText(error)}` };
    }
  }
}

/** What else may be thrown is a bug. */
function problemText(error: unknown): string {
  if (error instanceof Misconfigured || error instanceof ApiError) return error.message;
  throw error;
}
