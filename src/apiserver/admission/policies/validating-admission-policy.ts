/**
 * ValidatingAdmissionPolicy: refuses, warns of or notes what policies in CEL do not want. A thin shell around
 * `validate.ts`, which says what one policy says under one binding and parameter.
 *
 * Inputs: policies and bindings in force, the request on its way to the store. Outputs: a refusal in
 * upstream's words, warnings in the answer. Audit annotations are computed, since one that cannot be computed
 * refuses the request, and go nowhere as long as there is no audit log.
 */

import { validatingAdmissionPolicyBindings } from '../../../api/groups/admissionregistration/validating-admission-policy-binding/validating-admission-policy-binding.ts';
import { validatingAdmissionPolicies } from '../../../api/groups/admissionregistration/validating-admission-policy/validating-admission-policy.ts';
import { ApiError, forbiddenError, type StatusReason } from '../../../api/meta/api-error.ts';
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../../../api/types.gen.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { spokenResource } from '../dynamic/attributes.ts';
import type { World } from '../dynamic/matching.ts';
import { worldOf } from '../dynamic/world.ts';
import { compileValidating, type ValidatingProgram } from './compile.ts';
import { BodiesOf, isExemptFromPolicies, nameIn, PolicyRun, type PolicyParts } from './invocations.ts';
import { PolicySource, type Hook } from './policy-source.ts';
import { validate, type Denial, type Subject, type Verdict } from './validate.ts';

type ValidatingHook = Hook<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, ValidatingProgram>;

interface Refusal {
  readonly message: string;
  readonly reason: string | undefined;
}

export function validatingAdmissionPolicy(parts: PolicyParts): AdmissionPlugin {
  const types = { policies: validatingAdmissionPolicies, bindings: validatingAdmissionPolicyBindings };
  const source = new PolicySource(parts.store, types, ({ spec }: ValidatingAdmissionPolicy) =>
    compileValidating(spec),
  );
  const world = worldOf(parts);
  const judged = (request: AdmissionRequest): Promise<void> | undefined => {
    if (request.isInternal === true) return undefined;
    const hooks = source.about(request);
    if (hooks.length === 0 || isExemptFromPolicies(request)) return undefined;
    return judge(parts, world, request, hooks);
  };
  return {
    name: 'ValidatingAdmissionPolicy',
    validate: judged,
    validateOther: judged,
  };
}

async function judge(
  parts: PolicyParts,
  world: World,
  request: AdmissionRequest,
  hooks: readonly ValidatingHook[],
): Promise<void> {
  const run = new PolicyRun(parts, world, request);
  const { invocations, problems } = await run.select(hooks);
  const refusals: Refusal[] = [];
  const refuse = ({ policy, name }: ValidatingHook, binding: string | undefined, message: string): void => {
    if (policy.spec.failurePolicy === 'Ignore') return;
    refusals.push({ reason: undefined, message: `${headOf(name, binding)} denied request: ${message}` });
  };
  for (const { hook, binding, message } of problems) refuse(hook, binding, message);
  const bodies = new BodiesOf(request);
  for (const { hook, bound, matched, parameter } of invocations) {
    const body = await bodies.as(matched);
    if (!body.ok) {
      refuse(hook, undefined, `failed to configure policy: ${body.problem}`);
      continue;
    }
    const subject: Subject = {
      program: hook.program(),
      fails: hook.policy.spec.failurePolicy ?? 'Fail',
      bindings: run.bindings(matched, body.body, parameter),
      authorizer: run.authorizer,
      meter: run.meter,
    };
    const verdict = await run.evaluate(() => validate(subject));
    refusals.push(...actOn(verdict, hook.name, bound.binding, request));
  }
  const [first] = refusals;
  if (first !== undefined) throw refusalError(request, first);
}

function headOf(policy: string, binding: string | undefined): string {
  const head = `ValidatingAdmissionPolicy '${policy}'`;
  return binding === undefined ? head : `${head} with binding '${binding}'`;
}

function actOn(
  { denials, annotationProblems }: Verdict,
  policy: string,
  { metadata: { name = '' }, spec: { validationActions: actions } }: ValidatingAdmissionPolicyBinding,
  { context }: AdmissionRequest,
): readonly Refusal[] {
  const head = headOf(policy, name);
  const refusal = ({ message, reason }: Pick<Denial, 'message' | 'reason'>): Refusal => {
    return { reason, message: `${head} denied request: ${message}` };
  };
  if (actions.includes('Warn')) {
    for (const { message } of denials) context.warn(`Validation failed for ${head}: ${message}`);
  }
  return [
    ...(actions.includes('Deny') ? denials.map(refusal) : []),
    ...annotationProblems.map((message) => refusal({ message, reason: undefined })),
  ];
}

const CODES: { readonly [reason: string]: number } = {
  Unauthorized: 401,
  Forbidden: 403,
  RequestEntityTooLarge: 413,
};

/** Worded as something forbidden whatever the reason. */
function refusalError(request: AdmissionRequest, { message, reason = 'Invalid' }: Refusal): ApiError {
  const { message: text, details = {} } = forbiddenError(
    spokenResource(request).subject,
    nameIn(request),
    message,
  );
  const code = CODES[reason] ?? 422;
  return new ApiError(code, reason as StatusReason, text, { ...details, causes: [{ message }] });
}
