/** Rules for the policies of a Job: what a failed pod means, and when enough has succeeded. */

import {
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { nonNegative } from '../../../field/rules.ts';
import { labelKeyProblem } from '../../../labels/selector.ts';
import type {
  JobSpec,
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
  SuccessPolicy,
  SuccessPolicyRule,
} from '../../../types.gen.ts';
import { countIndexes, parseIndexList } from './index-list.ts';

const RULES_MAX = 20;
const EXIT_CODES_MAX = 255;
const PATTERNS_MAX = 20;
const SUCCEEDED_INDEXES_BYTES_MAX = 64 * 1024;
const STATUSES: readonly string[] = ['True', 'False', 'Unknown'];

/** An error about the whole of an object, whose value is not shown. */
function unfit(path: FieldPath, detail: string): FieldError {
  return { type: 'FieldValueInvalid', path: path.toString(), message: `Invalid value: ${detail}` };
}

export function validatePodFailurePolicy(
  path: FieldPath,
  spec: JobSpec,
  { rules }: PodFailurePolicy,
): FieldError[] {
  const at = path.child('rules');
  const { containers, initContainers = [] } = spec.template.spec;
  const names = new Set([...containers, ...initContainers].map(({ name }) => name));
  return [
    ...(rules.length > RULES_MAX ? [tooMany(at, rules.length, RULES_MAX)] : []),
    ...rules.flatMap((rule, i) => validateFailureRule(at.index(i), spec, rule, names)),
  ];
}

function validateFailureRule(
  path: FieldPath,
  spec: JobSpec,
  rule: PodFailurePolicyRule,
  containers: ReadonlySet<string>,
): FieldError[] {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  const errors: FieldError[] = [];
  if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
    errors.push(invalid(path.child('action'), action, 'requires the backoffLimitPerIndex to be set'));
  }
  if (onExitCodes !== undefined) {
    errors.push(...validateExitCodes(path.child('onExitCodes'), onExitCodes, containers));
  }
  errors.push(...validatePatterns(path.child('onPodConditions'), onPodConditions));
  const hasConditions = onPodConditions.length > 0;
  if (onExitCodes !== undefined && hasConditions) {
    errors.push(unfit(path, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  }
  if (onExitCodes === undefined && !hasConditions) {
    errors.push(unfit(path, 'specifying one of OnExitCodes and OnPodConditions is required'));
  }
  return errors;
}

function validatePatterns(
  path: FieldPath,
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[],
): FieldError[] {
  return [
    ...(patterns.length > PATTERNS_MAX ? [tooMany(path, patterns.length, PATTERNS_MAX)] : []),
    ...patterns.flatMap(({ type, status }, i) => {
      const problem = type === '' ? undefined : labelKeyProblem(type);
      const errors = problem === undefined ? [] : [invalid(path.index(i).child('type'), type, problem)];
      if (STATUSES.includes(status)) return errors;
      return [...errors, notSupported(path.index(i).child('status'), status, STATUSES)];
    }),
  ];
}

function validateExitCodes(
  path: FieldPath,
  { operator, containerName, values }: PodFailurePolicyOnExitCodesRequirement,
  containers: ReadonlySet<string>,
): FieldError[] {
  const at = path.child('values');
  const errors: FieldError[] = [];
  if (containerName !== undefined && !containers.has(containerName)) {
    const detail = 'must be one of the container or initContainer names in the pod template';
    errors.push(invalid(path.child('containerName'), containerName, detail));
  }
  if (values.length === 0) errors.push(invalid(at, [...values], 'at least one value is required'));
  if (values.length > EXIT_CODES_MAX) errors.push(tooMany(at, values.length, EXIT_CODES_MAX));
  const isUnordered = values.some((value, i) => (values[i - 1] ?? value) > value);
  for (const [i, value] of values.entries()) {
    if (operator === 'In' && value === 0) {
      errors.push(invalid(at.index(i), value, 'must not be 0 for the In operator'));
    }
  }
  return isUnordered ? [...errors, invalid(at, [...values], 'must be ordered')] : errors;
}

export function validateSuccessPolicy(
  path: FieldPath,
  spec: JobSpec,
  { rules }: SuccessPolicy,
): FieldError[] {
  const at = path.child('rules');
  const errors: FieldError[] = [];
  if (rules.length === 0) {
    errors.push(required(at, 'at least one rules must be specified when the successPolicy is specified'));
  }
  if (rules.length > RULES_MAX) errors.push(tooMany(at, rules.length, RULES_MAX));
  const { completions = 0 } = spec;
  return [...errors, ...rules.flatMap((rule, i) => validateSuccessRule(at.index(i), rule, completions))];
}

function validateSuccessRule(path: FieldPath, rule: SuccessPolicyRule, completions: number): FieldError[] {
  const { succeededCount: count, succeededIndexes: indexes } = rule;
  if (count === undefined && indexes === undefined) {
    return [required(path, 'at least one of succeededCount or succeededIndexes must be specified')];
  }
  const errors: FieldError[] = [];
  let total = 0;
  if (indexes !== undefined) {
    const at = path.child('succeededIndexes');
    if (indexes.length > SUCCEEDED_INDEXES_BYTES_MAX) errors.push(tooLong(at, SUCCEEDED_INDEXES_BYTES_MAX));
    const parsed = parseIndexList(indexes, completions);
    if (parsed.ok) total = countIndexes(parsed.intervals);
    else errors.push(invalid(at, indexes, `error parsing succeededIndexes: ${parsed.error}`));
  }
  if (count === undefined) return errors;
  const at = path.child('succeededCount');
  errors.push(...nonNegative(at, count));
  const bound = (max: number, what: string): void => {
    if (count > max) errors.push(invalid(at, count, `must be less than or equal to ${max} (${what})`));
  };
  bound(completions, 'the number of specified completions');
  if (indexes !== undefined) bound(total, 'the number of indexes in the specified succeededIndexes field');
  return errors;
}
