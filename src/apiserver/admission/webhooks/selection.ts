/** Whether a webhook is to be asked about a request: its rules and selectors, then its conditions in CEL. */

import { ApiError, forbiddenError, internalError } from '../../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import type { Resource } from '../../../api/resource.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { AdmissionBody, AdmissionRequest } from '../admission.ts';
import { admissionName, spokenResource } from '../dynamic/attributes.ts';
import { matchOf, type World } from '../dynamic/matching.ts';
import { asMatched } from '../dynamic/versions.ts';
import { Answers } from '../dynamic/authorization.ts';
import { Meter } from '../dynamic/evaluation.ts';
import { inputsOf } from '../dynamic/inputs.ts';
import { matchConditions } from '../dynamic/match-conditions.ts';
import type { Hook } from './hook.ts';
import type { Asked } from './review.ts';

export interface SelectionParts {
  readonly world: World;
  readonly authorizer: Authorizer;
}

/** Conditions of webhooks see no namespace, so that none is looked up. */
const NOWHERE: KubernetesObject = { apiVersion: 'v1', kind: 'Namespace', metadata: {} };

/** Undefined: it is not asked. Throws `ApiError` when that cannot be told and the hook fails closed. */
export async function selected(
  hook: Hook,
  request: AdmissionRequest,
  { world, authorizer }: SelectionParts,
): Promise<Asked | undefined> {
  const matched = matchOf(hook.criteria, request, world)?.resource;
  if (matched === undefined) return undefined;
  const body = await converting(asMatched(request, matched));
  const applies = await meetsConditions(hook, request, matched, body, { world, authorizer });
  return applies ? { request, matched, body } : undefined;
}

async function meetsConditions(
  { conditions, failsOpen }: Hook,
  request: AdmissionRequest,
  matched: Resource,
  body: AdmissionBody,
  { world, authorizer }: SelectionParts,
): Promise<boolean> {
  const { expressions, variables } = conditions();
  if (expressions.length === 0) return true;
  const answers = new Answers(authorizer, request);
  const inputs = inputsOf(request, matched, body, { ...world, namespaceOf: () => NOWHERE });
  const bindings = { ...inputs, namespaceObject: null, ...answers.bindings };
  const meter = new Meter();
  const result = await answers.during(() => matchConditions(expressions, variables, bindings, meter));
  if ('matches' in result) return result.matches;
  if (failsOpen) return false;
  throw forbiddenError(spokenResource(request).subject, admissionName(request), result.error);
}

/** Where another webhook converts, what it cannot do is the server's failure. Rejects with `ApiError`. */
export async function converting<T>(conversion: Promise<T>): Promise<T> {
  try {
    return await conversion;
  } catch (error) {
    if (error instanceof ApiError) throw internalError(error.message, error);
    throw error;
  }
}
