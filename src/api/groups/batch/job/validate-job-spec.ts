/**
 * Rules for what a Job shall do, for Jobs and for those that CronJobs make, worded as upstream words them
 * (`pkg/apis/batch/validation`). Pure.
 */

import { validateDomainPath } from '../../../field/domain-path.ts';
import {
  invalid,
  notSupported,
  required,
  tooLong,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { asJson, nonNegative } from '../../../field/rules.ts';
import type { JobSpec } from '../../../types.gen.ts';
import { validatePodTemplate } from '../../core/pod/validate-pod-spec.ts';
import { validatePodFailurePolicy, validateSuccessPolicy } from './validate-job-policies.ts';

const INDEXED_MAX = 100_000;
/** Beyond so many completions, what can fail and run at a time is bounded, to keep the status small. */
const COMPLETIONS_HIGH = 100_000;
const PARALLELISM_AT_HIGH = 10_000;
const FAILED_AT_HIGH = 10_000;
const MANAGED_BY_LENGTH_MAX = 63;

const COUNTS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const;

export function validateJobSpec(path: FieldPath, spec: JobSpec): FieldError[] {
  const isIndexed = spec.completionMode === 'Indexed';
  return [
    ...COUNTS.flatMap((name) => nonNegative(path.child(name), spec[name])),
    ...(spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined
      ? [required(path.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified')]
      : []),
    ...validateManagedBy(path.child('managedBy'), spec.managedBy),
    ...(isIndexed ? validateIndexed(path, spec) : validateNonIndexed(path, spec)),
    ...(spec.podFailurePolicy === undefined
      ? []
      : validatePodFailurePolicy(path.child('podFailurePolicy'), spec, spec.podFailurePolicy)),
    ...(spec.successPolicy === undefined || !isIndexed
      ? []
      : validateSuccessPolicy(path.child('successPolicy'), spec, spec.successPolicy)),
    ...validateReplacement(path.child('podReplacementPolicy'), spec),
    ...validatePodTemplate(path.child('template'), spec.template),
    ...validateRestart(path.child('template', 'spec', 'restartPolicy'), spec),
  ];
}

function validateManagedBy(path: FieldPath, name: string | undefined): FieldError[] {
  if (name === undefined) return [];
  const errors = validateDomainPath(path, name);
  if (name.length > MANAGED_BY_LENGTH_MAX) errors.push(tooLong(path, MANAGED_BY_LENGTH_MAX));
  return errors;
}

function validateIndexed(path: FieldPath, spec: JobSpec): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes: failed } = spec;
  const errors: FieldError[] = [];
  if (completions === undefined) {
    errors.push(required(path.child('completions'), 'when completion mode is Indexed'));
  }
  if (parallelism > INDEXED_MAX) {
    const detail = `must be less than or equal to ${INDEXED_MAX} when completion mode is Indexed`;
    errors.push(invalid(path.child('parallelism'), parallelism, detail));
  }
  const at = path.child('maxFailedIndexes');
  if (failed !== undefined && completions !== undefined && failed > completions) {
    errors.push(invalid(at, failed, 'must be less than or equal to completions'));
  }
  if (failed !== undefined && failed > INDEXED_MAX) {
    errors.push(invalid(at, failed, `must be less than or equal to ${INDEXED_MAX}`));
  }
  return [...errors, ...validateHighCompletions(path, spec)];
}

function validateHighCompletions(path: FieldPath, spec: JobSpec): FieldError[] {
  const { completions = 0, parallelism = 0, maxFailedIndexes: failed, backoffLimitPerIndex } = spec;
  if (completions <= COMPLETIONS_HIGH || backoffLimitPerIndex === undefined) return [];
  const bound = (max: number): string =>
    `must be less than or equal to ${max} when completions are above ${COMPLETIONS_HIGH} and used with backoff limit per index`;
  const at = path.child('maxFailedIndexes');
  const errors: FieldError[] = [];
  if (failed === undefined) {
    errors.push(required(at, `must be specified when completions is above ${COMPLETIONS_HIGH}`));
  }
  if (parallelism > PARALLELISM_AT_HIGH) {
    errors.push(invalid(path.child('parallelism'), parallelism, bound(PARALLELISM_AT_HIGH)));
  }
  if (failed !== undefined && failed > FAILED_AT_HIGH) {
    errors.push(invalid(at, failed, bound(FAILED_AT_HIGH)));
  }
  return errors;
}

function validateNonIndexed(path: FieldPath, spec: JobSpec): FieldError[] {
  const detail = 'requires indexed completion mode';
  const fields = ['backoffLimitPerIndex', 'maxFailedIndexes', 'successPolicy'] as const;
  return fields
    .filter((field) => spec[field] !== undefined)
    .map((field) => invalid(path.child(field), asJson(spec[field]), detail));
}

/** With a policy for failures, only a pod that failed is replaced: its end has to be known. */
function validateReplacement(path: FieldPath, spec: JobSpec): FieldError[] {
  const { podReplacementPolicy: policy, podFailurePolicy } = spec;
  if (policy === undefined || podFailurePolicy === undefined || policy === 'Failed') return [];
  return [notSupported(path, policy, ['Failed'])];
}

function validateRestart(path: FieldPath, { template, podFailurePolicy }: JobSpec): FieldError[] {
  const { restartPolicy = 'Always' } = template.spec;
  if (restartPolicy === 'Always') return [required(path, 'valid values: "OnFailure", "Never"')];
  if (podFailurePolicy === undefined || restartPolicy === 'Never') return [];
  const detail = 'only "Never" is supported when podFailurePolicy is specified';
  return [invalid(path, restartPolicy, detail)];
}
