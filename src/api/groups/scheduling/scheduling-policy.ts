/** How the pods of a group are scheduled: each for itself, or all or none. Validated where groups and templates say it. */

import { invalid, required, type FieldError, type FieldPath } from '../../field/field-error.ts';
import { asJson } from '../../field/rules.ts';
import type { PodGroupSchedulingPolicy } from '../../types.gen.ts';

export function validatePolicy(path: FieldPath, policy: PodGroupSchedulingPolicy): readonly FieldError[] {
  const { basic, gang } = policy;
  if (basic !== undefined && gang !== undefined) {
    const detail = 'must specify exactly one of: `basic`, `gang`';
    return [invalid(path, asJson(policy), detail)];
  }
  if (gang === undefined)
    return basic === undefined ? [invalid(path, '', 'must specify one of: `basic`, `gang`')] : [];
  const at = path.child('gang', 'minCount');
  if (gang.minCount === 0) return [required(at)];
  return gang.minCount < 0 ? [invalid(at, gang.minCount, 'must be greater than or equal to 1')] : [];
}
