/** Rules for labels and label selectors inside of objects. */

import { forbidden, invalid, required, type FieldError, type FieldPath } from '../../../field/field-error.ts';
import { laterRule, type LaterRule } from '../../../field/later-rule.ts';
import { labelKeyProblem, labelValueProblem, type LabelMap } from '../../../labels/selector.ts';
import type { LabelSelector } from '../../../types.gen.ts';

const OPERATORS: readonly string[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

export function validateLabelMap(path: FieldPath, labels: LabelMap | undefined): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels ?? {})) {
    const keyProblem = labelKeyProblem(key);
    if (keyProblem !== undefined) errors.push(invalid(path, key, keyProblem));
    const valueProblem = labelValueProblem(value);
    if (valueProblem !== undefined) errors.push(invalid(path, value, valueProblem));
  }
  return errors;
}

export function validateLabelSelector(
  path: FieldPath,
  selector: LabelSelector | undefined,
  valueRule: LaterRule = 'label values in selectors',
): FieldError[] {
  const errors = validateLabelMap(path.child('matchLabels'), selector?.matchLabels);
  for (const [i, { key, operator, values = [] }] of (selector?.matchExpressions ?? []).entries()) {
    const at = path.child('matchExpressions').index(i);
    const needsValues = operator === 'In' || operator === 'NotIn';
    if (!OPERATORS.includes(operator)) {
      errors.push(invalid(at.child('operator'), operator, 'not a valid selector operator'));
    } else if (needsValues && values.length === 0) {
      errors.push(required(at.child('values'), "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (!needsValues && values.length > 0) {
      const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
      errors.push(forbidden(at.child('values'), detail));
    }
    const problem = labelKeyProblem(key);
    if (problem !== undefined) errors.push(invalid(at.child('key'), key, problem));
    for (const [j, value] of values.entries()) {
      const bad = labelValueProblem(value);
      if (bad === undefined) continue;
      errors.push(...laterRule(valueRule, [invalid(at.child('values').index(j), value, bad)]));
    }
  }
  return errors;
}
