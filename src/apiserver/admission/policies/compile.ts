/** Policies as they are evaluated: every expression compiled, once for a generation. Pure. */

import {
  ANNOTATION,
  CONDITION,
  CONFIGURATION,
  ExpressionCompiler,
  JSON_PATCH,
  MATCH_CONDITION,
  MESSAGE,
  type ExpressionUse,
} from '../../../api/groups/admissionregistration/expressions.ts';
import type {
  MatchCondition,
  MutatingAdmissionPolicySpec,
  Mutation,
  ParamKind,
  ValidatingAdmissionPolicySpec,
  Validation,
  Variable,
} from '../../../api/types.gen.ts';
import type { Expression, Variables } from '../dynamic/evaluation.ts';

export interface ValidatingProgram {
  readonly variables: Variables;
  readonly conditions: readonly Expression[];
  readonly validations: readonly CompiledValidation[];
  readonly auditAnnotations: readonly CompiledAnnotation[];
}

export interface CompiledValidation {
  readonly validation: Validation;
  readonly expression: Expression;
  /** What says why a request is refused. */
  readonly message: Expression | undefined;
}

export interface CompiledAnnotation {
  readonly key: string;
  readonly expression: Expression;
}

export interface MutatingProgram {
  readonly variables: Variables;
  readonly conditions: readonly Expression[];
  readonly mutations: readonly CompiledMutation[];
}

export interface CompiledMutation {
  readonly patchType: Mutation['patchType'];
  readonly expression: Expression;
}

interface Shared {
  readonly paramKind?: ParamKind;
  readonly variables?: readonly Variable[];
  readonly matchConditions?: readonly MatchCondition[];
}

export function compileValidating(spec: ValidatingAdmissionPolicySpec): ValidatingProgram {
  const { validations = [], auditAnnotations = [] } = spec;
  const { compile, ...shared } = begin(spec, false);
  return {
    ...shared,
    validations: validations.map((validation) => {
      const { expression, messageExpression = '' } = validation;
      const message = messageExpression === '' ? undefined : compile(messageExpression, MESSAGE);
      return { validation, expression: compile(expression, CONDITION), message };
    }),
    auditAnnotations: auditAnnotations.map(({ key, valueExpression }) => {
      return { key, expression: compile(valueExpression, ANNOTATION) };
    }),
  };
}

export function compileMutating(spec: MutatingAdmissionPolicySpec): MutatingProgram {
  const { compile, ...shared } = begin(spec, true);
  return {
    ...shared,
    mutations: (spec.mutations ?? []).map(({ patchType, applyConfiguration, jsonPatch }) => {
      const expression =
        patchType === 'JSONPatch'
          ? compile(jsonPatch?.expression ?? '', JSON_PATCH)
          : compile(applyConfiguration?.expression ?? '', CONFIGURATION);
      return { patchType, expression };
    }),
  };
}

function begin({ paramKind, variables = [], matchConditions = [] }: Shared, patches: boolean) {
  const compiler = new ExpressionCompiler({ params: paramKind !== undefined, variables, patches });
  const compile = (text: string, use: ExpressionUse): Expression => {
    return { text, compiled: compiler.compile(text, use) };
  };
  return {
    compile,
    variables: { type: compiler.variablesType(), compiled: compiler.variables },
    conditions: matchConditions.map(({ expression }) => compile(expression, MATCH_CONDITION)),
  };
}
