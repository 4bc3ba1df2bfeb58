/** Rules for the specification of pods, the same for pods and for the templates of their owners. */

import { required, type FieldError, type FieldPath } from '../../../field/field-error.ts';
import type { PodSpec, PodTemplateSpec } from '../../../types.gen.ts';

export function validatePodTemplate(path: FieldPath, template: PodTemplateSpec): FieldError[] {
  return validatePodSpec(path.child('spec'), template.spec);
}

export function validatePodSpec(path: FieldPath, spec: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.containers.length === 0) errors.push(required(path.child('containers')));
  return errors;
}
