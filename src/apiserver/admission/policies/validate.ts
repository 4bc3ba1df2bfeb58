/**
 * What a ValidatingAdmissionPolicy says to a request under one binding and one parameter. Pure; as upstream's
 * `policy/validating/validator.go`.
 */

import type { Validation } from '../../../api/types.gen.ts';
import type { CelValue } from '../../../api/cel/values/value.ts';
import type { CompiledAnnotation, CompiledValidation, ValidatingProgram } from './compile.ts';
import { BUDGET, evaluateAll, Row } from '../dynamic/evaluation.ts';
import type { Bindings, Meter, Result, Steps } from '../dynamic/evaluation.ts';
import { matchSteps } from '../dynamic/match-conditions.ts';

/** Longer messages are as good as none, as are those of several lines. */
const MESSAGE_MAX = 5 * 1024;

export interface Denial {
  readonly message: string;
  /** As the validation says; absent: `Invalid`. */
  readonly reason: Validation['reason'] | undefined;
  /** Of the validation; what concerns all of them counts as the first. */
  readonly index: number;
}

export interface Verdict {
  /** What the binding's actions are for. */
  readonly denials: readonly Denial[];
  /** What an audit event of the request says, by key. */
  readonly annotations: ReadonlyMap<string, string>;
  /** Annotations that cannot be told refuse the request, whatever the actions are. */
  readonly annotationProblems: readonly string[];
}

export interface Subject {
  readonly program: ValidatingProgram;
  readonly fails: 'Ignore' | 'Fail';
  readonly bindings: Bindings;
  /** What is bound besides where expressions may ask for permissions. */
  readonly authorizer: Bindings;
  readonly meter: Meter;
}

const PASSED: Verdict = { denials: [], annotations: new Map(), annotationProblems: [] };

export function* validate(subject: Subject): Steps<Verdict> {
  const { program, fails, bindings, authorizer, meter } = subject;
  const withAuthorizer = { ...bindings, ...authorizer };
  const matched = yield* matchSteps(program.conditions, program.variables, withAuthorizer, meter);
  if ('error' in matched) return failed(matched.error, fails);
  if (!matched.matches) return PASSED;
  const row = new Row(program.variables, withAuthorizer, BUDGET, meter);
  const expressions = program.validations.map(({ expression }) => expression);
  const evaluated = yield* evaluateAll(row, expressions);
  if ('exhausted' in evaluated) return failed(evaluated.exhausted, fails);
  const denials = yield* denialsOf(subject, evaluated.results, row.remaining);
  const annotated = yield* annotate(subject);
  return 'exhausted' in annotated ? failed(annotated.exhausted, fails) : { ...annotated, denials };
}

function failed(message: string, fails: 'Ignore' | 'Fail'): Verdict {
  return fails === 'Ignore' ? PASSED : { ...PASSED, denials: [{ message, reason: undefined, index: 0 }] };
}

/** Upstream computes messages for every request; here only when one is refused. */
function* denialsOf(
  { program, fails, bindings, meter }: Subject,
  results: readonly (Result | undefined)[],
  budget: number,
): Steps<readonly Denial[]> {
  if (results.every((result) => result?.ok === true && result.value === true)) return [];
  const row = new Row(program.variables, bindings, budget, meter);
  const expressions = program.validations.map(({ message }) => message);
  const messages = yield* evaluateAll(row, expressions);
  const exhausted = 'exhausted' in messages ? `failed messageExpression: ${messages.exhausted}` : undefined;
  return program.validations.flatMap((validation, index): readonly Denial[] => {
    const result = results[index];
    const error = result?.ok === false ? result.error : exhausted;
    if (error !== undefined) return fails === 'Ignore' ? [] : [{ message: error, reason: undefined, index }];
    if (result?.ok === true && result.value === true) return [];
    const computed = 'results' in messages ? messages.results[index] : undefined;
    return [{ message: messageOf(validation, computed), reason: validation.validation.reason, index }];
  });
}

function messageOf({ validation }: CompiledValidation, computed: Result | undefined): string {
  const text = computed?.ok === true ? usableMessage(computed.value) : '';
  if (text !== '') return text;
  const { message = '', expression } = validation;
  return message === '' ? `failed expression: ${expression.trim()}` : message.trim();
}

function usableMessage(value: CelValue): string {
  const text = typeof value === 'string' ? value.trim() : '';
  return text.includes('\n') || Buffer.byteLength(text) > MESSAGE_MAX ? '' : text;
}

type Annotated = Pick<Verdict, 'annotations' | 'annotationProblems'> | { readonly exhausted: string };

function* annotate({ program, fails, bindings, meter }: Subject): Steps<Annotated> {
  if (program.auditAnnotations.length === 0) return PASSED;
  const row = new Row(program.variables, bindings, BUDGET, meter);
  const expressions = program.auditAnnotations.map(({ expression }) => expression);
  const evaluated = yield* evaluateAll(row, expressions);
  if ('exhausted' in evaluated) return evaluated;
  const annotations = new Map<string, string>();
  const annotationProblems: string[] = [];
  for (const [i, annotation] of program.auditAnnotations.entries()) {
    const result = evaluated.results[i];
    const said = result === undefined ? undefined : annotationText(annotation, result);
    if (said === undefined) continue;
    if ('text' in said) annotations.set(annotation.key, said.text);
    else if (fails === 'Fail' || result?.ok === true) annotationProblems.push(said.problem);
  }
  return { annotations, annotationProblems };
}

/** Undefined: there is nothing to say. */
function annotationText(
  { expression }: CompiledAnnotation,
  result: Result,
): { readonly text: string } | { readonly problem: string } | undefined {
  if (!result.ok) return { problem: result.error };
  if (result.value === null) return undefined;
  if (typeof result.value === 'string') {
    const text = result.value.trim();
    return text === '' ? undefined : { text };
  }
  const what = `valueExpression '${expression.text}' resulted in unsupported return type`;
  return { problem: `${what}. Return type must be either string or null.` };
}
