/**
 * MutatingAdmissionPolicy: changes what is written as policies in CEL say. A thin shell around `mutate.ts`,
 * which makes one mutation, and `reinvocation-notes.ts`.
 *
 * Inputs: policies and bindings in force, the request on its way to validation. Outputs: the object as it
 * shall be, with defaults again after every mutation; or a refusal in upstream's words when a policy cannot be
 * carried out. A deletion has nothing that could be changed.
 */

import { mutatingAdmissionPolicies } from '../../../api/groups/admissionregistration/mutating-admission-policy/mutating-admission-policy.ts';
import { mutatingAdmissionPolicyBindings } from '../../../api/groups/admissionregistration/mutating-admission-policy-binding/mutating-admission-policy-binding.ts';
import { ApiError, forbiddenError, unavailableError } from '../../../api/meta/api-error.ts';
import type { StatusReason } from '../../../api/meta/api-error.ts';
import { deepEqual } from '../../../api/meta/equal.ts';
import type { GroupVersionKind, KubernetesObject } from '../../../api/meta/object.ts';
import { objectSchemaOf, type ObjectSchema } from '../../../api/object-schema.ts';
import type { Resource } from '../../../api/resource.ts';
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from '../../../api/types.gen.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { spokenResource } from '../dynamic/attributes.ts';
import type { World } from '../dynamic/matching.ts';
import { asMatched, fromMatched } from '../dynamic/versions.ts';
import { worldOf } from '../dynamic/world.ts';
import { compileMutating, type MutatingProgram } from './compile.ts';
import { BUDGET, Row, type Bindings } from '../dynamic/evaluation.ts';
import { isExemptFromPolicies, nameIn, PolicyRun } from './invocations.ts';
import type { Invocation, PolicyParts, Problem } from './invocations.ts';
import { jsonOf } from '../dynamic/inputs.ts';
import { matchSteps } from '../dynamic/match-conditions.ts';
import { mutate } from './mutate.ts';
import { PolicySource, type Hook } from './policy-source.ts';
import { ReinvocationNotes } from '../dynamic/reinvocation-notes.ts';

const NAME = 'MutatingAdmissionPolicy';

type MutatingHook = Hook<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, MutatingProgram>;
type MutatingInvocation = Invocation<MutatingHook, MutatingAdmissionPolicyBinding>;

interface Failure extends Problem<MutatingHook> {
  readonly reason?: StatusReason;
}

export function mutatingAdmissionPolicy(parts: PolicyParts): AdmissionPlugin {
  const types = { policies: mutatingAdmissionPolicies, bindings: mutatingAdmissionPolicyBindings };
  const source = new PolicySource(parts.store, types, ({ spec }: MutatingAdmissionPolicy) =>
    compileMutating(spec),
  );
  const world = worldOf(parts);
  const changed = <T extends KubernetesObject | undefined>(request: AdmissionRequest, object: T) => {
    if (object === undefined || request.operation === 'DELETE' || request.isInternal === true) return object;
    const hooks = source.about(request);
    if (hooks.length === 0 || isExemptFromPolicies(request)) return object;
    return new Mutating(parts, world, request, object).mutateBy(hooks);
  };
  return {
    name: NAME,
    mutate: (request) => changed(request, request.object),
    mutateOther: (request) => changed(request, request.body?.object),
  };
}

/** One request on its way through all policies. */
class Mutating {
  readonly #parts: PolicyParts;
  readonly #run: PolicyRun;
  readonly #request: AdmissionRequest;
  readonly #failures: Failure[] = [];
  #object: KubernetesObject;

  constructor(parts: PolicyParts, world: World, request: AdmissionRequest, object: KubernetesObject) {
    this.#parts = parts;
    this.#run = new PolicyRun(parts, world, request);
    this.#request = request;
    this.#object = object;
  }

