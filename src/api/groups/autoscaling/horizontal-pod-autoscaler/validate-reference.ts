/** Rules for references to objects of any kind. */

import { invalid, type FieldError, type FieldPath } from '../../../field/field-error.ts';
import { pathSegmentProblem } from '../../../names/names.ts';
import type { CrossVersionObjectReference } from '../../../types.gen.ts';

/** That both are given, the notation says. */
export function validateReference(
  path: FieldPath,
  { kind, name }: CrossVersionObjectReference,
): FieldError[] {
  return Object.entries({ kind, name }).flatMap(([field, text]) => {
    const problem = text === '' ? undefined : pathSegmentProblem(text);
    return problem === undefined ? [] : [invalid(path.child(field), text, problem)];
  });
}
