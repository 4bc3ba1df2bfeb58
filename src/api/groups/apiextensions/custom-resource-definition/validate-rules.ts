/** The rules of one schema (`x-kubernetes-validations`) as a definition carries them, worded as upstream's. */

import * as error from '../../../field/field-error.ts';
import type { FieldError, FieldPath } from '../../../field/field-error.ts';
import { asJson } from '../../../field/rules.ts';
import { findField } from '../../../structural/field-path.ts';
import { compileRules, type CompiledRule } from '../../../structural/rule.ts';
import type { JsonSchema } from '../../../structural/structural.ts';
import type { ValidationRule } from '../../../types.gen.ts';
import { COST_PER_EXPRESSION_MAX, costText, type RuleCosts, type RuleScope } from './rule-costs.ts';

const NAME = 'x-kubernetes-validations';
const REASONS = ['FieldValueRequired', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueDuplicate'];
const LINE_BREAK = /[\n\r]/;

/** What needs no look at the expressions. */
export function checkRuleTexts(schema: JsonSchema, path: FieldPath): FieldError[] {
  return (schema[NAME] ?? []).flatMap((rule, i) => checkTexts(schema, rule, path.child(NAME).index(i)));
}

function checkTexts(schema: JsonSchema, rule: ValidationRule, path: FieldPath): FieldError[] {
  const { message = '', messageExpression = '', fieldPath = '', reason } = rule;
  const errors: FieldError[] = [];
  if (rule.rule.trim() === '') {
    errors.push(error.required(path.child('rule'), 'rule is not specified'));
  } else if (message !== '' && message.trim() === '') {
    errors.push(error.invalid(path.child('message'), message, 'must be non-empty if specified'));
  } else if (LINE_BREAK.test(message.trim())) {
    errors.push(error.invalid(path.child('message'), message, 'must not contain line breaks'));
  } else if (LINE_BREAK.test(rule.rule.trim()) && message.trim() === '') {
    const detail = 'message must be specified if rule contains line breaks';
    errors.push(error.required(path.child('message'), detail));
  }
  if (messageExpression !== '' && messageExpression.trim() === '') {
    const detail = 'messageExpression must be non-empty if specified';
    errors.push(error.required(path.child('messageExpression'), detail));
  }
  if (reason !== undefined && !REASONS.includes(reason)) {
    errors.push(error.notSupported(path.child('reason'), reason, REASONS));
  }
  const badField = (detail: string): void => {
    errors.push(error.invalid(path.child('fieldPath'), fieldPath, detail));
  };
  if (fieldPath === '') return errors;
  if (fieldPath.trim() === '') badField('must be non-empty if specified');
  if (LINE_BREAK.test(fieldPath)) badField('must not contain line breaks');
  if (!findField(fieldPath, schema).ok) badField('must be a valid path');
  return errors;
}

export interface RuleContext {
  readonly uncorrelated: FieldPath | undefined;
  readonly toleratesCosts: boolean;
}

export function validateRules(
  schema: JsonSchema,
  path: FieldPath,
  scope: RuleScope,
  costs: RuleCosts,
  context: RuleContext,
): FieldError[] {
  const at = path.child(NAME);
  const { type } = scope;
  if (type === undefined) {
    const why =
      'internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations';
    return [error.internal(at, why)];
  }
  return compileRules(schema, type, costs.environment).flatMap((rule, i) =>
    judge(rule, at.index(i), scope, costs, context),
  );
}

function judge(
  compiled: CompiledRule,
  path: FieldPath,
  scope: RuleScope,
  costs: RuleCosts,
  { uncorrelated, toleratesCosts }: RuleContext,
): FieldError[] {
  const { rule } = compiled;
  const errors: FieldError[] = [];
  const [atRule, atMessage] = [path.child('rule'), path.child('messageExpression')];
  const charge = (at: FieldPath, name: string, cost: number): void => {
    if (!toleratesCosts && cost > COST_PER_EXPRESSION_MAX) {
      errors.push(error.forbidden(at, costText(name, cost, COST_PER_EXPRESSION_MAX)));
    }
    costs.observe(at, cost);
  };
  charge(atRule, 'estimated rule cost', scope.costOf(compiled.costMax));
  if (compiled.problem !== undefined) errors.push(error.invalid(atRule, asJson(rule), compiled.problem));
  if (compiled.messageProblem !== undefined) {
    errors.push(error.invalid(atMessage, asJson(rule), compiled.messageProblem));
  } else if (compiled.message !== undefined) {
    charge(atMessage, 'estimated messageExpression cost', compiled.messageCostMax);
  }
  if (compiled.usesOldSelf && uncorrelated !== undefined) {
    const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated.toString()}`;
    errors.push(error.invalid(atRule, rule.rule, detail));
  }
  if (!compiled.usesOldSelf && rule.optionalOldSelf !== undefined) {
    const detail = 'may not be set if oldSelf is not used in rule';
    errors.push(error.invalid(path.child('optionalOldSelf'), rule.optionalOldSelf, detail));
  }
  return errors;
}
