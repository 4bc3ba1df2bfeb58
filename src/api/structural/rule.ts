/**
 * `x-kubernetes-validations`: one rule of a schema, compiled, with what it can cost.
 *
 * Input: the rules of one schema and the CEL type of its values. Output: for each rule its programs or what
 * is wrong with it, worded as upstream (apiextensions-apiserver/pkg/apiserver/schema/cel/compilation.go).
 */

import { compile, type Program } from '../cel/cel.ts';
import { declaredSizes } from '../cel/cost/declared-size.ts';
import { type Environment, withVariables } from '../cel/environment.ts';
import { formatIssues } from '../cel/syntax/issue.ts';
import { type CelType, optionalOf } from '../cel/types/type.ts';
import type { FieldPath } from '../field/field-error.ts';
import type { ValidationRule } from '../types.gen.ts';
import { findField } from './field-path.ts';
import type { JsonSchema } from './structural.ts';

export interface CompiledRule {
  readonly rule: ValidationRule;
  /** Undefined: it does not compile, or there is nothing to compile. */
  readonly program: Program | undefined;
  readonly problem: string | undefined;
  readonly usesOldSelf: boolean;
  readonly costMax: number;
  readonly message: Program | undefined;
  readonly messageProblem: string | undefined;
  readonly messageCostMax: number;
  /** Where `fieldPath` leads, from the value on. */
  readonly field: FieldPath | undefined;
}

const SELF = 'self';
const OLD_SELF = 'oldSelf';

/** `base`: functions and types, without variables. */
export function compileRules(schema: JsonSchema, type: CelType, base: Environment): readonly CompiledRule[] {
  return (schema['x-kubernetes-validations'] ?? []).map((rule) => compileRule(schema, rule, type, base));
}

function compileRule(
  schema: JsonSchema,
  rule: ValidationRule,
  type: CelType,
  base: Environment,
): CompiledRule {
  const none = { rule, usesOldSelf: false, costMax: 0, message: undefined, messageCostMax: 0 };
  const nothing = {
    ...none,
    program: undefined,
    problem: undefined,
    messageProblem: undefined,
    field: undefined,
  };
  if (rule.rule.trim() === '') return nothing;
  const oldType = rule.optionalOldSelf === true ? optionalOf(type) : type;
  const environment = withVariables(
    base,
    new Map([
      [SELF, type],
      [OLD_SELF, oldType],
    ]),
  );
  const sizes = declaredSizes(
    new Map([
      [SELF, type],
      [OLD_SELF, type],
    ]),
  );
  const compiled = compile(rule.rule, environment);
  if (!compiled.ok) {
    return { ...nothing, problem: `compilation failed: ${formatIssues(rule.rule, compiled.issues)}` };
  }
  const { program } = compiled;
  if (program.type.kind !== 'bool') return { ...nothing, problem: 'cel expression must evaluate to a bool' };
  const found =
    rule.fieldPath === undefined || rule.fieldPath === '' ? undefined : findField(rule.fieldPath, schema);
  return {
    ...nothing,
    program,
    usesOldSelf: program.mentions(OLD_SELF),
    costMax: program.estimateCost(sizes).max,
    field: found?.ok === true ? found.path : undefined,
    ...compileMessage(rule.messageExpression ?? '', environment, sizes),
  };
}

function compileMessage(
  expression: string,
  environment: Environment,
  sizes: ReturnType<typeof declaredSizes>,
): Pick<CompiledRule, 'message' | 'messageProblem' | 'messageCostMax'> {
  const none = { message: undefined, messageProblem: undefined, messageCostMax: 0 };
  if (expression === '') return none;
  const compiled = compile(expression, environment);
  if (!compiled.ok) {
    const issues = formatIssues(expression, compiled.issues);
    return { ...none, messageProblem: `messageExpression compilation failed: ${issues}` };
  }
  const { program } = compiled;
  if (program.type.kind !== 'string') {
    return { ...none, messageProblem: 'messageExpression must evaluate to a string' };
  }
  return { ...none, message: program, messageCostMax: program.estimateCost(sizes).max };
}
