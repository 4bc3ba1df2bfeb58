/** Rules for `metav1.Condition`s in the status of an object, worded as upstream words them. */

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

const STATUSES: readonly string[] = ['False', 'True', 'Unknown'];
const REASON = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;
const REASON_MESSAGE =
  'a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric ' +
  "characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  " +
  "or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is " +
  "'[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')";
const REASON_LENGTH_MAX = 1024;
const MESSAGE_LENGTH_MAX = 32 * 1024;

export function validateConditions(path: FieldPath, conditions: readonly Condition[]): FieldError[] {
  const seen = new Set<string>();
  return conditions.flatMap((condition, i) => {
    const at = path.index(i);
    const errors = seen.has(condition.type) ? [duplicate(at.child('type'), condition.type)] : [];
    seen.add(condition.type);
    return [...errors, ...validateCondition(at, condition)];
  });
}

function validateCondition(path: FieldPath, condition: Partial<Condition>): FieldError[] {
  const { type = '', status = '', observedGeneration = 0, lastTransitionTime, reason = '' } = condition;
  const errors: FieldError[] = [];
  const problem = labelKeyProblem(type);
  if (problem !== undefined) errors.push(invalid(path.child('type'), type, problem));
  if (!STATUSES.includes(status)) errors.push(notSupported(path.child('status'), status, STATUSES));
  if (observedGeneration < 0) {
    const detail = 'must be greater than or equal to zero';
    errors.push(invalid(path.child('observedGeneration'), observedGeneration, detail));
  }
  if (lastTransitionTime === undefined || lastTransitionTime === null) {
    errors.push(required(path.child('lastTransitionTime'), 'must be set'));
  }
  if (reason === '') errors.push(required(path.child('reason'), 'must be set'));
  else if (!REASON.test(reason)) errors.push(invalid(path.child('reason'), reason, REASON_MESSAGE));
  if (reason.length > REASON_LENGTH_MAX) errors.push(tooLong(path.child('reason'), REASON_LENGTH_MAX));
  if ((condition.message ?? '').length > MESSAGE_LENGTH_MAX) {
    errors.push(tooLong(path.child('message'), MESSAGE_LENGTH_MAX));
  }
  return errors;
}
