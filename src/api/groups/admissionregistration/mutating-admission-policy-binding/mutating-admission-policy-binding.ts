/** MutatingAdmissionPolicyBinding: where a mutating policy holds, and with which parameters. */

import { required, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { MutatingAdmissionPolicyBinding } from '../../../types.gen.ts';
import { BINDING_COLUMNS } from '../binding-columns.ts';
import {
  ADMISSION_GROUP,
  EXTENSIONS,
  validateMatchResources,
  validateMutatingOperations,
  validateParamRef,
  validatePolicyName,
} from '../rules.ts';

const SPEC = ROOT_PATH.child('spec');

export const mutatingAdmissionPolicyBindings: ResourceDefinition<MutatingAdmissionPolicyBinding> = {
  group: ADMISSION_GROUP,
  version: 'v1',
  kind: 'MutatingAdmissionPolicyBinding',
  plural: 'mutatingadmissionpolicybindings',
  singular: 'mutatingadmissionpolicybinding',
  shortNames: [],
  categories: EXTENSIONS,
  namespaced: false,
  message: 'admissionregistration/v1.MutatingAdmissionPolicyBinding',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: true,
  validate,
  columns: BINDING_COLUMNS,
};

function validate({ spec }: MutatingAdmissionPolicyBinding): FieldError[] {
  const { policyName = '', paramRef, matchResources } = spec;
  const match = SPEC.child('matchResources');
  return [
    ...(policyName === '' ? [required(SPEC.child('policyName'))] : []),
    ...validatePolicyName(SPEC.child('policyName'), policyName),
    ...validateParamRef(SPEC.child('paramRef'), paramRef),
    ...validateMatchResources(match, matchResources),
    ...validateMutatingOperations(match, matchResources),
  ];
}
