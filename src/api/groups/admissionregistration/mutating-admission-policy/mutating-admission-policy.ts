/** MutatingAdmissionPolicy: expressions that change objects on their way, where a binding says so. */

import { invalid, required, ROOT_PATH, type FieldError, type FieldPath } from '../../../field/field-error.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { MutatingAdmissionPolicy, Mutation } from '../../../types.gen.ts';
import { CONFIGURATION, ExpressionJudge, JSON_PATCH } from '../expressions.ts';
import {
  ADMISSION_GROUP,
  EXTENSIONS,
  paramKindText,
  validateMatchConditions,
  validateMatchConstraints,
  validateMutatingOperations,
  validateParamKind,
  validateVariables,
} from '../rules.ts';

const SPEC = ROOT_PATH.child('spec');

export const mutatingAdmissionPolicies: ResourceDefinition<MutatingAdmissionPolicy> = {
  group: ADMISSION_GROUP,
  version: 'v1',
  kind: 'MutatingAdmissionPolicy',
  plural: 'mutatingadmissionpolicies',
  singular: 'mutatingadmissionpolicy',
  shortNames: [],
  categories: EXTENSIONS,
  namespaced: false,
  message: 'admissionregistration/v1.MutatingAdmissionPolicy',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: true,
  validate,
  columns: [
    NAME_COLUMN,
    {
      name: 'Mutations',
      type: 'integer',
      description: 'Mutation indicates the number of mutations rules defined in this configuration',
      priority: 0,
      value: ({ spec }) => (spec.mutations ?? []).length,
    },
    {
      name: 'ParamKind',
      type: 'string',
      description: 'ParamKind specifies the kind of resources used to parameterize this policy',
      priority: 0,
      value: ({ spec }) => paramKindText(spec.paramKind),
    },
    AGE_COLUMN,
  ],
};

function validate({ spec }: MutatingAdmissionPolicy): FieldError[] {
  const { mutations = [], matchConstraints, reinvocationPolicy, variables = [] } = spec;
  const judge = new ExpressionJudge({ params: spec.paramKind !== undefined, variables, patches: true });
  const constraints = SPEC.child('matchConstraints');
  const errors = [
    ...validateParamKind(SPEC.child('paramKind'), spec.paramKind),
    ...validateMatchConstraints(constraints, matchConstraints),
    ...validateMutatingOperations(constraints, matchConstraints),
    ...validateMatchConditions(SPEC.child('matchConditions'), spec.matchConditions, judge),
    ...validateVariables(SPEC.child('variables'), variables, judge),
  ];
  const at = SPEC.child('mutations');
  if (mutations.length === 0) errors.push(required(at, 'mutations must contain at least one item'));
  for (const [i, mutation] of mutations.entries()) {
    errors.push(...validateMutation(at.index(i), mutation, judge));
  }
  if (reinvocationPolicy === undefined) errors.push(required(SPEC.child('reinvocationPolicy')));
  return errors;
}

const PATCHES = { ApplyConfiguration: 'applyConfiguration', JSONPatch: 'jsonPatch' } as const;

/** The schema itself refuses other types. */
function validateMutation(path: FieldPath, mutation: Mutation, judge: ExpressionJudge): FieldError[] {
  const { patchType } = mutation;
  if (!Object.hasOwn(PATCHES, patchType)) return [];
  const field = PATCHES[patchType];
  const other = field === 'jsonPatch' ? 'applyConfiguration' : 'jsonPatch';
  const errors: FieldError[] = [];
  const patch = mutation[field];
  if (patch === undefined) {
    errors.push(required(path.child(field), `must be specified when patchType is ${patchType}`));
  } else if ((patch.expression ?? '').trim() === '') {
    errors.push(required(path.child(field, 'expression')));
  } else {
    const use = field === 'jsonPatch' ? JSON_PATCH : CONFIGURATION;
    errors.push(...judge.judge(path.child(field, 'expression'), patch.expression ?? '', use));
  }
  if (mutation[other] !== undefined) {
    const detail = `must not be specified when patchType is ${patchType}`;
    errors.push(invalid(path.child(other), `{${other}}`, detail));
  }
  return errors;
}
