/**
 * Rules for what is reported about a Job, worded as upstream words them. A rule about a field is applied when
 * the field changes, so that a status that broke one of them earlier can still be written.
 */

import { duplicate, invalid, required, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { asJson, nonNegative } from '../../../field/rules.ts';
import { deepEqual } from '../../../meta/equal.ts';
import type { Job, JobStatus } from '../../../types.gen.ts';
import { overlap, parseIndexList } from './index-list.ts';
import { isFinished, isTrue } from './job-conditions.ts';

const STATUS = ROOT_PATH.child('status');
const CONDITIONS = STATUS.child('conditions');
const COUNTS = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const;
const TERMINAL: readonly string[] = ['Failed', 'Complete', 'FailureTarget'];

interface Change {
  readonly next: Job;
  readonly old: Job;
  /** Whether one of the fields or conditions is another than before. */
  isChanged(...names: readonly string[]): boolean;
  has(type: string): boolean;
}

export function validateJobStatus(next: Job, old: Job): FieldError[] {
  const change: Change = {
    next,
    old,
    isChanged: (...names) => names.some((name) => differs(name, next.status, old.status)),
    has: (type) => isTrue(next.status.conditions, type),
  };
  return [
    ...COUNTS.flatMap((name) => nonNegative(STATUS.child(name), next.status[name])),
    ...validateUncounted(next.status),
    ...validateConditions(change),
    ...validateTimes(change),
    ...validateFinished(change),
    ...validateIndexes(change),
    ...validateTransition(change),
  ];
}

/** Names of fields begin small, those of conditions large; `Finished` is either end. */
function differs(name: string, next: JobStatus, old: JobStatus): boolean {
  if (name === 'Finished') return isFinished(next.conditions) !== isFinished(old.conditions);
  if (/^[A-Z]/.test(name)) return isTrue(next.conditions, name) !== isTrue(old.conditions, name);
  return !deepEqual(next[name as keyof JobStatus], old[name as keyof JobStatus]);
}

/** An error about the conditions together, which are not shown. */
function refused(detail: string): FieldError {
  return { type: 'FieldValueInvalid', path: CONDITIONS.toString(), message: `Invalid value: ${detail}` };
}

function validateUncounted({ uncountedTerminatedPods: pods }: JobStatus): FieldError[] {
  const seen = new Set<string>();
  return (['succeeded', 'failed'] as const).flatMap((field) =>
    (pods?.[field] ?? []).flatMap((uid, i) => {
      const path = STATUS.child('uncountedTerminatedPods', field).index(i);
      if (uid === '') return [invalid(path, uid, 'must not be empty')];
      if (seen.has(uid)) return [duplicate(path, uid)];
      seen.add(uid);
      return [];
    }),
  );
}

function validateConditions({ next, isChanged, has }: Change): FieldError[] {
  const isComplete = has('Complete');
  const isMet = has('SuccessCriteriaMet');
  const rules: readonly (readonly [broken: boolean, detail: string])[] = [
    [
      isChanged('Complete', 'Failed') && isComplete && has('Failed'),
      'cannot set Complete=True and Failed=true conditions',
    ],
    [
      isChanged('Complete', 'FailureTarget') && isComplete && has('FailureTarget'),
      'cannot set Complete=True and FailureTarget=true conditions',
    ],
    [
      isChanged('Failed', 'failedIndexes') && has('Failed') && !has('FailureTarget'),
      'cannot set Failed=True condition without the FailureTarget=true condition',
    ],
    [
      isChanged('Complete', 'SuccessCriteriaMet') && isComplete && !isMet,
      'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
    ],
    [isMet && has('Failed'), 'cannot set SuccessCriteriaMet=True and Failed=true conditions'],
    [isMet && has('FailureTarget'), 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'],
    [
      next.spec.successPolicy !== undefined && !isMet && isComplete,
      'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True',
    ],
  ];
  return rules.filter(([broken]) => broken).map(([, detail]) => refused(detail));
}

function validateTimes({ next, isChanged, has }: Change): FieldError[] {
  const { startTime, completionTime } = next.status;
  const path = STATUS.child('completionTime');
  const errors: FieldError[] = [];
  if (isChanged('Complete', 'completionTime')) {
    if (completionTime !== undefined && !has('Complete')) {
      const detail = 'cannot set completionTime when there is no Complete=True condition';
      errors.push(invalid(path, completionTime, detail));
    }
    if (completionTime === undefined && has('Complete')) {
      errors.push(required(path, 'completionTime is required for Complete jobs'));
    }
  }
  if (!isChanged('startTime', 'completionTime')) return errors;
  if (startTime === undefined || completionTime === undefined) return errors;
  if (Date.parse(completionTime) >= Date.parse(startTime)) return errors;
  return [...errors, invalid(path, completionTime, 'must be equal to or after `startTime`')];
}

/** Nothing of a finished job runs, and everything is counted. */
function validateFinished({ next: { status }, isChanged }: Change): FieldError[] {
  const { active = 0, ready = 0, terminating = 0, startTime, uncountedTerminatedPods: pods } = status;
  const errors: FieldError[] = [];
  if (isChanged('ready', 'active') && ready > active) {
    errors.push(invalid(STATUS.child('ready'), ready, 'cannot set more ready pods than active'));
  }
  if (!isFinished(status.conditions)) return errors;
  if (isChanged('Finished', 'active') && active > 0) {
    errors.push(invalid(STATUS.child('active'), active, 'active>0 is invalid for finished job'));
  }
  if (isChanged('Finished', 'startTime') && startTime === undefined) {
    errors.push(required(STATUS.child('startTime'), 'startTime is required for finished job'));
  }
  const uncounted = (pods?.failed ?? []).length + (pods?.succeeded ?? []).length;
  if (isChanged('Finished', 'uncountedTerminatedPods') && uncounted > 0) {
    const path = STATUS.child('uncountedTerminatedPods');
    errors.push(invalid(path, asJson(pods), 'must be empty for finished job'));
  }
  if (isChanged('Finished', 'terminating') && terminating > 0) {
    const detail = 'terminating>0 is invalid for finished job';
    errors.push(invalid(STATUS.child('terminating'), terminating, detail));
  }
  return errors;
}

function validateIndexes({ next: { spec, status }, isChanged }: Change): FieldError[] {
  const { completions, backoffLimitPerIndex, completionMode } = spec;
  const { completedIndexes = '', failedIndexes } = status;
  const [completed, failed] = [STATUS.child('completedIndexes'), STATUS.child('failedIndexes')];
  const errors: FieldError[] = [];
  if (isChanged('completedIndexes')) {
    if (completions !== undefined) errors.push(...validateList(completedIndexes, completions, 'completed'));
    if (completedIndexes !== '' && completionMode !== 'Indexed') {
      const detail = 'cannot set non-empty completedIndexes when non-indexed completion mode';
      errors.push(invalid(completed, completedIndexes, detail));
    }
  }
  if (failedIndexes === undefined) return errors;
  if (isChanged('failedIndexes')) {
    if (backoffLimitPerIndex === undefined) {
      const detail = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null';
      errors.push(invalid(failed, failedIndexes, detail));
    } else if (completions !== undefined) {
      errors.push(...validateList(failedIndexes, completions, 'failed'));
    }
  }
  if (!isChanged('failedIndexes', 'completedIndexes') || completions === undefined) return errors;
  const index = overlap(completedIndexes, failedIndexes, completions);
  if (index === undefined) return errors;
  const detail = `failedIndexes and completedIndexes overlap at index: ${index}`;
  return [...errors, invalid(failed, failedIndexes, detail)];
}

function validateList(text: string, completions: number, which: 'completed' | 'failed'): FieldError[] {
  const parsed = parseIndexList(text, completions);
  if (parsed.ok) return [];
  const field = `${which}Indexes`;
  return [invalid(STATUS.child(field), text, `error parsing ${field}: ${parsed.error}`)];
}

/** What was reached stays, and counters only grow. */
function validateTransition({ next, old, has }: Change): FieldError[] {
  const had = (type: string): boolean => isTrue(old.status.conditions, type);
  const errors = TERMINAL.filter((type) => had(type) && !has(type)).map((type) =>
    refused(`cannot disable the terminal ${type}=True condition`),
  );
  const { spec, status } = next;
  const shrinks = (field: 'failed' | 'succeeded'): boolean => (status[field] ?? 0) < (old.status[field] ?? 0);
  if (shrinks('failed')) {
    errors.push(invalid(STATUS.child('failed'), status.failed ?? 0, 'cannot decrease the failed counter'));
  }
  const isResizable = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism;
  if (!isResizable && shrinks('succeeded')) {
    const detail = 'cannot decrease the succeeded counter';
    errors.push(invalid(STATUS.child('succeeded'), status.succeeded ?? 0, detail));
  }
  const [after, before] = [status.completionTime, old.status.completionTime];
  if (after !== undefined && before !== undefined && after !== before) {
    errors.push(invalid(STATUS.child('completionTime'), after, 'field is immutable'));
  }
  const { startTime } = old.status;
  if (startTime !== undefined && startTime !== status.startTime && spec.suspend !== true) {
    errors.push(required(STATUS.child('startTime'), 'startTime cannot be removed for unsuspended job'));
  }
  if (had('SuccessCriteriaMet') && !has('SuccessCriteriaMet')) {
    errors.push(refused('cannot disable the SuccessCriteriaMet=True condition'));
  }
  if (had('Complete') && !had('SuccessCriteriaMet') && has('SuccessCriteriaMet')) {
    const detail = 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions';
    errors.push(refused(detail));
  }
  return errors;
}
