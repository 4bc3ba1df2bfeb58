/** ValidatingAdmissionPolicyBinding: where a policy holds, with which parameters, and what its refusals do. */

import { invalid, required, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { ValidatingAdmissionPolicyBinding } from '../../../types.gen.ts';
import { BINDING_COLUMNS } from '../binding-columns.ts';
import {
  ADMISSION_GROUP,
  EXTENSIONS,
  validateMatchResources,
  validateParamRef,
  validatePolicyName,
} from '../rules.ts';

const SPEC = ROOT_PATH.child('spec');
const ACTIONS = SPEC.child('validationActions');

export const validatingAdmissionPolicyBindings: ResourceDefinition<ValidatingAdmissionPolicyBinding> = {
  group: ADMISSION_GROUP,
  version: 'v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  singular: 'validatingadmissionpolicybinding',
  shortNames: [],
  categories: EXTENSIONS,
  namespaced: false,
  message: 'admissionregistration/v1.ValidatingAdmissionPolicyBinding',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: true,
  validate,
  columns: BINDING_COLUMNS,
};

function validate({ spec }: ValidatingAdmissionPolicyBinding): FieldError[] {
  const { policyName, paramRef, matchResources, validationActions } = spec;
  return [
    ...validatePolicyName(SPEC.child('policyName'), policyName),
    ...validateParamRef(SPEC.child('paramRef'), paramRef),
    // Upstream has this slip of the pen.
    ...validateMatchResources(SPEC.child('matchResouces'), matchResources),
    ...validateActions(validationActions),
  ];
}

function validateActions(actions: readonly string[]): FieldError[] {
  if (actions.length === 0) return [required(ACTIONS, 'at least one validation action is required')];
  if (!actions.includes('Deny') || !actions.includes('Warn')) return [];
  const detail =
    'must not contain both Deny and Warn (repeating the same validation failure information in the API ' +
    'response and headers serves no purpose)';
  return [invalid(ACTIONS, [...actions], detail)];
}
