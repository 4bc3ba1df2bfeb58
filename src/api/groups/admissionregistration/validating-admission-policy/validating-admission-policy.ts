/** ValidatingAdmissionPolicy: expressions that requests must satisfy, where a binding says so. */

import { checked } from '../../../field/rules.ts';
import {
  duplicate,
  invalid,
  notSupported,
  required,
  ROOT_PATH,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { labelKeyProblem } from '../../../labels/selector.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import { validateConditions } from '../../../meta/validate-conditions.ts';
import type { JsonValue } from '../../../schema/schema.ts';
import type {
  AuditAnnotation,
  ExpressionWarning,
  ValidatingAdmissionPolicy,
  Validation,
} from '../../../types.gen.ts';
import { ANNOTATION, CONDITION, ExpressionJudge, MESSAGE } from '../expressions.ts';
import {
  ADMISSION_GROUP,
  EXTENSIONS,
  paramKindText,
  validateMatchConditions,
  validateMatchConstraints,
  validateParamKind,
  validateVariables,
} from '../rules.ts';

const SPEC = ROOT_PATH.child('spec');
const STATUS = ROOT_PATH.child('status');
const ANNOTATIONS_MAX = 20;
const ANNOTATION_BYTES_MAX = 5 * 1024;
const REASONS: readonly string[] = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];

export const validatingAdmissionPolicies: ResourceDefinition<ValidatingAdmissionPolicy> = {
  group: ADMISSION_GROUP,
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  singular: 'validatingadmissionpolicy',
  shortNames: [],
  categories: EXTENSIONS,
  namespaced: false,
  message: 'admissionregistration/v1.ValidatingAdmissionPolicy',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: true,
  validate,
  validateStatusUpdate: ({ status: { typeChecking, conditions } }) => [
    ...(typeChecking?.expressionWarnings ?? []).flatMap((warning, i) =>
      validateWarning(STATUS.child('typeChecking', 'expressionWarnings').index(i), warning),
    ),
    ...validateConditions(STATUS.child('conditions'), conditions),
  ],
  columns: [
    NAME_COLUMN,
    {
      name: 'Validations',
      type: 'integer',
      description: 'Validations indicates the number of validation rules defined in this configuration',
      priority: 0,
      value: ({ spec }) => (spec.validations ?? []).length,
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

function validate({ metadata: { name = '' }, spec }: ValidatingAdmissionPolicy): FieldError[] {
  const { validations = [], auditAnnotations = [], variables = [] } = spec;
  const judge = new ExpressionJudge({ params: spec.paramKind !== undefined, variables, patches: false });
  const errors = [
    ...validateParamKind(SPEC.child('paramKind'), spec.paramKind),
    ...validateMatchConstraints(SPEC.child('matchConstraints'), spec.matchConstraints),
    ...validateMatchConditions(SPEC.child('matchConditions'), spec.matchConditions, judge),
    ...validateVariables(SPEC.child('variables'), variables, judge),
  ];
  if (validations.length === 0 && auditAnnotations.length === 0) {
    const detail = 'validations or auditAnnotations must contain at least one item';
    const fields = [SPEC.child('validations'), SPEC.child('auditAnnotations')];
    return [...errors, ...fields.map((path) => required(path, detail))];
  }
  const rules = validations.flatMap((rule, i) =>
    validateValidation(SPEC.child('validations').index(i), rule, judge),
  );
  return [...errors, ...rules, ...validateAnnotations(name, auditAnnotations, judge)];
}

function validateValidation(path: FieldPath, validation: Validation, judge: ExpressionJudge): FieldError[] {
  const { expression, message = '', messageExpression = '', reason } = validation;
  const errors = judge.judge(path.child('expression'), expression, CONDITION);
  if (expression.trim() === '') {
    errors.push(required(path.child('expression'), 'expression is not specified'));
  }
  if (messageExpression !== '' && messageExpression.trim() === '') {
    errors.push(
      invalid(path.child('messageExpression'), messageExpression, 'must be non-empty if specified'),
    );
  }
  errors.push(...judge.judge(path.child('messageExpression'), messageExpression, MESSAGE));
  const at = path.child('message');
  if (message !== '' && message.trim() === '') {
    errors.push(invalid(at, message, 'message must be non-empty if specified'));
  } else if (/[\n\r]/.test(message.trim())) {
    errors.push(invalid(at, message, 'message must not contain line breaks'));
  }
  if (reason !== undefined && !REASONS.includes(reason)) {
    errors.push(notSupported(path.child('reason'), reason, REASONS));
  }
  return errors;
}

function validateAnnotations(
  name: string,
  annotations: readonly AuditAnnotation[],
  judge: ExpressionJudge,
): FieldError[] {
  const path = SPEC.child('auditAnnotations');
  const errors: FieldError[] = [];
  if (annotations.length > ANNOTATIONS_MAX) {
    const detail = `must not have more than ${ANNOTATIONS_MAX} auditAnnotations`;
    errors.push(invalid(path, annotations as unknown as JsonValue, detail));
  }
  const keys = new Set<string>();
  for (const [i, { key, valueExpression }] of annotations.entries()) {
    const at = path.index(i);
    if (name === '') errors.push(invalid(at.child('key'), key, 'requires metadata.name be non-empty'));
    else errors.push(...checked(at.child('key'), `${name}/${key}`, labelKeyProblem(`${name}/${key}`)));
    const text = valueExpression.trim();
    const valueAt = at.child('valueExpression');
    if (text === '') errors.push(required(valueAt, 'valueExpression is not specified'));
    else if (Buffer.byteLength(text) > ANNOTATION_BYTES_MAX) {
      errors.push(required(valueAt, `must not exceed ${ANNOTATION_BYTES_MAX} bytes in length`));
    } else errors.push(...judge.judge(valueAt, valueExpression, ANNOTATION));
    if (keys.has(key)) errors.push(duplicate(at.child('key'), key));
    keys.add(key);
  }
  return errors;
}

function validateWarning(path: FieldPath, { warning, fieldRef }: ExpressionWarning): FieldError[] {
  return [
    ...(warning === '' ? [required(path.child('warning'))] : []),
    ...(fieldRef.trim() === '' ? [required(path.child('fieldRef'))] : []),
  ];
}
