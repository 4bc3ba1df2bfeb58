/** Annotations that mean something to the server, of pods and of templates. */

import { invalid, type FieldError, type FieldPath } from '../../../field/field-error.ts';
import { laterRule } from '../../../field/later-rule.ts';
import type { ObjectMeta, PodSpec } from '../../../types.gen.ts';

const MIRROR = 'kubernetes.io/config.mirror';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const INTEGER = /^(0|-\d+|[1-9]\d*)$/;

export function validatePodAnnotations(
  path: FieldPath,
  annotations: ObjectMeta['annotations'],
  spec: PodSpec,
): FieldError[] {
  const errors: FieldError[] = [];
  const mirror = annotations?.[MIRROR];
  if (mirror !== undefined && (spec.nodeName ?? '') === '') {
    errors.push(invalid(path.key(MIRROR), mirror, 'must set spec.nodeName if mirror pod annotation is set'));
  }
  const cost = annotations?.[DELETION_COST];
  if (cost !== undefined && !(INTEGER.test(cost) && Math.trunc(Number(cost)) === (Number(cost) | 0))) {
    const error = invalid(path.key(DELETION_COST), cost, 'must be a 32bit integer');
    errors.push(...laterRule('cost of deleting a pod', [error]));
  }
  return errors;
}
