/** Rules for `status.conditions` of the common kind (`metav1.Condition`). */

import { checked } from '../field/rules.ts';
import {
  duplicate,
  invalid,
  notSupported,
  required,
  tooLong,
  type FieldError,
  type FieldPath,
} from '../field/field-error.ts';
import { labelKeyProblem } from '../labels/selector.ts';
import type { Condition } from '../types.gen.ts';

export const CONDITION_STATUSES: readonly string[] = ['False', 'True', 'Unknown'];
const REASON_LENGTH_MAX = 1024;
const MESSAGE_LENGTH_MAX = 32 * 1024;
const REASON = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;
const REASON_MESSAGE =
  'a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric ' +
  "characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  " +
  "or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is " +
  "'[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')";

export function validateConditions(path: FieldPath, conditions: readonly Condition[] = []): FieldError[] {
  const types = new Set<string>();
  return conditions.flatMap((condition, i) => {
    const at = path.index(i);
    const errors = types.has(condition.type) ? [duplicate(at.child('type'), condition.type)] : [];
    types.add(condition.type);
    return [...errors, ...validateCondition(at, condition)];
  });
}

function validateCondition(path: FieldPath, condition: Condition): FieldError[] {
  const { type, status, observedGeneration = 0, reason, message } = condition;
  // Not set reads as null.
  const { lastTransitionTime: since } = condition as { readonly lastTransitionTime?: string | null };
  const errors = checked(path.child('type'), type, labelKeyProblem(type));
  if (!CONDITION_STATUSES.includes(status)) {
    errors.push(notSupported(path.child('status'), status, CONDITION_STATUSES));
  }
  if (observedGeneration < 0) {
    const detail = 'must be greater than or equal to zero';
    errors.push(invalid(path.child('observedGeneration'), observedGeneration, detail));
  }
  if (since === undefined || since === null)
    errors.push(required(path.child('lastTransitionTime'), 'must be set'));
  const at = path.child('reason');
  if (reason === '') errors.push(required(at, 'must be set'));
  else {
    errors.push(...checked(at, reason, REASON.test(reason) ? undefined : REASON_MESSAGE));
    if (reason.length > REASON_LENGTH_MAX) errors.push(tooLong(at, REASON_LENGTH_MAX));
  }
  if (message.length > MESSAGE_LENGTH_MAX) errors.push(tooLong(path.child('message'), MESSAGE_LENGTH_MAX));
  return errors;
}