  async mutateBy(hooks: readonly MutatingHook[]): Promise<KubernetesObject> {
    const notes = this.#notes();
    const { invocations, problems } = await this.#run.select(hooks);
    this.#failures.push(...problems);
    notes.begin(this.#object);
    for (const invocation of invocations) await this.#invoke(invocation, notes);
    notes.end(this.#object);
    const failures = this.#failures.filter(({ hook }) => hook.policy.spec.failurePolicy !== 'Ignore');
    if (failures.length > 0) throw refusalError(this.#request, failures);
    return this.#object;
  }

  #notes(): ReinvocationNotes {
    const known = this.#request.reinvocation?.notes;
    const found = known?.get(NAME);
    if (found instanceof ReinvocationNotes) return found;
    const notes = new ReinvocationNotes();
    known?.set(NAME, notes);
    return notes;
  }

  async #invoke(invocation: MutatingInvocation, notes: ReinvocationNotes): Promise<void> {
    const { hook, matched } = invocation;
    const { object, ...seen } = await this.#seenAs(matched);
    if (object === undefined) return;
    const program = hook.program();
    const bindings = (of: KubernetesObject): Bindings => ({
      ...this.#run.bindings(matched, { ...seen, object: of }, invocation.parameter),
      ...this.#run.authorizer,
    });
    const conditions = await this.#run.evaluate(() =>
      matchSteps(program.conditions, program.variables, bindings(object), this.#run.meter),
    );
    if ('error' in conditions) return this.#fail(invocation, conditions.error);
    if (!conditions.matches) return undefined;
    const key = keyOf(invocation);
    const { reinvocation } = this.#request;
    if (reinvocation?.isSecond === true && !notes.comesAgain(key)) return undefined;
    const schema = this.#schemaOf(seen.kind, matched);
    let current = object;
    for (const mutation of program.mutations) {
      const base = bindings(current);
      const outcome = await this.#run.evaluate(() =>
        mutate(mutation, current, schema, new Row(program.variables, base, BUDGET, this.#run.meter)),
      );
      if (outcome.ok) current = this.#defaulted(outcome.object, schema, matched);
      else this.#fail(invocation, outcome.problem);
    }
    if (!deepEqual(jsonOf(current), jsonOf(object))) {
      this.#object = await fromMatched(current, this.#request, matched);
      notes.changed();
      reinvocation?.ask();
    }
    if (hook.policy.spec.reinvocationPolicy === 'IfNeeded') notes.invoked(key);
  }

  #fail({ hook, bound }: MutatingInvocation, message: string): void {
    this.#failures.push({ hook, binding: bound.name, message, reason: 'Invalid' });
  }

  #seenAs(matched: Resource) {
    const { body } = this.#request;
    const object = this.#object;
    if (body !== undefined) return asMatched({ ...this.#request, body: { ...body, object } }, matched);
    return asMatched({ ...this.#request, object }, matched);
  }

  /** Of the kind that a subresource speaks of, or of the object itself. */
  #schemaOf({ group, version, kind }: GroupVersionKind, matched: Resource): ObjectSchema {
    if (this.#request.body === undefined) return matched.schema;
    const schemas = this.#parts.resources.schemas.get(`${group.split('.')[0] || 'core'}/${version}`);
    const message = schemas?.messages.get(kind);
    if (message !== undefined) return objectSchemaOf(message);
    throw unavailableError(
      `Resource kind ${group}/${version}, Kind=${kind} not found. There can be a delay between when CustomResourceDefinitions are created and when they are available.`,
    );
  }

  #defaulted(object: KubernetesObject, schema: ObjectSchema, { definition }: Resource): KubernetesObject {
    const defaulted = schema.applyDefaults(object);
    if (this.#request.body !== undefined) return defaulted;
    return definition.defaults?.(defaulted) ?? defaulted;
  }
}

function keyOf({ hook, bound, parameter }: MutatingInvocation): string {
  const { namespace = '', name = '' } = parameter?.metadata ?? {};
  return [hook.name, bound.name, namespace, name].join('/');
}

/** 403 whatever the reason, as upstream has it. */
function refusalError(request: AdmissionRequest, failures: readonly Failure[]): ApiError {
  const causes = failures.map(({ hook, binding, message }) => {
    const head =
      binding === undefined ? `policy "${hook.name}"` : `policy '${hook.name}' with binding '${binding}'`;
    return { message: `${head} denied request: ${message}` };
  });
  const { code, details = {} } = forbiddenError(spokenResource(request).subject, nameIn(request), '');
  const [first] = causes;
  const reason = failures[0]?.reason ?? 'Forbidden';
  return new ApiError(code, reason, first?.message ?? '', { ...details, causes });
}
